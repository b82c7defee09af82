package hil

import (
	"io"
	"math/rand/v2"

	"github.com/saccade-dev/saccade/events"
)

// stress is a stream that does to place and time whatever a stream may do, one phase after the other: edges and noise,
// one pixel over and over, corners and borders, places beyond the sensor, equal times, steps back, small and large,
// and pauses of up to half an hour.
type stress struct {
	g     events.Geometry
	rng   *rand.Rand
	left  int64
	t     int64
	phase int
	end   int64 // of the phase: the number of events left then
	at    int   // along the edge
}

// newStress makes recording number i of a seed, n events long.
func newStress(g events.Geometry, seed, i uint64, n int64) *stress {
	return &stress{g: g, rng: rand.New(rand.NewPCG(seed, i)), left: n, end: n}
}

// Header says nothing: the geometry is that of the layer.
func (s *stress) Header() events.Header { return events.Header{} }

// Skipped is nothing.
func (s *stress) Skipped() map[string]int64 { return nil }

// Read gives the next events.
func (s *stress) Read(p *events.Packet) error {
	p.Reset()
	if s.left == 0 {
		return io.EOF
	}
	for ; s.left > 0 && p.Room() > 0; s.left-- {
		p.Events = append(p.Events, s.next())
	}
	return nil
}

// The phases.
const (
	stressEdges = iota
	stressNoise
	stressOnePixel
	stressBorders
	stressOutside
	stressOneTime
	stressStepsBack
	stressPauses

	stressPhases
)

func (s *stress) next() events.Event {
	r := s.rng
	if s.left <= s.end {
		s.phase, s.end = r.IntN(stressPhases), s.left-1-r.Int64N(400)
		if r.IntN(2) == 0 {
			s.phase = stressEdges // what there is something to learn from
		}
	}
	x, y := r.IntN(s.g.Width), r.IntN(s.g.Height)
	step := r.Int64N(120)
	switch s.phase {
	case stressEdges:
		if s.at++; r.IntN(8) > 0 {
			x = (s.at/4 + r.IntN(3)) % s.g.Width
		}
	case stressOnePixel:
		x, y, step = s.g.Width/2, s.g.Height/2, r.Int64N(20_000)
	case stressBorders:
		x, y = r.IntN(2)*(s.g.Width-1), r.IntN(2)*(s.g.Height-1)
	case stressOutside:
		x, y = r.IntN(s.g.Width+40), r.IntN(s.g.Height+40)
	case stressOneTime:
		step = 0
	case stressStepsBack:
		if step = r.Int64N(3000) - 1400; r.IntN(150) == 0 {
			step = -r.Int64N(1 << 33)
		}
	case stressPauses:
		if r.IntN(60) == 0 {
			step = 1_000_000 + r.Int64N(1_800_000_000)
		}
	}
	s.t += step
	return events.Event{T: s.t, X: uint16(x), Y: uint16(y), P: events.Polarity(r.IntN(2))}
}
