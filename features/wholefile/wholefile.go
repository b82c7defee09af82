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
func Write(path string, data []byte) error {
	f, err := Create(path)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return errors.Join(err, f.Discard())
	}
	return f.Commit()
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
