package aedat4

import (
	"strings"

	"github.com/saccade-dev/saccade/events"
)

// ours is the source of files of which the camera is not known.
const ours = "saccade"

// Source is the camera of the events: DV writes its name, a '_' and its serial number.
func (r *reader) Source() events.Source {
	name := r.header.streams[r.stream].source
	if !r.chosen || name == ours {
		return events.Source{}
	}
	camera, serial := name, ""
	if i := strings.LastIndexByte(name, '_'); i >= 0 {
		camera, serial = name[:i], name[i+1:]
	}
	return events.Source{Camera: camera, Serial: serial}
}

// sourceName is what a file says of its camera.
func sourceName(s events.Source) string {
	switch s = s.Clean(); {
	case s == events.Source{Start: s.Start}:
		return ours
	case s.Serial == "" && !strings.Contains(s.Camera, "_"):
		return s.Camera
	default:
		return s.Camera + "_" + s.Serial
	}
}
