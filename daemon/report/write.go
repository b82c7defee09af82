package report

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// file is a file of the report before it is written.
type file struct {
	name string
	data []byte
}

// Write draws a run into a folder, which it makes where it is not there, and
// gives the paths of the files it wrote: the pictures in the order of the page
// and report.html, which shows them all, last. Files of the same names are
// replaced, each at once and whole; other files are left alone, those of an
// earlier and longer run among them.
//
// A run whose parts do not fit together is an error that says where, and nothing
// is written. After any other error the files that were already written stay, and
// are named in files.
func Write(dir string, run Run) (files []string, err error) {
	if err := check(run); err != nil {
		return nil, err
	}
	rendered, err := render(cleaned(run))
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	for _, f := range rendered {
		path := filepath.Join(dir, f.name)
		if err := replace(path, f.data); err != nil {
			return files, fmt.Errorf("report: %w", err)
		}
		files = append(files, path)
	}
	return files, nil
}

// replace puts a file in place by writing another beside it and renaming that, so
// that nobody ever reads half of it.
func replace(path string, data []byte) (err error) {
	f, err := createBeside(path)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		// Without it a crash soon after can leave the new name on an empty file.
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// createBeside makes a new file in the folder of path. Unlike os.CreateTemp it
// leaves who may read the file to the user's umask: a report is made to be shown.
func createBeside(path string) (*os.File, error) {
	for range 100 {
		name := fmt.Sprintf("%s.%08x.tmp", path, rand.Uint32())
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, os.ErrExist) {
			return f, err
		}
	}
	return nil, fmt.Errorf("%s: no free name for a temporary file beside it", path)
}
