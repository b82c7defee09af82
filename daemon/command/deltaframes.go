package command

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"

	"github.com/saccade-dev/saccade/features/delta/npz"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// framesNames are the arrays of an archive that hold frames, the first that is there, where
// there are several arrays.
var framesNames = []string{"frames", "input"}

// loadArray reads the header of an .npy file, or of an .npz archive that of the array of
// one of the names or of the only one.
func loadArray(path string, names ...string) (*npz.Array, error) {
	archived, err := isArchive(path, npz.MaxBytes)
	if err != nil {
		return nil, err
	}
	if !archived {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		a, err := npz.ReadArray(b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return a, nil
	}
	archive, err := npz.Load(path)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if a := archive[name]; a != nil {
			return a, nil
		}
	}
	found := archive.Names()
	if len(found) != 1 {
		return nil, fmt.Errorf("%s: expected an array %s, or one array alone, found %q", path, strings.Join(names, " or "), found[:min(len(found), maxLines)])
	}
	return archive[found[0]], nil
}

// isArchive tells whether a file of a size that is read is a numpy archive, which is a ZIP file.
func isArchive(path string, most int64) (bool, error) {
	start, err := startOf(path, most)
	return string(start) == "PK", err
}

// startOf gives the first two bytes of a file of a size that is read.
func startOf(path string, most int64) (start []byte, err error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() || st.Size() > most {
		return nil, fmt.Errorf("%s: expected a file of at most %d bytes, found a larger one, a folder or something else", path, most)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	start = make([]byte, 2)
	n, err := io.ReadFull(f, start)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return start[:n], err
}

// frameFile is an array of frames, which are read one after the other, as often as they are gone
// through: the file may hold more than fits in memory.
type frameFile struct {
	path  string
	array *npz.Array
	in    topology.Input
	count int
	hold  int // how often each is given
}

// loadFrames opens frames of a network's input, levels by [step][channel][row][column];
// axes of one, and all but the first where a frame is flat in the file, may be left out, and
// the first where there is one frame alone. All levels are checked.
func loadFrames(path string, in topology.Input) (*frameFile, error) {
	a, err := loadArray(path, framesNames...)
	if err != nil {
		return nil, err
	}
	f := &frameFile{path: path, array: a, in: in, hold: 1}
	many := func(sizes []int) []int {
		return slices.DeleteFunc(slices.Clone(sizes), func(n int) bool { return n == 1 })
	}
	sizes := []int{in.Channels, in.Height, in.Width}
	fits := func(shape []int) bool {
		return slices.Equal(many(shape), many(sizes)) || slices.Equal(shape, []int{in.Len()})
	}
	switch {
	case len(a.Shape) > 0 && a.Shape[0] > 0 && fits(a.Shape[1:]):
		f.count = a.Shape[0]
	case len(a.Shape) > 0 && fits(a.Shape):
		f.count = 1
	default:
		return nil, fmt.Errorf("%s: expected frames [step %d %d %d], found an array of sizes %v", path, in.Channels, in.Height, in.Width, a.Shape)
	}
	if err := f.values(func(int, int64) error { return nil }); err != nil {
		return nil, fmt.Errorf("%s: levels of the input: %w", path, err)
	}
	return f, nil
}

// steps is how many times a frame is given.
func (f *frameFile) steps() int { return f.count * f.hold }

// values goes through the levels of all frames.
func (f *frameFile) values(take func(int, int64) error) error {
	return f.array.EachInt(int64(f.in.Min), int64(f.in.Max), take)
}

// each calls a function with every frame, as often as it is held. The frame is the function's
// until it returns.
func (f *frameFile) each(take func(step int, frame []int32) error) error {
	frame, step := make([]int32, f.in.Len()), 0
	return f.values(func(i int, v int64) error {
		at := i % len(frame)
		if frame[at] = int32(v); at < len(frame)-1 {
			return nil
		}
		for range f.hold {
			if err := take(step, frame); err != nil {
				return err
			}
			step++
		}
		return nil
	})
}

// errEnough ends going through frames before their end.
var errEnough = errors.New("no more frames are wanted")

// all are the frames as a sequence, which leaves an error that is not the end of it in err.
func (f *frameFile) all(err *error) iter.Seq[[]int32] {
	return func(yield func([]int32) bool) {
		e := f.each(func(_ int, frame []int32) error {
			if !yield(frame) {
				return errEnough
			}
			return nil
		})
		if !errors.Is(e, errEnough) {
			*err = e
		}
	}
}
