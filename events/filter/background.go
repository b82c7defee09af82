package filter

import (
	"time"

	"github.com/saccade-dev/saccade/events"
)

// Background drops events that have no event near them, in space and time.
type Background struct {
	clock         // of the sensor with a border of one pixel around it, which never fires
	width, height int
	dt            uint32
}

// NewBackground makes a filter that keeps an event if one of the eight pixels around it had
// an event within dt, 1 µs to [MaxPeriod], in whole microseconds.
func NewBackground(g events.Geometry, dt time.Duration) (*Background, error) {
	if err := check(g, "background dt", dt); err != nil {
		return nil, err
	}
	return &Background{
		clock: clock{cells: make([]uint32, (g.Width+2)*(g.Height+2))},
		width: g.Width, height: g.Height, dt: uint32(dt / time.Microsecond),
	}, nil
}

// Keep tells whether the event is kept.
func (b *Background) Keep(e events.Event) bool {
	if int(e.X) >= b.width || int(e.Y) >= b.height {
		return true
	}
	s := b.stamp(e.T)
	stride := b.width + 2
	at := int(e.Y)*stride + int(e.X)
	nearest := around(b.cells, at, stride, s+b.dt)
	b.cells[at+stride+1] = s
	return nearest <= 2*b.dt
}

// around gives the least of s - cell, without sign, over the eight cells around one; at is
// the first of the nine.
func around(cells []uint32, at, stride int, s uint32) uint32 {
	r := cells[at : at+3 : at+3]
	least := min(s-r[0], s-r[1], s-r[2])
	r = cells[at+stride : at+stride+3 : at+stride+3]
	least = min(least, s-r[0], s-r[2])
	r = cells[at+2*stride : at+2*stride+3 : at+2*stride+3]
	return min(least, s-r[0], s-r[1], s-r[2])
}

// Reset forgets all events.
func (b *Background) Reset() { b.reset() }

// Run takes the events that are not kept out of a packet and tells how many they were.
func (b *Background) Run(p *events.Packet) (dropped int) {
	in, n := p.Events, 0
	for from := 0; from < len(in); from += block {
		n += b.run(in[n:], in[from:min(from+block, len(in))])
	}
	p.Events = in[:n]
	return len(in) - n
}

// run is as that of Refractory.
func (b *Background) run(out, in []events.Event) (n int) {
	base, ok := int64(0), within(in, b.width, b.height)
	if ok {
		base, ok = b.near(in)
	}
	if !ok {
		for i := range in {
			e := in[i]
			if b.Keep(e) {
				out[n] = e
				n++
			}
		}
		return n
	}
	cells, stride, dt := b.cells, b.width+2, b.dt
	limit := uint64(2 * dt)
	for i := range in {
		e := in[i]
		s := uint32(e.T - base)
		at := int(e.Y)*stride + int(e.X)
		// Without a branch, as it cannot be foretold: 1 where the nearest is not beyond the limit.
		keep := 1 - (limit-uint64(around(cells, at, stride, s+dt)))>>63
		cells[at+stride+1] = s
		out[n] = e
		n += int(keep)
	}
	return n
}
