package prophesee

import (
	"strings"

	"github.com/saccade-dev/saccade/events"
)

// Sizes of sensors in pixels, as Prophesee's pages of supported and discontinued
// products give them.
var (
	vga    = events.Geometry{Width: 640, Height: 480}
	hd     = events.Geometry{Width: 1280, Height: 720}
	square = events.Geometry{Width: 320, Height: 320}
)

// sensors are what the names of sensors and plugins hold, the longer names first.
var sensors = []struct {
	part     string
	geometry events.Geometry
}{
	{"genx320", square},
	{"imx636", hd},
	{"imx646", hd},
	{"gen31", vga},
	{"gen41", hd},
	{"gen3", vga},
	{"gen4", hd},
}

// guess is the size of the sensor that a header names; zero where it names none
// that is known.
func (h *Header) guess() events.Geometry {
	for _, keyword := range []string{"sensor_name", "plugin_name"} {
		name, _ := h.Value(keyword)
		name = strings.ToLower(name)
		for _, s := range sensors {
			if strings.Contains(name, s.part) {
				return s.geometry
			}
		}
	}
	for _, keyword := range []string{"sensor_generation", "generation"} {
		generation, _ := h.Value(keyword)
		switch major, _, _ := strings.Cut(generation, "."); major {
		case "3":
			return vga
		case "4":
			return hd
		}
	}
	return events.Geometry{}
}

// usual is the size of the sensor that the format of a name came with.
func usual(format string) events.Geometry {
	if strings.EqualFold(format, EVT2) {
		return vga
	}
	return hd
}
