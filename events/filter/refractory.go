package filter

import (
	"time"

	"github.com/saccade-dev/saccade/events"
)

// Refractory drops events that follow the last kept event of their pixel too soon.
type Refractory struct {
	clock
	width, height int
	period        uint32
}

// NewRefractory makes a filter that drops an event whose pixel had a kept event less than a
// period before, 1 µs to [MaxPeriod], in whole microseconds.
func NewRefractory(g events.Geometry, period time.Duration) (*Refractory, error) {
	if err := check(g, "refractory period", period); err != nil {
		return nil, err
	}
	return &Refractory{
		clock: clock{cells: make([]uint32, g.Width*g.Height)},
		width: g.Width, height: g.Height, period: uint32(period / time.Microsecond),
	}, nil
}

// Keep tells whether the event is kept.
func (r *Refractory) Keep(e events.Event) bool {
	if int(e.X) >= r.width || int(e.Y) >= r.height {
		return true
	}
	s := r.stamp(e.T)
	cell := &r.cells[int(e.Y)*r.width+int(e.X)]
	if s-*cell+(r.period-1) <= 2*(r.period-1) {
		return false
	}
	*cell = s
	return true
}

// Reset forgets all events.
func (r *Refractory) Reset() { r.reset() }

// Run takes the events that are not kept out of a packet and tells how many they were.
func (r *Refractory) Run(p *events.Packet) (dropped int) {
	in, n := p.Events, 0
	for from := 0; from < len(in); from += block {
		n += r.run(in[n:], in[from:min(from+block, len(in))])
	}
	p.Events = in[:n]
	return len(in) - n
}

// run moves the events of in that are kept to out, which may begin before in in the same
// memory, and tells how many they are.
func (r *Refractory) run(out, in []events.Event) (n int) {
	base, ok := r.on(in)
	if !ok {
		for i := range in {
			e := in[i]
			if r.Keep(e) {
				out[n] = e
				n++
			}
		}
		return n
	}
	cells, width := r.cells, r.width
	slack := r.period - 1
	limit := uint64(2 * slack)
	for i := range in {
		e := in[i]
		s := uint32(e.T - base)
		cell := &cells[int(e.Y)*width+int(e.X)]
		last := *cell
		// Without a branch, as it cannot be foretold: 1 where the distance is beyond the limit.
		keep := (limit - uint64(s-last+slack)) >> 63
		*cell = last ^ (last^s)&-uint32(keep)
		out[n] = e
		n += int(keep)
	}
	return n
}

// on gives base where all events are on the sensor and near each other.
func (r *Refractory) on(in []events.Event) (base int64, ok bool) {
	if !within(in, r.width, r.height) {
		return 0, false
	}
	return r.near(in)
}

// within tells whether all events are on a sensor.
func within(in []events.Event, width, height int) bool {
	var x, y uint16
	for i := range in {
		x, y = max(x, in[i].X), max(y, in[i].Y)
	}
	return int(x) < width && int(y) < height
}
