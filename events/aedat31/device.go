package aedat31

import (
	"strings"

	"github.com/saccade-dev/saccade/events"
)

// devices are what a source's line may name, a longer name before one that it begins
// with. The first of a geometry is the one that is written for it.
var devices = []struct {
	name string
	size events.Geometry
}{
	{"DVS128", events.Geometry{Width: 128, Height: 128}},
	{"EDVS", events.Geometry{Width: 128, Height: 128}},
	{"DAVIS128", events.Geometry{Width: 128, Height: 128}},
	{"DAVIS208", events.Geometry{Width: 208, Height: 192}},
	{"DAVIS240C", events.Geometry{Width: 240, Height: 180}},
	{"DAVIS240", events.Geometry{Width: 240, Height: 180}},
	{"DAVIS346B", events.Geometry{Width: 346, Height: 260}},
	{"DAVIS346", events.Geometry{Width: 346, Height: 260}},
	{"DAVIS640", events.Geometry{Width: 640, Height: 480}},
	{"DAVISHET640", events.Geometry{Width: 640, Height: 480}},
	{"DVXPLORER LITE", events.Geometry{Width: 320, Height: 240}},
	{"DVXPLORER_LITE", events.Geometry{Width: 320, Height: 240}},
	{"DVXPLORER", events.Geometry{Width: 640, Height: 480}},
	{"DVS132S", events.Geometry{Width: 132, Height: 104}},
}

// deviceSize is the geometry of the device that a source's line names, zero where it
// names none that is known.
func deviceSize(line string) events.Geometry {
	line = strings.ToUpper(strings.TrimSpace(line))
	for _, d := range devices {
		if strings.HasPrefix(line, d.name) {
			return d.size
		}
	}
	return events.Geometry{}
}

// deviceName is the device that has a geometry, or "" where there is none.
func deviceName(g events.Geometry) string {
	for _, d := range devices {
		if d.size == g {
			return d.name
		}
	}
	return ""
}
