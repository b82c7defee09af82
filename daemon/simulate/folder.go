package simulate

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"github.com/saccade-dev/saccade/events"
)

// halves of a data set, as N-MNIST names them.
var halves = []string{"Train", "Test"}

// halfSeed is the seed of a half: no two seeds share one.
func halfSeed(seed uint64, half int) uint64 { return seed*2 + uint64(half) }

// folder is where a data set goes.
type folder struct {
	dir      string
	format   *events.Format
	geometry events.Geometry
	done     func() // may be nil
}

// file is a recording to be written.
type file struct {
	index  int
	label  string
	events []events.Event
}

// name is the file's, below its half.
func (f *folder) name(r file) string {
	return filepath.Join(r.label, fmt.Sprintf("%05d%s", r.index, f.format.Extension))
}

// write writes both halves, each of so many recordings as set gives, and tells the
// number of events.
func (f *folder) write(train, test int, set func(half, n int) (iter.Seq2[file, error], error)) (int64, error) {
	for _, half := range halves {
		if err := unused(filepath.Join(f.dir, half)); err != nil {
			return 0, err
		}
	}
	var total int64
	for half, n := range []int{train, test} {
		recordings, err := set(half, n)
		if err != nil {
			return total, err
		}
		// Also a half without recordings has its folder.
		dir := filepath.Join(f.dir, halves[half])
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return total, err
		}
		for r, err := range recordings {
			if err != nil {
				return total, err
			}
			path := filepath.Join(dir, f.name(r))
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				return total, err
			}
			if err := f.writeEvents(path, r.events); err != nil {
				return total, err
			}
			total += int64(len(r.events))
			if f.done != nil {
				f.done()
			}
		}
	}
	return total, nil
}

// unused tells whether a folder is not there, or empty.
func unused(dir string) error {
	found, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(found) > 0:
		return fmt.Errorf("%s: expected no recordings yet, found %s: take another folder, or remove this one", dir, found[0].Name())
	}
	return nil
}

// writeEvents writes a recording.
func (f *folder) writeEvents(path string, in []events.Event) error {
	return writeFile(path, func(out *os.File) error {
		w, err := f.format.NewWriter(out, events.Header{Format: f.format.Name, Geometry: f.geometry})
		if err != nil {
			return err
		}
		if err := errors.Join(w.Write(in), w.Close()); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
}

// writeFile writes a file that has its name once it is whole. The folder is ours and new,
// so that nobody else takes the name that it has before.
func writeFile(path string, content func(*os.File) error) (err error) {
	dir, base := filepath.Split(path)
	part := filepath.Join(dir, "."+base+".part")
	out, err := os.Create(part)
	if err != nil {
		return err
	}
	if err = errors.Join(content(out), out.Close()); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return os.Rename(part, path)
}
