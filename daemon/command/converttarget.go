package command

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/aedat4"
	"github.com/saccade-dev/saccade/features/wholefile"
)

// targetFormat is the format to write: that of the name, or else the only one that is written
// with the extension of the path.
func targetFormat(name, path string) (*events.Format, error) {
	if name != "" {
		f, err := events.FormatByName(name)
		if err == nil && f.NewWriter == nil {
			err = fmt.Errorf("%s is only read: %s", f.Name, written())
		}
		return f, err
	}
	if path == dash {
		return nil, fmt.Errorf("expected --format for the standard output: %s", written())
	}
	extension := filepath.Ext(path)
	var found []*events.Format
	var names []string
	for _, f := range events.Formats() {
		if f.NewWriter != nil && strings.EqualFold(f.Extension, extension) {
			found, names = append(found, f), append(names, f.Name)
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("%s: no format that is written has the extension %q: name one with --format: %s", path, extension, written())
	case 1:
		return found[0], nil
	default:
		return nil, fmt.Errorf("%s: %q may be %s: say which with --format", path, extension, strings.Join(names, " or "))
	}
}

// written lists the formats that are written, with their extensions.
func written() string {
	var names []string
	for _, f := range events.Formats() {
		if f.NewWriter != nil {
			names = append(names, fmt.Sprintf("%s (%s)", f.Name, f.Extension))
		}
	}
	slices.Sort(names)
	return "written are " + strings.Join(names, ", ")
}

// compressions are AEDAT 4's, by the names that --compression takes.
var compressions = map[string]aedat4.Compression{
	"": aedat4.LZ4, "none": aedat4.None, "lz4": aedat4.LZ4, "lz4-high": aedat4.LZ4High,
	"zstd": aedat4.ZSTD, "zstd-high": aedat4.ZSTDHigh,
}

func (c *convertCmd) checkCompression(target *events.Format) error {
	if _, ok := compressions[c.Compression]; !ok {
		return fmt.Errorf("--compression: expected none, lz4, lz4-high, zstd or zstd-high, found %q", c.Compression)
	}
	if c.Compression != "" && target.Name != aedat4.Name {
		return fmt.Errorf("--compression is of use with %s only, and %s is to be written", aedat4.Name, target.Name)
	}
	return nil
}

// newWriter makes the writer of the target.
func (c *convertCmd) newWriter(target *events.Format, w io.Writer, h events.Header) (events.Writer, error) {
	if target.Name == aedat4.Name {
		return aedat4.NewWriter(w, h, compressions[c.Compression])
	}
	return target.NewWriter(w, h)
}

// held is what a format keeps of a header: what a reader is told by a file without events. One
// that cannot be read without them keeps nothing.
func held(f *events.Format, h events.Header) events.Header {
	var b bytes.Buffer
	w, err := f.NewWriter(&b, h)
	if err != nil || w.Close() != nil {
		return events.Header{}
	}
	r, err := f.NewReader(&b, events.Geometry{})
	if err != nil {
		return events.Header{}
	}
	kept := r.Header()
	if teller, ok := r.(events.SourceTeller); ok {
		kept.Source = teller.Source()
	}
	return kept
}

// output is where a recording is written to, and how that ends.
type output struct {
	io.Writer
	commit, discard func() error
}

// create begins the file to write. It is there whole or not at all, but where it is no regular
// file: a pipe or a device is written to as it is.
func create(path string, stdout io.Writer) (*output, error) {
	nothing := func() error { return nil }
	if path == dash {
		return &output{stdout, nothing, nothing}, nil
	}
	// What a link names is replaced, and the link stays.
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if st, err := os.Stat(path); err == nil && !st.Mode().IsRegular() && !st.IsDir() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		return &output{f, f.Close, f.Close}, nil
	}
	f, err := wholefile.Create(path)
	if err != nil {
		return nil, err
	}
	return &output{f, f.Commit, f.Discard}, nil
}

var errOwnInput = errors.New("the file to write is the recording itself")

// overwrites tells whether the file to write is one that is read.
func overwrites(in, out string) error {
	if in == dash || out == dash {
		return nil
	}
	a, err := os.Stat(in)
	if err != nil {
		return nil //nolint:nilerr // Opening it says so.
	}
	if b, err := os.Stat(out); err == nil && a.Mode().IsRegular() && os.SameFile(a, b) {
		return fmt.Errorf("%s: %w", out, errOwnInput)
	}
	return nil
}
