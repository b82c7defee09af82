package sizing

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/sim/sensor"
)

// mixer reads recordings and puts known noise between their events. It is used by
// one goroutine at a time.
type mixer struct {
	geometry   events.Geometry
	background *sensor.Background
	packet     *events.Packet
	noise      []events.Event // that is due until the end of the packet
	mixed      []events.Event
	known      []bool // which of mixed are noise
}

// newMixer makes a mixer of noise at a rate in Hz a pixel, without hot pixels, which a
// feature or two of their own would be spent on.
func newMixer(g events.Geometry, rate float64) (*mixer, error) {
	c := sensor.DefaultConfig()
	c.NoiseRate, c.HotShare, c.HotRate = rate, 0, 0
	b, err := sensor.NewBackground(g, c, 0)
	if err != nil {
		return nil, err
	}
	return &mixer{geometry: g, background: b, packet: events.NewPacket(events.DefaultPacketEvents)}, nil
}

// each hands the events of a recording to do, in the order of time as far as the
// recording is, with noise among them: after its first event and before its last. Both
// slices of do have one length, and are good for the call only. The noise is decided by
// seed and the recording's times. Of events at one time, the recording's come first.
//
// A recording without events is an error, as is one that is damaged; do has then
// seen what stands before the damage.
func (m *mixer) each(ctx context.Context, path string, seed uint64, do func(in []events.Event, noise []bool) error) (err error) {
	f, err := events.Open(path, events.OpenOptions{Geometry: m.geometry})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	begun := false
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		rerr := f.Read(m.packet)
		if in := m.packet.Events; len(in) > 0 {
			if !begun {
				m.background.Begin(in[0].T, seed)
				begun = true
			}
			if err := m.mix(in); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			if err := do(m.mixed, m.known); err != nil {
				return err
			}
		}
		switch {
		case rerr == nil:
		case !errors.Is(rerr, io.EOF):
			return rerr
		case !begun:
			return fmt.Errorf("%s: the recording has no events", path)
		default:
			return nil
		}
	}
}

// mix merges a packet with the noise before its latest event: what is of the same time
// comes with the next packet, behind all that the recording has at that time.
func (m *mixer) mix(in []events.Event) error {
	last := in[0].T
	for _, e := range in {
		last = max(last, e.T)
	}
	var err error
	if m.noise, err = m.background.Until(last-1, m.noise[:0]); err != nil {
		return err
	}
	m.mixed, m.known = m.mixed[:0], m.known[:0]
	due := m.noise
	for _, e := range in {
		for len(due) > 0 && due[0].T < e.T {
			m.mixed, m.known = append(m.mixed, due[0]), append(m.known, true)
			due = due[1:]
		}
		m.mixed, m.known = append(m.mixed, e), append(m.known, false)
	}
	for _, e := range due { // only where time ran back
		m.mixed, m.known = append(m.mixed, e), append(m.known, true)
	}
	return nil
}
