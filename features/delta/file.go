package delta

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// MaxFileBytes is the largest file that is read.
const MaxFileBytes = 1 << 30

// Load reads a network from a file.
func Load(path string) (*Network, error) {
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !st.Mode().IsRegular():
		return nil, fmt.Errorf("%s: expected a file of a delta network, found a folder or something else", path)
	case st.Size() > MaxFileBytes:
		return nil, fmt.Errorf("%s: expected a file of at most %d bytes, found %d", path, MaxFileBytes, st.Size())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	n := new(Network)
	if err := n.UnmarshalBinary(b); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return n, nil
}

// Save writes the network to a file, which is either written whole or left as it was.
func (n *Network) Save(path string) (err error) {
	b, err := n.MarshalBinary()
	if err != nil {
		return err
	}
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
	_, err = f.Write(b)
	if err == nil {
		// Without it a crash soon after can leave the new name on an empty file.
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// createBeside makes a new file in the folder of path, which, unlike one of
// os.CreateTemp, whoever the user's umask lets may read.
func createBeside(path string) (*os.File, error) {
	dir, name := filepath.Split(path)
	for range 100 {
		f, err := os.OpenFile(filepath.Join(dir, fmt.Sprintf(".%s.%08x", name, rand.Uint32())), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		var pe *fs.PathError
		if errors.As(err, &pe) {
			// The temporary name would tell nobody anything.
			return nil, &fs.PathError{Op: "create", Path: path, Err: pe.Err}
		}
		return f, err
	}
	return nil, fmt.Errorf("%s: no free name for a temporary file beside it", path)
}
