package rosbag

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/ros"
)

// Name is the format's name.
const Name = "rosbag"

const (
	family = "#ROSBAG V"
	magic  = family + "2.0\n"
)

func init() {
	events.RegisterFormat(&events.Format{
		Name:        Name,
		Description: "ROS 1 bag, version 2.0, with EventPacket or EventArray messages",
		Extension:   ".bag",
		Detect:      detect,
		NewReader:   newReader,
	})
}

func detect(head []byte, _ int64) error {
	switch {
	case bytes.HasPrefix(head, []byte(magic)):
		return nil
	case bytes.HasPrefix(head, []byte(family)):
		rest := head[len(family):]
		version, _, _ := bytes.Cut(rest[:min(len(rest), 8)], []byte("\n"))
		return fmt.Errorf("its version is %q", version)
	default:
		return errors.New("no #ROSBAG V2.0 at its start")
	}
}

func newReader(r io.Reader, geometry events.Geometry) (events.Reader, error) {
	b, err := newBag(r)
	if err != nil {
		return nil, err
	}
	return ros.NewReader(b, Name, geometry)
}
