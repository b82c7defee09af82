package events

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// File is an open recording.
type File struct {
	Reader
	Format *Format
	path   string
	f      *os.File
}

// OpenOptions say what a file does not say of itself.
type OpenOptions struct {
	Format   string   // a format's name; empty to find it out from the content
	Geometry Geometry // zero to take the file's own
	Topic    string   // of a ROS bag: the topic to read; empty for the first with events
}

// readBytes is how much is read of a file at a time: so much that the calls cost little beside decoding, and no
// less than readers take at a time, to which the bytes then go past this buffer.
const readBytes = 1 << 17

// Open opens a recording and finds out its format from its content.
func Open(path string, o OpenOptions) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	file, err := open(f, path, o)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return file, nil
}

func open(f *os.File, path string, o OpenOptions) (*File, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if st.IsDir() {
		return nil, fmt.Errorf("%s: is a folder, not a recording", path)
	}
	size := int64(-1)
	if st.Mode().IsRegular() {
		size = st.Size()
	}
	r := bufio.NewReaderSize(f, readBytes)
	head, err := r.Peek(DetectBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(head) == 0 {
		return nil, fmt.Errorf("%s: the file is empty: expected a recording", path)
	}
	var format *Format
	if o.Format != "" {
		if format, err = FormatByName(o.Format); err != nil {
			return nil, err
		}
		// Whoever names a format that has no signature knows better than its guess.
		if err := format.Detect(head, size); err != nil && !format.Weak {
			return nil, fmt.Errorf("%s: not %s: %w", path, format.Name, err)
		}
	} else if format, err = detect(head, size, filepath.Ext(path)); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	reader, err := newReader(format, f, r, size, o)
	if err != nil {
		return nil, withSource(err, path)
	}
	file := &File{Reader: reader, Format: format, path: path, f: f}
	if o.Topic == "" {
		return file, nil
	}
	topics, ok := reader.(TopicReader)
	if !ok {
		return nil, errors.Join(fmt.Errorf("%s: a file of %s has no topics, and %q is asked for", path, format.Name, o.Topic), file.closeReader())
	}
	if err := topics.SelectTopic(o.Topic); err != nil {
		return nil, errors.Join(withSource(err, path), file.closeReader())
	}
	return file, nil
}

// newReader makes the reader of a file of known size, or of a stream.
func newReader(format *Format, f io.ReaderAt, r io.Reader, size int64, o OpenOptions) (Reader, error) {
	switch {
	case format.NewFileReader != nil && size >= 0:
		return format.NewFileReader(f, size, o.Geometry)
	case format.NewReader == nil:
		return nil, fmt.Errorf("%s is read here and there in the file, so expected a regular file, found a pipe or device: save it to a file first", format.Name)
	default:
		return format.NewReader(r, o.Geometry)
	}
}

// Read reads as the format's reader does and puts the file's name into errors.
func (f *File) Read(p *Packet) error { return withSource(f.Reader.Read(p), f.path) }

// Close closes the reader, where it has something to close, and the file.
func (f *File) Close() error { return errors.Join(f.closeReader(), f.f.Close()) }

func (f *File) closeReader() error {
	if c, ok := f.Reader.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

func withSource(err error, path string) error {
	var fe *FormatError
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return err
	case errors.As(err, &fe) && fe.Source == "":
		named := *fe
		named.Source = path
		return &named
	default:
		return fmt.Errorf("%s: %w", path, err)
	}
}

// detect asks every format in turn, those without a signature last. When none knows the
// content, it says what that is as far as can be told, and why each format refused it: first those that the file's
// name speaks for, which has no other say in it.
func detect(head []byte, size int64, extension string) (*Format, error) {
	name, family := foreign(head)
	var named, others []string
	for _, f := range formats {
		if f.Weak && name != "" {
			break // what has a signature is nothing that has none
		}
		err := f.Detect(head, size)
		if err == nil {
			return f, nil
		}
		why := fmt.Sprintf("not %s: %v", f.Name, err)
		if strings.EqualFold(f.Extension, extension) {
			named = append(named, why)
		} else {
			others = append(others, why)
		}
	}
	why := slices.Concat(named, others)
	switch {
	case name == "":
		return nil, fmt.Errorf("no known recording format (%s)", strings.Join(why, "; "))
	case family:
		return nil, fmt.Errorf("looks like %s, but none that this version reads (%s)", name, strings.Join(why, "; "))
	default:
		return nil, fmt.Errorf("looks like %s, which this version does not read", name)
	}
}

// signatures of files that a user may well try. Formats that are read are asked before
// these are looked at; of a family of which some are, there are reasons to tell.
var signatures = []struct {
	prefix, name string
	family       bool
}{
	{prophesee, "a Prophesee RAW or DAT file", true},
	{"#!AER-DAT", "an AEDAT file", true},
	{"Event Stream", "an Event Stream file", true},
	{"\x89HDF\r\n", "an HDF5 file", false},
	{"SQLite format 3\x00", "an SQLite database", true},
	{"\x89MCAP", "an MCAP file", true},
	{"#ROSBAG", "a ROS 1 bag", true},
	{"#ROSRECORD", "a ROS 1 bag from before version 2.0", false},
	{"\x93NUMPY", "a numpy array", true},
	{"PK\x03\x04", "a zip archive", true},
	{"\x1f\x8b\x08", "a gzip file", false},
	{"\x89PNG", "a PNG picture", false},
}

// prophesee begins each line of a text header. The two bytes may as well be a
// pixel at the start of a format that has no signature, so that text must follow.
const prophesee = "% "

func foreign(head []byte) (name string, family bool) {
	for _, s := range signatures {
		rest, found := bytes.CutPrefix(head, []byte(s.prefix))
		if found && (s.prefix != prophesee || len(rest) > 0 && rest[0] > ' ' && rest[0] <= '~') {
			return s.name, s.family
		}
	}
	return "", false
}
