package hil

import (
	"context"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/sim/digits"
	"github.com/saccade-dev/saccade/sim/moving"
	"github.com/saccade-dev/saccade/sim/saccades"
)

// recordings are those of a simulator, made when they are read.
func (m *Simulator) recordings(g events.Geometry) ([]recording, error) {
	open, err := m.opener(g)
	if err != nil {
		return nil, err
	}
	out := make([]recording, m.Recordings)
	for i := range out {
		out[i] = recording{name: fmt.Sprintf("%s %d of seed %d", m.Kind, i, m.Seed), open: func(ctx context.Context) (events.Reader, error) {
			return open(ctx, i)
		}}
	}
	return out, nil
}

// opener gives what makes the recordings, by their numbers.
func (m *Simulator) opener(g events.Geometry) (func(ctx context.Context, i int) (events.Reader, error), error) {
	fonts, err := digits.NewFonts(digits.DefaultStyle())
	if err != nil {
		return nil, err
	}
	switch m.Kind {
	case Moving:
		c := moving.DefaultConfig()
		c.Geometry = g
		set, err := moving.NewDataSet(fonts, c, m.Recordings, m.Seed)
		return func(ctx context.Context, i int) (events.Reader, error) {
			r, err := set.Recording(ctx, i)
			return &made{left: r.Events}, err
		}, err
	case Saccades:
		set, err := saccades.NewDataSet(fonts, saccades.DefaultConfig(), m.Recordings, m.Seed)
		return func(ctx context.Context, i int) (events.Reader, error) {
			r, err := set.Recording(ctx, i)
			return &made{left: r.Events}, err
		}, err
	default:
		return func(_ context.Context, i int) (events.Reader, error) {
			return newStress(g, m.Seed, uint64(i), m.Events), nil
		}, nil
	}
}

// made is a recording that was made.
type made struct{ left []events.Event }

// Header says nothing: the geometry is what the recording was made for.
func (m *made) Header() events.Header { return events.Header{} }

// Skipped is nothing.
func (m *made) Skipped() map[string]int64 { return nil }

// Read gives the next events.
func (m *made) Read(p *events.Packet) error {
	p.Reset()
	if len(m.left) == 0 {
		return io.EOF
	}
	n := min(len(m.left), p.Room())
	p.Events = append(p.Events, m.left[:n]...)
	m.left = m.left[n:]
	return nil
}
