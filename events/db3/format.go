package db3

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/internal/source"
	"github.com/saccade-dev/saccade/events/ros"
)

// Name is the format's name.
const Name = "db3"

// maxStream bounds a database that comes as a stream and is kept in memory.
const maxStream = 256 << 20

func init() {
	events.RegisterFormat(&events.Format{
		Name:          Name,
		Description:   "ROS 2 bags in SQLite (rosbag2's sqlite3 storage)",
		Extension:     ".db3",
		Detect:        detect,
		NewReader:     newReader,
		NewFileReader: newFileReader,
	})
}

func detect(head []byte, _ int64) error {
	if !strings.HasPrefix(string(head), magic) {
		return errors.New("no SQLite format 3 at its start")
	}
	return nil
}

func newFileReader(r io.ReaderAt, size int64, g events.Geometry) (events.Reader, error) {
	src, err := NewSource(r, size)
	if err != nil {
		return nil, err
	}
	er, err := ros.NewReader(src, Name, g)
	if err != nil {
		return nil, errors.Join(err, src.Close())
	}
	return er, nil
}

// newReader keeps a stream in memory: a database is read here and there.
func newReader(r io.Reader, g events.Geometry) (events.Reader, error) {
	b, err := source.All(r, nil, maxStream)
	switch {
	case errors.Is(err, source.ErrMore):
		return nil, damaged(maxStream, fmt.Sprintf("a database of at most %d bytes, as it comes from a pipe", maxStream), "more: save it to a file first")
	case err != nil:
		return nil, err
	}
	return newFileReader(bytes.NewReader(b), int64(len(b)), g)
}
