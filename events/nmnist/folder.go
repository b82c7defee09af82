package nmnist

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Recording is one file of a labelled folder.
type Recording struct {
	Path  string
	Label string // the name of the folder it lies in
}

// maxRecordings bounds a folder: N-MNIST's training half has 60,000.
const maxRecordings = 1 << 22

// Folder lists dir/<label>/*.bin in the order of label, then name. A folder with
// no recordings is an error, as is a label folder that cannot be read.
func Folder(dir string) ([]Recording, error) {
	labels, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []Recording
	for _, label := range labels {
		if strings.HasPrefix(label.Name(), ".") {
			continue
		}
		// A label's folder may lie elsewhere.
		if st, err := os.Stat(filepath.Join(dir, label.Name())); err != nil {
			return nil, err
		} else if !st.IsDir() {
			continue
		}
		files, err := os.ReadDir(filepath.Join(dir, label.Name()))
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if f.IsDir() || !strings.EqualFold(filepath.Ext(f.Name()), ".bin") || strings.HasPrefix(f.Name(), ".") {
				continue
			}
			out = append(out, Recording{Path: filepath.Join(dir, label.Name(), f.Name()), Label: label.Name()})
			if len(out) > maxRecordings {
				return nil, fmt.Errorf("%s: more than %d recordings", dir, maxRecordings)
			}
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: expected recordings as <label>/<name>.bin, found none", dir)
	}
	slices.SortFunc(out, func(a, b Recording) int {
		return cmp.Or(strings.Compare(a.Label, b.Label), strings.Compare(a.Path, b.Path))
	})
	return out, nil
}

// Set is the data set as it is published: a training and a test half.
type Set struct {
	Train, Test []Recording
}

// OpenSet lists dir/Train and dir/Test.
func OpenSet(dir string) (Set, error) {
	train, err := Folder(filepath.Join(dir, "Train"))
	if err != nil {
		return Set{}, fmt.Errorf("training half: %w", err)
	}
	test, err := Folder(filepath.Join(dir, "Test"))
	if err != nil {
		return Set{}, fmt.Errorf("test half: %w", err)
	}
	return Set{Train: train, Test: test}, nil
}
