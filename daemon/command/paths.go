package command

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/saccade-dev/saccade/events/nmnist"
)

// labelled lists the recordings of a folder of labels.
func labelled(dir string) ([]nmnist.Recording, error) {
	recordings, err := nmnist.Folder(dir)
	if err != nil {
		// The folder above is easily given in its place.
		for _, half := range []string{"Train", "Test"} {
			if st, serr := os.Stat(filepath.Join(dir, half)); serr == nil && st.IsDir() {
				return nil, fmt.Errorf("%w; is it %s?", err, filepath.Join(dir, half))
			}
		}
	}
	return recordings, err
}

// writable tells, before a long work begins, whether its result can be put in a
// file of this name.
func writable(path string) error {
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		return fmt.Errorf("%s: expected a file to write, found a folder", path)
	}
	st, err := os.Stat(filepath.Dir(path))
	if err == nil && !st.IsDir() {
		err = fmt.Errorf("%s: expected a folder, found a file", filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", path, err)
	}
	return nil
}
