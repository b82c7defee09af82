package formattest

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// update writes the corpora anew: go test ./events/evt3 -run TestCorpus -update.
var update = flag.Bool("update", false, "write the conformance corpora below testdata again")

// File is a file of a corpus, as its generator makes it: the bytes, and beside them, from
// the same draw and not from the bytes, what they mean.
type File struct {
	Name  string // of the file
	About string // what decoders trip over in it
	// Format is the name of the format that knows the file; Message is set instead
	// for a message.
	Format  string
	Message *Message
	Data    []byte
	// Loose is set where the bytes are those of a library, which may change: a
	// compressor's. The file that is stored counts then.
	Loose bool

	Geometry events.Geometry // zero where the file does not say
	Events   []events.Event
	// Damaged is how many pieces of damage are read on behind.
	Damaged int
	// Cut is set where the file's end is damage.
	Cut bool
	// Triggers go into the manifest as they are, unless nil. See Watch.
	Triggers any

	// Watch, if any, is given each reader before it is read; what it gives is called
	// behind the end, to compare what the reader told on the way.
	Watch func(t *testing.T, r events.Reader) (behind func())
}

// Message says how a message of a corpus is read.
type Message struct {
	Encoding string
	Geometry events.Geometry
	TimeBase int64 // ns
}

// Corpus sees that the files in a folder are those that the generator makes, byte for
// byte, that they are read as what was meant, however they are cut, and that the
// folder's corpus.json says so. With -update it writes them.
func Corpus(t *testing.T, dir string, files []File) {
	t.Helper()
	manifest := make([]Entry, 0, len(files))
	for _, f := range files {
		path := filepath.Join(dir, f.Name)
		if *update {
			require.NoError(t, os.MkdirAll(dir, 0o755))
			if stored, err := os.ReadFile(path); err != nil || !bytes.Equal(stored, f.Data) {
				require.NoError(t, os.WriteFile(path, f.Data, 0o644))
			}
		}
		stored, err := os.ReadFile(path)
		require.NoError(t, err)
		require.True(t, f.Loose || bytes.Equal(f.Data, stored), "%s is not what the generator makes", f.Name)
		c := f.read(t, stored)
		want := f.Events
		if want == nil {
			want = []events.Event{}
		}
		require.Equal(t, want, append([]events.Event{}, c.Events...), f.Name)
		require.Len(t, c.Damage, f.Damaged, f.Name)
		require.Equal(t, f.Cut, c.Cut() != nil, "%s: %v", f.Name, c.End)
		require.Equal(t, f.Geometry, c.Header.Geometry, f.Name)
		manifest = append(manifest, entry(f, c))
	}
	checkManifest(t, filepath.Join(dir, "corpus.json"), manifest)
	checkFolder(t, dir, files)
}

// read reads a stored file in every way, of which the same must come.
func (f File) read(t *testing.T, stored []byte) *Content {
	t.Helper()
	if f.Message != nil {
		return f.decode(t, stored)
	}
	require.Equal(t, f.Format, Detected(t, stored), f.Name)
	var first *Content
	for _, capacity := range []int{64, 1, 13, events.DefaultPacketEvents} {
		for _, src := range []io.Reader{bytes.NewReader(stored), iotest.OneByteReader(bytes.NewReader(stored)), iotest.DataErrReader(bytes.NewReader(stored))} {
			r := NewReader(t, f.Format, src, events.Geometry{})
			var behind func()
			if f.Watch != nil {
				behind = f.Watch(t, r)
			}
			c := content(t, r, capacity)
			if behind != nil {
				behind()
			}
			if first == nil {
				first = c
			}
			require.Equal(t, first, c, "%s in packets of %d", f.Name, capacity)
		}
	}
	return first
}

// decode does the same for a message.
func (f File) decode(t *testing.T, stored []byte) *Content {
	t.Helper()
	h := events.MessageHeader{Geometry: f.Message.Geometry, TimeBase: f.Message.TimeBase}
	var first *Content
	for _, capacity := range []int{64, 1, 13, events.DefaultPacketEvents} {
		c := &Content{Header: events.Header{Format: f.Message.Encoding, Geometry: f.Geometry}, End: io.EOF, Skipped: map[string]int64{}}
		in, damage := DecodeAll(t, Encoding(t, f.Message.Encoding).NewDecoder(), h, stored, capacity)
		c.Events = in
		for i := range damage {
			c.Damage = append(c.Damage, &damage[i])
		}
		if first == nil {
			first = c
		}
		require.Equal(t, first, c, "%s in packets of %d", f.Name, capacity)
	}
	return first
}

// checkFolder sees that nothing lies in the folder that the generator does not make.
func checkFolder(t *testing.T, dir string, files []File) {
	t.Helper()
	known := map[string]bool{"corpus.json": true, "fuzz": true}
	for _, f := range files {
		require.False(t, known[f.Name], "%s is there twice", f.Name)
		known[f.Name] = true
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		require.True(t, known[e.Name()], "%s: the generator does not make it", e.Name())
	}
}
