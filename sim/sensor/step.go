package sensor

import (
	"fmt"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/events"
)

// A key holds an event of a step in a form that sorts by time and then by pixel:
// time since the step began in the upper bits, pixel, polarity.
const (
	keyPixelBits = 24 // MaxSide squared
	keyTimeShift = keyPixelBits + 1
)

// alphaBits are the fraction bits of the filter's coefficient. Levels differ by less
// than 30 bits, so that the product fits.
const alphaBits = 30

// Advance shows the sensor the scene as it is at t microseconds and appends the
// events since the last frame to dst: their times lie after the last frame's and
// not after t. A t that is not after the last frame's, a luminance out of range,
// and a step of more than [MaxStepEvents] are errors, after which the sensor must
// begin anew. It panics with PanicFrameSize for a frame that is not the sensor's
// and with PanicNotBegun when no recording has begun.
func (s *Sensor) Advance(t int64, frame []float32, dst []events.Event) ([]events.Event, error) {
	if !s.begun {
		panic(PanicNotBegun)
	}
	if len(frame) != len(s.pixels) {
		panic(PanicFrameSize)
	}
	dt := t - s.t
	if dt <= 0 || dt > MaxStep.Microseconds() {
		s.begun = false
		return dst, fmt.Errorf("sensor: a frame at %d us after one at %d us: expected 1 us to %v later", t, s.t, MaxStep)
	}
	if err := s.advance(t, dt, frame); err != nil {
		s.begun = false
		return dst, err
	}
	slices.Sort(s.keys)
	dst = slices.Grow(dst, len(s.keys))
	width := uint64(s.geometry.Width)
	for _, k := range s.keys {
		i := k >> 1 & (1<<keyPixelBits - 1)
		dst = append(dst, events.Event{
			T: s.t + int64(k>>keyTimeShift),
			X: uint16(i % width), Y: uint16(i / width),
			P: events.Polarity(k & 1),
		})
	}
	s.t = t
	return dst, nil
}

func (s *Sensor) advance(t, dt int64, frame []float32) error {
	if !s.noise.until(s.t, t, s.rng) {
		return fmt.Errorf("sensor: noise from %d to %d us: %w", s.t, t, errStepEvents)
	}
	// alpha is the share of the way to its target that the filter goes.
	alpha := int64(1 << alphaBits)
	if s.tau > 0 {
		alpha = int64(math.RoundToEven(float64(dt) / (s.tau + float64(dt)) * (1 << alphaBits)))
	}
	// What is below a unit of the level leaks in a later step.
	leaked := s.leakRest + float64(s.leak*float64(dt))
	leak := int64(leaked)
	s.leakRest = leaked - float64(leak)

	s.keys = s.keys[:0]
	flips := s.noise.step
	for i := range s.pixels {
		p := &s.pixels[i]
		if frame[i] != s.seen[i] {
			target, err := s.look(i, frame[i])
			if err != nil {
				return err
			}
			p.target, s.seen[i] = target, frame[i]
		}
		to := p.level + int32((int64(p.target-p.level)*alpha+1<<(alphaBits-1))>>alphaBits)
		change := int64(to-p.level) + leak
		p.level = to
		noisy := len(flips) > 0 && int(flips[0].pixel) == i
		if end := int64(p.diff) + change; !noisy && p.until <= s.t && end < int64(p.on) && end > int64(p.off) {
			p.diff = int32(end) // as nearly always
			continue
		}
		from := s.t
		for ; len(flips) > 0 && int(flips[0].pixel) == i; flips = flips[1:] {
			f := flips[0]
			if f.t > from {
				part := change * (f.t - from) / (t - from)
				s.run(i, from, f.t, part)
				change -= part
				from = f.t
			}
			if f.t >= p.until {
				s.fire(i, f.t, f.p)
				p.diff = 0
			}
		}
		if from < t {
			s.run(i, from, t, change)
		}
		if len(s.keys) > MaxStepEvents {
			return fmt.Errorf("sensor: from %d to %d us: %w", s.t, t, errStepEvents)
		}
	}
	return nil
}

// run moves pixel i from one time to a later one, while its level changes along a
// straight line, and fires at every threshold on the way.
func (s *Sensor) run(i int, from, to, change int64) {
	p := &s.pixels[i]
	diff := int64(p.diff)
	if p.until > from {
		diff = 0
		if p.until >= to {
			p.diff = 0
			return
		}
		change = change * (to - p.until) / (to - from)
		from = p.until
	}
	for {
		end := diff + change
		edge, polarity := int64(p.on), events.On
		switch {
		case end >= int64(p.on):
		case end <= int64(p.off):
			edge, polarity = int64(p.off), events.Off
		default:
			p.diff = int32(end)
			return
		}
		// The first whole microsecond at which the threshold has been reached. The
		// numerator and change have the same sign, so that adding change-1 (or
		// change+1) rounds up.
		t := (edge - diff) * (to - from)
		if change > 0 {
			t = from + (t+change-1)/change
		} else {
			t = from + (t+change+1)/change
		}
		s.fire(i, t, polarity)
		if p.blind == 0 {
			diff -= edge // the same line, seen from the new reference
			continue
		}
		diff = 0
		if p.until >= to {
			p.diff = 0
			return
		}
		change = change * (to - p.until) / (to - from)
		from = p.until
	}
}

// fire sends an event and puts the pixel into reset.
func (s *Sensor) fire(i int, t int64, polarity events.Polarity) {
	p := &s.pixels[i]
	p.until = t + int64(p.blind)
	s.keys = append(s.keys, uint64(t-s.t)<<keyTimeShift|uint64(i)<<1|uint64(polarity))
}
