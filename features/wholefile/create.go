package wholefile

import (
	"errors"
	"fmt"
	"os"
)

// File is a file that is being written beside the one that it will be. Its user ends it
// with Commit or Discard.
type File struct {
	*os.File
	path string
}

// Create begins a file. Until it is committed nothing is to be seen of it under its name,
// and a file that is there stays as it is. A folder of that name is an error.
func Create(path string) (*File, error) {
	// os.Rename would say so too, but only in its own words for a temporary name.
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		return nil, fmt.Errorf("%s: expected a file to write, found a folder", path)
	}
	f, err := createBeside(path)
	if err != nil {
		return nil, err
	}
	return &File{f, path}, nil
}

// Commit puts the file in place. Where that fails the file is discarded.
func (f *File) Commit() error {
	// Without it a crash soon after can leave the new name on an empty file.
	err := errors.Join(f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), f.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// Discard removes what has been written.
func (f *File) Discard() error { return errors.Join(f.Close(), os.Remove(f.Name())) }
