package mcap

import (
	"errors"
	"io"
	"strings"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/ros"
)

// Name is the format's name.
const Name = "mcap"

func init() {
	events.RegisterFormat(&events.Format{
		Name:        Name,
		Description: "MCAP, bags of ROS 2 (and ROS 1)",
		Extension:   ".mcap",
		Detect:      detect,
		NewReader:   newReader,
	})
}

func detect(head []byte, _ int64) error {
	const name = "\x89MCAP"
	switch {
	case strings.HasPrefix(string(head), magic), strings.HasPrefix(string(head), ros.ZstdMagic):
		return nil // what is compressed as a whole shows only when it is read
	case strings.HasPrefix(string(head), name):
		return errors.New("its version is not 0")
	default:
		return errors.New("no MCAP at its start")
	}
}

func newReader(r io.Reader, g events.Geometry) (events.Reader, error) {
	src, err := newSource(r)
	if err != nil {
		return nil, err
	}
	return ros.NewReader(src, Name, g)
}
