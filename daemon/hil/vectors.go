package hil

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/saccade-dev/saccade/features/wholefile"
)

// Vectors are a run for a test bench that cannot compute what is expected: what a device is told, what it is sent, and
// what it must answer and hold in the end. [Record] makes them.
type Vectors struct {
	Manifest Manifest
	// Config are registers and what is written to them, in turn: [address, value, ...].
	Config []uint32
	// What the window is given ahead of the stream, and holds behind it, from the first place on.
	WeightsIn, ThresholdsIn               []uint32
	WeightsOut, ThresholdsOut, SurfaceOut []uint32
	// Stimulus are the words of the event stream, the last of which are a mark; Expected those of the results.
	Stimulus, Expected []uint32
}

// Manifest says what vectors are of.
type Manifest struct {
	Format  string `json:"format"` // VectorFormat
	Version int    `json:"version"`
	Name    string `json:"name"`

	Width    int  `json:"width"`
	Height   int  `json:"height"`
	Banks    int  `json:"banks"`
	Neurons  int  `json:"neurons"` // of each bank
	Side     int  `json:"side"`    // of the patch
	Learning bool `json:"learning"`
	Detail   bool `json:"detail"` // three words a result: number and winner, dot product, norm

	Events     int64    `json:"events"`
	Recordings []string `json:"recordings"`
	Files      []File   `json:"files"`
}

// File is one of the files of vectors.
type File struct {
	Name   string `json:"name"`
	What   string `json:"what"`
	Words  int    `json:"words"`
	SHA256 string `json:"sha256"`
}

// VectorFormat and VectorVersion are what a manifest begins with.
const (
	VectorFormat  = "saccade hil vectors"
	VectorVersion = 1

	// ManifestName is the manifest's file.
	ManifestName = "manifest.json"

	maxManifest = 16 << 20
	maxHexBytes = MaxWords * 16
)

// part is one of the files, and where its words are.
type part struct {
	name, what string
	words      *[]uint32
	comment    func(i int) string
}

func (v *Vectors) parts() []part {
	return []part{
		{"config.hex", "configuration: the address of a register, and what is written to it, in turn", &v.Config, func(i int) string {
			return [...]string{"address", "value"}[i%2]
		}},
		{"weights_in.hex", "master weights ahead of the stream, through window 0 from place 0 on", &v.WeightsIn, nil},
		{"thresholds_in.hex", "thresholds ahead of the stream, through window 1 from place 0 on", &v.ThresholdsIn, nil},
		{"stimulus.hex", "words of the event stream; the last two are a mark", &v.Stimulus, nil},
		{"expected.hex", "words of the result stream; the last is the answer to the mark", &v.Expected, nil},
		{"weights_out.hex", "master weights behind the stream, as window 0 shows them", &v.WeightsOut, nil},
		{"thresholds_out.hex", "thresholds behind the stream, as window 1 shows them", &v.ThresholdsOut, nil},
		{"surface_out.hex", "stamps behind the stream, as window 2 shows them", &v.SurfaceOut, nil},
	}
}

// Write puts the files of vectors into a folder, which it makes where it is not there; the manifest last.
func (v *Vectors) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	v.Manifest.Files = nil
	for _, p := range v.parts() {
		text := appendWords(nil, p.what, *p.words, p.comment)
		if err := wholefile.Write(filepath.Join(dir, p.name), text); err != nil {
			return err
		}
		v.Manifest.Files = append(v.Manifest.Files, File{Name: p.name, What: p.what, Words: len(*p.words), SHA256: digest(text)})
	}
	text, err := json.MarshalIndent(v.Manifest, "", "  ")
	if err != nil {
		return err
	}
	return wholefile.Write(filepath.Join(dir, ManifestName), append(text, '\n'))
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// ReadVectors reads vectors from a folder. Errors say which file and line, what was expected and what was found.
func ReadVectors(dir string) (*Vectors, error) {
	path := filepath.Join(dir, ManifestName)
	text, err := readFile(path, maxManifest)
	if err != nil {
		return nil, err
	}
	v := &Vectors{}
	if v.Manifest, err = parseManifest(text); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for i, p := range v.parts() {
		f := v.Manifest.Files[i]
		path := filepath.Join(dir, p.name)
		text, err := readFile(path, maxHexBytes)
		if err != nil {
			return nil, err
		}
		if sum := digest(text); sum != f.SHA256 {
			return nil, fmt.Errorf("%s: expected the file with SHA-256 %s, found %s", path, f.SHA256, sum)
		}
		if *p.words, err = parseWords(text); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if n := len(*p.words); n != f.Words {
			return nil, fmt.Errorf("%s: expected %d words, found %d", path, f.Words, n)
		}
	}
	return v, v.check()
}

func parseManifest(text []byte) (Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return m, err
	}
	if m.Format != VectorFormat || m.Version != VectorVersion {
		return m, fmt.Errorf("expected %q of version %d, found %q of version %d", VectorFormat, VectorVersion, m.Format, m.Version)
	}
	parts := new(Vectors).parts()
	if len(m.Files) != len(parts) {
		return m, fmt.Errorf("files: expected %d, found %d", len(parts), len(m.Files))
	}
	for i, p := range parts {
		if m.Files[i].Name != p.name {
			return m, fmt.Errorf("files[%d]: expected %s, found %q", i, p.name, m.Files[i].Name)
		}
	}
	for _, of := range []struct {
		name    string
		v, most int
	}{{"width", m.Width, 1 << 15}, {"height", m.Height, 1 << 15}, {"banks", m.Banks, 2}, {"neurons", m.Neurons, 1 << 15}, {"side", m.Side, 255}} {
		if of.v < 1 || of.v > of.most {
			return m, fmt.Errorf("%s: expected 1 to %d, found %d", of.name, of.most, of.v)
		}
	}
	return m, nil
}

// check holds the lengths against what the manifest says of the layer.
func (v *Vectors) check() error {
	m := &v.Manifest
	features := int64(m.Banks) * int64(m.Neurons)
	for _, of := range []struct {
		name string
		n    int
		want int64
	}{
		{"weights_in.hex", len(v.WeightsIn), features * int64(m.Side*m.Side)},
		{"weights_out.hex", len(v.WeightsOut), features * int64(m.Side*m.Side)},
		{"thresholds_in.hex", len(v.ThresholdsIn), features},
		{"thresholds_out.hex", len(v.ThresholdsOut), features},
		{"surface_out.hex", len(v.SurfaceOut), int64(m.Banks) * int64(m.Width) * int64(m.Height)},
	} {
		if int64(of.n) != of.want {
			return fmt.Errorf("%s: expected %d words for the layer in %s, found %d", of.name, of.want, ManifestName, of.n)
		}
	}
	if len(v.Config)%2 != 0 {
		return fmt.Errorf("config.hex: expected pairs of address and value, found %d words", len(v.Config))
	}
	return nil
}

// readFile reads a file that is not larger than it may be.
func readFile(path string, most int64) (text []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	text, err = io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(text)) > most {
		err = errors.New("expected a smaller file")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return text, nil
}
