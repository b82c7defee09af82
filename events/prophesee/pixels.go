package prophesee

import (
	"fmt"
	"math/bits"

	"github.com/saccade-dev/saccade/events"
)

// CoordinateBits is how many bits each encoding has for a coordinate, and
// MaxCoordinate the largest that fits.
const (
	CoordinateBits = 11
	MaxCoordinate  = 1<<CoordinateBits - 1
)

// Off marks the coordinates that lie off the sensor in the sum of a pixel and
// Pixels.Bias: a pixel is x in the low half and y in the high half of 32 bits.
const Off = (MaxCoordinate + 1) * 0x10001

// Pixels is the part of the plane that events may come from.
type Pixels struct {
	Bias          uint32 // what a coordinate lacks to overflow its bits when it lies outside
	Width, Height uint32 // MaxCoordinate+1 at the most
	geometry      events.Geometry
	guessed       bool
}

// Geometry is the sensor's size; the zero value while it is unknown.
func (p *Pixels) Geometry() events.Geometry { return p.geometry }

// SetGeometry says how large the sensor is; zero for unknown, which takes in all
// that the encoding can address. A size that is only guessed holds until an event
// contradicts it.
func (p *Pixels) SetGeometry(g events.Geometry, guessed bool) {
	p.geometry, p.guessed = g, guessed && g.Known()
	p.Width, p.Height = side(g, g.Width), side(g, g.Height)
	p.Bias = (MaxCoordinate + 1 - p.Width) | (MaxCoordinate+1-p.Height)<<16
}

func side(g events.Geometry, n int) uint32 {
	if !g.Known() {
		return MaxCoordinate + 1
	}
	return uint32(min(n, MaxCoordinate+1))
}

// Contradict drops a guessed size when a pixel that the encoding can address lies
// outside of it, and tells whether it did.
func (p *Pixels) Contradict(x, y uint32) bool {
	if !p.guessed || x > MaxCoordinate || y > MaxCoordinate {
		return false
	}
	p.SetGeometry(events.Geometry{}, false)
	return true
}

// Inside keeps the bits of valid whose pixels lie on the sensor: bit i is x+i in
// row y.
func (p *Pixels) Inside(valid, x, y uint32) uint32 {
	switch {
	case y >= p.Height || x >= p.Width:
		return 0
	case p.Width-x < 32:
		return valid & (1<<(p.Width-x) - 1)
	default:
		return valid
	}
}

// Outside is the error for events off the sensor: bit i of lost is x+i in row y.
func (p *Pixels) Outside(name string, offset int, lost, x, y uint32) *events.FormatError {
	first := x + uint32(bits.TrailingZeros32(lost))
	got := fmt.Sprintf("x %d, y %d", first, y)
	if n := bits.OnesCount32(lost); n > 1 {
		got = fmt.Sprintf("%d in row y %d, the first at x %d", n, y, first)
	}
	return &events.FormatError{
		Format: name, Offset: int64(offset),
		Want: fmt.Sprintf("an event within %dx%d pixels", p.Width, p.Height), Got: got,
	}
}
