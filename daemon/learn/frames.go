package learn

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/delta/train"
	"github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/stack"
	"github.com/saccade-dev/saccade/hw"
)

// FrameSet is the frames of labelled recordings, to train and judge networks with. Only
// values that are not zero are held. It does not change, and is a [train.Set] whose
// labels are indices into Classes.
type FrameSet struct {
	Config  frames.Config // complete
	Classes []string      // all labels, sorted
	Events  int64         // of all recordings
	rows    []framed
}

var _ train.Set = (*FrameSet)(nil)

// framed is the frames of a recording.
type framed struct {
	label string
	class int
	ends  []int // of each frame, in what follows
	at    []uint32
	level []int16
}

// Frames makes the frames of recordings, on all cores. m has the layers whose features
// frames are of; of raw events it may be nil, and c is then complete. done, which may
// be nil, is called from several goroutines, once a recording.
//
// The set and the error do not depend on the number of cores: of several recordings that
// cannot be taken, the error names the first.
func Frames(ctx context.Context, m *model.Model, target hw.Target, c frames.Config, recordings []nmnist.Recording, done func()) (*FrameSet, error) {
	size := c.Geometry()
	if m != nil {
		size = m.Feast.Geometry()
	}
	labels := make([]string, len(recordings))
	for i, r := range recordings {
		labels[i] = r.Label
	}
	name := func(i int) string { return recordings[i].Path }
	return framesOf(m, target, c, labels, name, done, func() func(i int, do func([]events.Event) error) error {
		p := events.NewPacket(events.DefaultPacketEvents)
		return func(i int, do func([]events.Event) error) error {
			path := recordings[i].Path
			return each(ctx, path, size, p, func(in []events.Event) error {
				if err := do(in); err != nil {
					return fmt.Errorf("%s: %w", path, err)
				}
				return nil
			})
		}
	})
}

// FramesOf is Frames of recordings that are made or held in memory: make gives the
// events of the i-th, which has the i-th label, and is called from several goroutines.
func FramesOf(ctx context.Context, m *model.Model, target hw.Target, c frames.Config, labels []string,
	make func(i int) ([]events.Event, error), done func(),
) (*FrameSet, error) {
	name := func(i int) string { return fmt.Sprintf("recording %d, of label %s", i, labels[i]) }
	return framesOf(m, target, c, labels, name, done, func() func(i int, do func([]events.Event) error) error {
		return func(i int, do func([]events.Event) error) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			in, err := make(i)
			if err == nil {
				err = inPackets(in, do)
			}
			return err
		}
	})
}

// inPackets hands out events, some at a time.
func inPackets(in []events.Event, do func([]events.Event) error) error {
	for len(in) > 0 {
		n := min(len(in), events.DefaultPacketEvents)
		if err := do(in[:n]); err != nil {
			return err
		}
		in = in[n:]
	}
	return nil
}

// framesOf makes a set of recordings whose events a reader, one a core, hands out. A recording of which no
// frame comes is of no use to a network, and an error by its name.
func framesOf(m *model.Model, target hw.Target, c frames.Config, labels []string, name func(i int) string, done func(),
	reader func() func(i int, do func([]events.Event) error) error,
) (_ *FrameSet, err error) {
	if m != nil {
		c, err = decide.Complete(c, m.Layers())
	} else {
		c, err = c.Canonical(), c.Validate()
	}
	if err != nil {
		return nil, err
	}
	s := &FrameSet{Config: c, Classes: slices.Compact(slices.Sorted(slices.Values(labels))), rows: make([]framed, len(labels))}
	var total atomic.Int64
	var open closing
	defer open.close(&err)
	err = OnAllCores(len(labels), done, func() (func(i int) error, error) {
		w, err := newFrameWorker(&open, m, target, c)
		if err != nil {
			return nil, err
		}
		read := reader()
		return func(i int) error {
			row, n, err := w.frames(func(do func([]events.Event) error) error { return read(i, do) })
			if err == nil && len(row.ends) == 0 {
				err = fmt.Errorf("%s: expected a frame or more, found none in its %d events", name(i), n)
			}
			if err != nil {
				return err
			}
			row.label = labels[i]
			row.class, _ = slices.BinarySearch(s.Classes, row.label)
			s.rows[i] = row
			total.Add(n)
			return nil
		}, nil
	})
	if err != nil {
		return nil, err
	}
	s.Events = total.Load()
	return s, nil
}

// frameWorker makes the frames of one recording after the other.
type frameWorker struct {
	lift   *lifter
	framer *frames.Framer
}

func newFrameWorker(open *closing, m *model.Model, target hw.Target, c frames.Config) (*frameWorker, error) {
	framer, err := frames.New(c)
	if err != nil {
		return nil, err
	}
	l, err := newLifter(open, m, target, c)
	return &frameWorker{l, framer}, err
}

// frames makes those of one recording, which is read to an end by what reads it.
func (w *frameWorker) frames(read func(do func([]events.Event) error) error) (row framed, n int64, err error) {
	w.framer.Reset()
	w.lift.reset()
	give := func(f *frames.Frame) error {
		if len(row.ends) == train.MaxSteps {
			return fmt.Errorf("frames: expected a recording of at most %d frames, found more: take longer intervals", train.MaxSteps)
		}
		for i, v := range f.Values {
			if v != 0 {
				row.at, row.level = append(row.at, uint32(i)), append(row.level, int16(v))
			}
		}
		row.ends = append(row.ends, len(row.at))
		return nil
	}
	err = read(func(in []events.Event) error {
		n += int64(len(in))
		winners, err := w.lift.process(in)
		if err != nil {
			return err
		}
		return w.framer.Add(in, winners, give)
	})
	if err == nil {
		err = w.framer.End(give)
	}
	return row, n, err
}

// lifter finds the winners that frames are made of; of raw events there are none.
type lifter struct {
	layers  *stack.Stack // nil for raw events
	of      int
	winners []int16
}

func newLifter(open *closing, m *model.Model, target hw.Target, c frames.Config) (*lifter, error) {
	l := &lifter{winners: make([]int16, events.DefaultPacketEvents)}
	if c.Source != frames.Features {
		return l, nil
	}
	if m == nil {
		return nil, fmt.Errorf("frames: expected a model for source %q, found none", c.Source)
	}
	var err error
	if l.layers, err = m.Stack(target); err != nil {
		return nil, err
	}
	open.add(l.layers)
	l.of = decide.Layer(c, l.layers.Len())
	return l, nil
}

func (l *lifter) reset() {
	if l.layers != nil {
		l.layers.Reset()
	}
}

// process gives the winners of a packet, which are the lifter's own.
func (l *lifter) process(in []events.Event) ([]int16, error) {
	if l.layers == nil {
		return nil, nil
	}
	winners := l.winners[:len(in)]
	if err := l.layers.Process(in, winners); err != nil {
		return nil, err
	}
	if l.of < l.layers.Len()-1 {
		winners = l.layers.Winners(l.of)
	}
	return winners, nil
}
