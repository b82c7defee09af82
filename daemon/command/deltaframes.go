package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/saccade-dev/saccade/features/delta/npz"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// framesName is the array of an archive that holds frames, where there are several.
const framesName = "frames"

// loadArray reads an .npy file, or of an .npz archive the array of a name or the only one.
func loadArray(path, name string) (*npz.Array, error) {
	start, err := startOf(path, npz.MaxBytes)
	if err != nil {
		return nil, err
	}
	if string(start) != "PK" {
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
	if a := archive[name]; a != nil {
		return a, nil
	}
	names := archive.Names()
	if len(names) != 1 {
		return nil, fmt.Errorf("%s: expected an array %s, or one array alone, found %q", path, name, names[:min(len(names), maxLines)])
	}
	return archive[names[0]], nil
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

// loadFrames reads the frames of a network's input, levels by [step][channel][row][column];
// axes of one, and all but the first where a frame is flat in the file, may be left out.
func loadFrames(path string, in topology.Input) ([][]int32, error) {
	a, err := loadArray(path, framesName)
	if err != nil {
		return nil, err
	}
	many := func(sizes []int) []int {
		return slices.DeleteFunc(slices.Clone(sizes), func(n int) bool { return n == 1 })
	}
	sizes := []int{in.Channels, in.Height, in.Width}
	if len(a.Shape) < 1 || a.Shape[0] < 1 ||
		!slices.Equal(many(a.Shape[1:]), many(sizes)) && !slices.Equal(a.Shape[1:], []int{in.Len()}) {
		return nil, fmt.Errorf("%s: expected frames [step %d %d %d], found an array of sizes %v", path, in.Channels, in.Height, in.Width, a.Shape)
	}
	values, err := a.Ints(int64(in.Min), int64(in.Max))
	if err != nil {
		return nil, fmt.Errorf("%s: levels of the input: %w", path, err)
	}
	out := make([][]int32, a.Shape[0])
	for k := range out {
		out[k] = make([]int32, in.Len())
		for i := range out[k] {
			out[k][i] = int32(values[k*in.Len()+i])
		}
	}
	return out, nil
}
