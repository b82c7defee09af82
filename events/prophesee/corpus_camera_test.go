package prophesee_test

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"math/rand/v2"

	"github.com/saccade-dev/saccade/events"
)

// camera makes a file of the corpus: words as a sensor sends them, and beside them,
// from the same draw and not from the words, what they mean.
type camera struct {
	*rand.Rand
	evt      string // of the header: 2.0, 2.1 or 3.0
	geometry events.Geometry
	legacy   bool // the order of bytes in EVT 2.1

	head, words []byte
	t           int64
	events      []events.Event
	triggers    []events.Trigger
	damage      int  // reports of damage that a reader gives and reads on behind
	cut         bool // the end is one more
}

func (c *camera) w16(kind, v uint16) { c.words = binary.LittleEndian.AppendUint16(c.words, kind<<12|v) }

func (c *camera) w32(v uint32) { c.words = binary.LittleEndian.AppendUint32(c.words, v) }

func (c *camera) w64(v uint64) {
	if c.legacy {
		v = bits.RotateLeft64(v, 32)
	}
	c.words = binary.LittleEndian.AppendUint64(c.words, v)
}

// high sends the high part of time, as sensors do again and again.
func (c *camera) high() {
	switch c.evt {
	case "2.0":
		c.w32(8<<28 | uint32(c.t>>6&(1<<28-1)))
	case "2.1":
		c.w64(8<<60 | uint64(c.t>>6&(1<<28-1))<<32)
	default:
		c.w16(8, uint16(c.t>>12&0xfff))
	}
}

// wait lets time pass, and sends each high part on the way, in steps of a quarter
// of a turn at the most.
func (c *camera) wait(us int64) {
	low, turn := int64(1)<<6, int64(1)<<34
	if c.evt == "3.0" {
		low, turn = 1<<12, 1<<24
	}
	until := c.t + us
	for until/low != c.t/low {
		step := max(low, min(turn/4, until-c.t)/low*low)
		c.t = min(until, (c.t+step)/low*low)
		c.high()
	}
	c.t = until
	if c.evt == "3.0" {
		c.w16(6, uint16(c.t&0xfff))
	}
}

func (c *camera) row(y int) {
	c.w16(0, uint16(y)|uint16(c.IntN(2))<<11) // of either camera
}

func (c *camera) keep(x, y int, on uint16) {
	c.events = append(c.events, events.Event{T: c.t, X: uint16(x), Y: uint16(y), P: events.Polarity(on)})
}

// single sends an event by itself.
func (c *camera) single() {
	x, y, on := c.IntN(c.geometry.Width), c.IntN(c.geometry.Height), uint16(c.IntN(2))
	c.keep(x, y, on)
	switch c.evt {
	case "2.0":
		c.w32(uint32(on)<<28 | uint32(c.t&63)<<22 | uint32(x)<<11 | uint32(y))
	case "2.1":
		aligned := x &^ 31
		c.w64(uint64(on)<<60 | uint64(c.t&63)<<54 | uint64(aligned)<<43 | uint64(y)<<32 | 1<<(x-aligned))
	default:
		c.row(y)
		c.w16(2, on<<11|uint16(x))
	}
}

// vector sends neighbours: in EVT 3.0 by words of 12 and 8 pixels, as given, with
// what between puts between them.
func (c *camera) vector(between func(), widths ...int) {
	y, on := c.IntN(c.geometry.Height), uint16(c.IntN(2))
	if c.evt == "2.1" {
		x, valid := 32*c.IntN(c.geometry.Width/32), c.Uint32()
		for i := range 32 {
			if valid>>i&1 == 1 {
				c.keep(x+i, y, on)
			}
		}
		c.w64(uint64(on)<<60 | uint64(c.t&63)<<54 | uint64(x)<<43 | uint64(y)<<32 | uint64(valid))
		return
	}
	x := c.IntN(c.geometry.Width - 80)
	c.row(y)
	between()
	c.w16(3, on<<11|uint16(x))
	for _, width := range widths {
		between()
		valid := uint16(c.IntN(1 << width))
		for i := range width {
			if valid>>i&1 == 1 {
				c.keep(x+i, y, on)
			}
		}
		if width == 12 {
			c.w16(4, valid)
		} else {
			c.w16(5, valid|uint16(c.IntN(16))<<8) // the bits that mean nothing
		}
		x += width
	}
}

func nothing() {}

// trigger sends an edge at a trigger input.
func (c *camera) trigger() {
	id, rising := c.IntN(8), c.IntN(2)
	c.triggers = append(c.triggers, events.Trigger{T: c.t, ID: uint8(id), Rising: rising == 1, After: int64(len(c.events))})
	switch c.evt {
	case "2.0":
		c.w32(10<<28 | uint32(c.t&63)<<22 | uint32(id)<<8 | uint32(rising))
	case "2.1":
		c.w64(10<<60 | uint64(c.t&63)<<54 | uint64(id)<<40 | uint64(rising)<<32)
	default:
		c.w16(10, uint16(id)<<8|uint16(rising))
	}
}

// extension sends a vendor's message of several words.
func (c *camera) extension() {
	switch c.evt {
	case "2.0":
		c.w32(14<<28 | c.Uint32()>>4)
		c.w32(15<<28 | c.Uint32()>>4)
	case "2.1":
		c.w64(14<<60 | c.Uint64()>>4)
		c.w64(15<<60 | c.Uint64()>>4)
	default:
		c.w16(14, uint16(c.IntN(1<<12)))
		c.w16(15, uint16(c.IntN(1<<12)))
		c.w16(15, uint16(c.IntN(1<<12)))
		c.w16(7, uint16(c.IntN(1<<12)))
	}
}

func (c *camera) padding(n int) {
	for range n {
		c.w16(9, 0x999)
	}
}

// file is the header and the words.
func (c *camera) file() []byte {
	if c.head == nil {
		name := map[string]string{"2.0": "EVT2", "2.1": "EVT21", "3.0": "EVT3"}[c.evt]
		options := ""
		if c.evt == "2.1" {
			options = ";endianness=" + map[bool]string{false: "little", true: "legacy"}[c.legacy]
		}
		c.head = fmt.Appendf(nil, "%% evt %s\n%% format %s;height=%d;width=%d%s\n%% geometry %dx%d\n%% end\n",
			c.evt, name, c.geometry.Height, c.geometry.Width, options, c.geometry.Width, c.geometry.Height)
	}
	return append(c.head, c.words...)
}
