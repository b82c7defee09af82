package report

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/saccade-dev/saccade/features/wholefile"
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
		if err := wholefile.Write(path, f.data); err != nil {
			return files, fmt.Errorf("report: %w", err)
		}
		files = append(files, path)
	}
	return files, nil
}
