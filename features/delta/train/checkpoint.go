package train

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"

	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/wholefile"
)

// A checkpoint is a training as it stands, little-endian:
//
//	"SACTRAIN" | version u32, 1
//	topology: length u32, text | options: length u32, JSON
//	worth of the input's levels f64
//	updates done, sequences, batches of the epoch so far u64
//	losses of the epoch so far: task, sparsity, L1 f64; correct, counted, changed, possible u64
//	number of numbers u64 | numbers f32 | the optimiser's moments, one or two for each, f32
//	number of steps u64 | steps f64 | their floors f64 | number of bounds u64 | bounds f64
//	CRC-32C of all before it u32
//
// The order of sequences and the weights in the beginning follow from the seed and the
// epoch, so that there is no state of a random source in it.
const (
	magic   = "SACTRAIN"
	version = 1
	// MaxFileBytes is the largest checkpoint that is read.
	MaxFileBytes = 1 << 32
	maxText      = 1 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// MarshalBinary gives the bytes of a checkpoint.
func (t *Trainer) MarshalBinary() ([]byte, error) {
	options, err := json.Marshal(t.options)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	n := t.net
	b := make([]byte, 0, 1<<12+4*len(n.numbers)*(1+len(t.moments))+16*len(n.steps))
	b = binary.LittleEndian.AppendUint32(append(b, magic...), version)
	for _, text := range [][]byte{[]byte(t.topology.String()), options} {
		b = append(binary.LittleEndian.AppendUint32(b, uint32(len(text))), text...)
	}
	b = appendFloats(b, n.input)
	for _, v := range []int{t.update, t.size, t.batches} {
		b = binary.LittleEndian.AppendUint64(b, uint64(v))
	}
	b = appendFloats(b, t.epoch.task, t.epoch.sparsity, t.epoch.l1)
	for _, v := range t.epoch.numbers() {
		b = binary.LittleEndian.AppendUint64(b, *v)
	}
	b = binary.LittleEndian.AppendUint64(b, uint64(len(n.numbers)))
	for _, list := range append([][]float32{n.numbers}, t.moments...) {
		for _, v := range list {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
	}
	b = binary.LittleEndian.AppendUint64(b, uint64(len(n.steps)))
	b = appendFloats(appendFloats(b, n.steps...), n.floors...)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(n.bounds)))
	b = appendFloats(b, n.bounds...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli)), nil
}

func appendFloats(b []byte, values ...float64) []byte {
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return b
}

func (s *sums) numbers() []*uint64 {
	return []*uint64{&s.correct, &s.counted, &s.changed, &s.possible}
}

// Restore makes the trainer of a checkpoint, which goes on with the bits of a training that
// was never interrupted. What cannot be one is an error that says at which byte.
func Restore(b []byte) (*Trainer, error) {
	t, err := restore(b)
	if err != nil {
		return nil, fmt.Errorf("train: checkpoint: %w", err)
	}
	return t, nil
}

func restore(b []byte) (*Trainer, error) {
	head := len(magic) + 4
	switch {
	case !bytes.HasPrefix(b, []byte(magic)):
		return nil, fmt.Errorf("at byte 0: expected %q, found %q", magic, b[:min(len(b), len(magic))])
	case len(b) < head+4:
		return nil, fmt.Errorf("at byte %d: expected a version and a checksum, found the end", len(b))
	}
	if v := binary.LittleEndian.Uint32(b[len(magic):]); v != version {
		return nil, fmt.Errorf("at byte %d: expected version %d, found %d", len(magic), version, v)
	}
	end := len(b) - 4
	if want, got := binary.LittleEndian.Uint32(b[end:]), crc32.Checksum(b[:end], castagnoli); want != got {
		return nil, fmt.Errorf("at byte %d: it is damaged: expected checksum %08x, found %08x", end, want, got)
	}
	d := decoder{b: b[:end], at: head}
	top, err := topology.Parse(d.text(), "")
	if d.err == nil && err != nil {
		return nil, err
	}
	var o Options
	if text := d.text(); d.err == nil {
		strict := json.NewDecoder(bytes.NewReader(text))
		strict.DisallowUnknownFields()
		if err := strict.Decode(&o); err != nil {
			return nil, fmt.Errorf("options: %w", err)
		}
		if _, err := strict.Token(); !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("options: expected one object, found more behind it")
		}
	}
	if d.err != nil {
		return nil, d.err
	}
	// Before anything is made for the topology, it must be one that the bytes have numbers for.
	if err := fits(top, o.complete(), len(b)); err != nil {
		return nil, err
	}
	t, err := newTrainer(top, o)
	if err != nil {
		return nil, err
	}
	if d.state(t); d.err == nil && d.at != end {
		d.fail("the end", fmt.Sprintf("%d bytes more", end-d.at))
	}
	if d.err != nil {
		return nil, d.err
	}
	return t, nil
}

// fits tells whether a checkpoint is large enough for the numbers of its network.
func fits(top *topology.Topology, o Options, size int) error {
	g, err := top.Resolve()
	if err != nil {
		return err
	}
	need := 0
	for i := range g.Nodes {
		n := &g.Nodes[i]
		need += 4 * n.WeightsLen() * (1 + o.Optimiser.moments())
		if n.Kind.Quantises() {
			need += 16 * n.Step.Of(n.Out)
		}
	}
	if need > size {
		return fmt.Errorf("at byte %d: expected %d bytes or more for the numbers of the topology, found the end", size, need)
	}
	return nil
}

// Fingerprint tells trainings apart: a SHA-256 of topology and options, those left out that
// change no result.
func (t *Trainer) Fingerprint() [32]byte {
	options, err := json.Marshal(t.options)
	if err != nil {
		panic(PanicOptions) // numbers and names only, which were checked
	}
	return sha256.Sum256(append([]byte(t.topology.String()+"\x00"), options...))
}

// PanicOptions is that options could not be written down, though they were checked.
const PanicOptions = "train: options that cannot be written"

// Save writes a checkpoint to a file, which is either written whole or left as it was.
func (t *Trainer) Save(path string) error {
	b, err := t.MarshalBinary()
	if err != nil {
		return err
	}
	return wholefile.Write(path, b)
}

// Load reads a checkpoint from a file.
func Load(path string) (*Trainer, error) {
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !st.Mode().IsRegular():
		return nil, fmt.Errorf("%s: expected a checkpoint of a training, found a folder or something else", path)
	case st.Size() > MaxFileBytes:
		return nil, fmt.Errorf("%s: expected a file of at most %d bytes, found %d", path, int64(MaxFileBytes), st.Size())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t, err := Restore(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}
