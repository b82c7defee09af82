package wholefile

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// Write puts a file in place by writing another beside it and renaming that, so that
// nobody ever reads half of it, whatever fails. A file of that name is replaced, a
// folder is an error.
func Write(path string, data []byte) (err error) {
	// os.Rename would say so too, but only in its own words for a temporary name.
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		return fmt.Errorf("%s: expected a file to write, found a folder", path)
	}
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
// leaves who may read the file to the user's umask.
func createBeside(path string) (*os.File, error) {
	dir, base := filepath.Split(path)
	for range 100 {
		f, err := os.OpenFile(filepath.Join(dir, fmt.Sprintf(".%s.%08x", base, rand.Uint32())), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		var pe *fs.PathError
		switch {
		case err == nil:
			return f, nil
		case errors.Is(err, fs.ErrExist):
			continue
		case errors.As(err, &pe):
			// The temporary name would tell nobody anything.
			return nil, &fs.PathError{Op: "create", Path: path, Err: pe.Err}
		default:
			return nil, err
		}
	}
	return nil, fmt.Errorf("%s: no free name for a temporary file beside it", path)
}
