package aedat2

import (
	"strings"

	"github.com/saccade-dev/saccade/events"
)

// layout is how an address holds an event.
type layout uint8

const (
	layoutUnknown layout = iota
	layoutDVS128
	layoutDAVIS
)

// chip is a sensor that jAER has a class for.
type chip struct {
	word   string // what its class's name has in it, in lower case
	class  string // as the line AEChip has it, where we write it
	layout layout
	size   events.Geometry
}

// chips are asked in this order, so that a longer word comes before one that it
// contains. Those that are written stand with their class, smallest first.
var chips = []chip{
	{"dvs128", "ch.unizh.ini.jaer.chip.retina.DVS128", layoutDVS128, events.Geometry{Width: dvsSide, Height: dvsSide}},
	{"davis128", "", layoutDAVIS, events.Geometry{Width: 128, Height: 128}},
	{"davis208", "", layoutDAVIS, events.Geometry{Width: 208, Height: 192}},
	{"davis240", "eu.seebetter.ini.chips.davis.DAVIS240C", layoutDAVIS, events.Geometry{Width: 240, Height: 180}},
	{"sbret10", "", layoutDAVIS, events.Geometry{Width: 240, Height: 180}},
	{"davis346", "eu.seebetter.ini.chips.davis.Davis346red", layoutDAVIS, events.Geometry{Width: 346, Height: 260}},
	{"davis640", "eu.seebetter.ini.chips.davis.Davis640", layoutDAVIS, events.Geometry{Width: 640, Height: 480}},
	{"davishet640", "", layoutDAVIS, events.Geometry{Width: 640, Height: 480}},
	{"davisrgbw640", "", layoutDAVIS, events.Geometry{Width: 640, Height: 480}},
	// A DAVIS that is not known by its size.
	{"davis", "", layoutDAVIS, events.Geometry{}},
}

// mentioned finds the chip that a text names, or nil.
func mentioned(text string) *chip {
	text = strings.ToLower(text)
	for i := range chips {
		if strings.Contains(text, chips[i].word) {
			return &chips[i]
		}
	}
	return nil
}

// holding is the smallest chip whose files we write that a geometry fits on: a
// DVS128 only for its very own. It is nil where there is none.
func holding(g events.Geometry) *chip {
	for i := range chips {
		c := &chips[i]
		switch {
		case c.class == "":
		case c.layout == layoutDVS128 && g != c.size:
		case g.Width <= c.size.Width && g.Height <= c.size.Height:
			return c
		}
	}
	return nil
}
