package learn

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/delta/train"
	"github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/hw"
)

// MaxShift is the furthest that [ShiftedFrames] shifts, in pixels: to 80 other places.
const MaxShift = 4

// Shifts is how many other places there are up to so many pixels away.
func Shifts(by int) int { return (2*by+1)*(2*by+1) - 1 }

// ShiftedFrames makes the frames of recordings as they would be had the sensor looked a little
// past: a set for every other place up to so many pixels away, along x and y, each with the recordings in
// their order. A network that has few recordings to learn from learns from them what does not matter. Events that
// are shifted beyond the border are left out, and layers see the shifted events. A recording of which
// nothing would be left is shifted as far as leaves something.
//
// done, which may be nil, is called from several goroutines, once a recording and place.
func ShiftedFrames(ctx context.Context, m *model.Model, target hw.Target, c frames.Config, recordings []nmnist.Recording, by int, done func(),
) ([]*FrameSet, error) {
	if by < 0 || by > MaxShift {
		return nil, fmt.Errorf("learn: shifts: expected 0 to %d pixels, found %d", MaxShift, by)
	}
	size := c.Geometry()
	if m != nil {
		size = m.Feast.Geometry()
	}
	labels := make([]string, len(recordings))
	for i, r := range recordings {
		labels[i] = r.Label
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var out []*FrameSet
	for dy := -by; dy <= by; dy++ {
		for dx := -by; dx <= by; dx++ {
			if dx == 0 && dy == 0 {
				continue
			}
			name := func(i int) string {
				return fmt.Sprintf("%s, shifted by %d and %d pixels", recordings[i].Path, dx, dy)
			}
			read := func() func(i int, do func([]events.Event) error) error {
				return func(i int, do func([]events.Event) error) error {
					if err := ctx.Err(); err != nil {
						return err
					}
					in, err := shifted(recordings[i].Path, size, dx, dy)
					if err == nil {
						err = inPackets(in, do)
					}
					return err
				}
			}
			set, err := framesOf(m, target, c, labels, name, done, read)
			if err != nil {
				return nil, err
			}
			out = append(out, set)
		}
	}
	return out, nil
}

// shifted reads the events of a recording that are on the sensor when they are elsewhere by so many pixels.
func shifted(path string, g events.Geometry, dx, dy int) (out []events.Event, err error) {
	f, err := events.Open(path, events.OpenOptions{Geometry: g})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	all, err := events.ReadAll(f)
	if err != nil {
		return nil, err
	}
	dx, dy = clamped(all, g, dx, dy)
	for _, e := range all {
		if x, y := int(e.X)+dx, int(e.Y)+dy; on(g, x, y) {
			e.X, e.Y = uint16(x), uint16(y)
			out = append(out, e)
		}
	}
	return out, nil
}

// clamped is as much of a shift as leaves an event on the sensor: one axis after the other comes a pixel nearer, from
// the one that is further away.
func clamped(in []events.Event, g events.Geometry, dx, dy int) (x, y int) {
	for x, y = dx, dy; x != 0 || y != 0; {
		if slices.ContainsFunc(in, func(e events.Event) bool { return on(g, int(e.X)+x, int(e.Y)+y) }) {
			break
		}
		if max(x, -x) >= max(y, -y) {
			x -= cmp.Compare(x, 0)
		} else {
			y -= cmp.Compare(y, 0)
		}
	}
	return x, y
}

func on(g events.Geometry, x, y int) bool { return x >= 0 && y >= 0 && x < g.Width && y < g.Height }

// joined are several sets behind each other.
type joined []*FrameSet

func (j joined) Len() (n int) {
	for _, s := range j {
		n += s.Len()
	}
	return n
}

func (j joined) Sequence(i int) train.Sequence {
	for _, s := range j {
		if i < s.Len() {
			return s.Sequence(i)
		}
		i -= s.Len()
	}
	panic(PanicSequence)
}

// PanicSequence is that a sequence was asked for that a set does not have.
const PanicSequence = "learn: a sequence beyond the last"
