package sensor

import (
	"context"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
)

// FormatName is the format in the header of simulated events.
const FormatName = "simulated"

// maxTime keeps every time of a recording, and sums of times, within int64 and
// exact in float64.
const maxTime = 1 << 52

// Reader is a simulated recording: an [events.Reader] over a sensor that watches
// a scene. It simulates as it is read and holds the events of one step at most.
type Reader struct {
	ctx     context.Context // of the recording, for events.Reader's Read has none
	sensor  *Sensor
	scene   Scene
	t, end  int64
	step    int64
	frame   []float32
	pending []events.Event
	taken   int
	err     error
}

var _ events.Reader = (*Reader)(nil)

// NewReader begins a recording of scene with s, from start to end microseconds;
// seed is as for [Sensor.Begin]. The sensor belongs to the reader until the
// recording ends. When ctx is done, Read returns its error.
//
// Errors: a scene of another geometry than the sensor's, times that are not in
// order or beyond 2^52, and those of the scene and the sensor for the first frame.
func NewReader(ctx context.Context, s *Sensor, scene Scene, start, end int64, seed uint64) (*Reader, error) {
	if g := scene.Geometry(); g != s.geometry {
		return nil, fmt.Errorf("sensor: a scene of %dx%d pixels before a sensor of %dx%d", g.Width, g.Height, s.geometry.Width, s.geometry.Height)
	}
	if end < start || start < -maxTime || end > maxTime {
		return nil, fmt.Errorf("sensor: a recording from %d to %d us: expected times in order and within %d us", start, end, int64(maxTime))
	}
	r := &Reader{
		ctx: ctx, sensor: s, scene: scene, t: start, end: end,
		step:  s.cfg.Step.Microseconds(),
		frame: make([]float32, len(s.pixels)),
	}
	if err := r.look(start); err != nil {
		return nil, err
	}
	if err := s.Begin(start, seed, r.frame); err != nil {
		return nil, err
	}
	return r, nil
}

// Header names the format and the geometry.
func (r *Reader) Header() events.Header {
	return events.Header{Format: FormatName, Geometry: r.sensor.geometry}
}

// Skipped counts nothing: all that a simulated sensor sends is events.
func (r *Reader) Skipped() map[string]int64 { return map[string]int64{} }

// Read simulates until the packet is full or the recording ends.
func (r *Reader) Read(p *events.Packet) error {
	p.Reset()
	for {
		n := min(p.Room(), len(r.pending)-r.taken)
		p.Events = append(p.Events, r.pending[r.taken:r.taken+n]...)
		r.taken += n
		if p.Room() == 0 {
			return nil
		}
		switch {
		case r.err != nil:
			return r.err
		case r.t < r.end:
			r.err = r.next()
		case len(p.Events) > 0:
			return nil
		default:
			return io.EOF
		}
	}
}

// next simulates one step.
func (r *Reader) next() error {
	r.pending, r.taken = r.pending[:0], 0
	if err := r.ctx.Err(); err != nil {
		return err
	}
	t := min(r.t+r.step, r.end)
	if err := r.look(t); err != nil {
		return err
	}
	var err error
	if r.pending, err = r.sensor.Advance(t, r.frame, r.pending); err != nil {
		return err
	}
	r.t = t
	return nil
}

func (r *Reader) look(t int64) error {
	if err := r.scene.Luminance(t, r.frame); err != nil {
		return fmt.Errorf("sensor: the scene at %d us: %w", t, err)
	}
	return nil
}
