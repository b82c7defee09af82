package delta

import (
	"fmt"

	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/hw"
)

// levels is a delta activation or a threshold delta at work. A ReLU before it is part
// of it: rounding keeps the order of values and zero, so that negative levels are made
// zero instead.
type levels struct {
	base
	in      *base
	rounder *hw.Levelling
	list    func(list []hw.Delta, levels, sums []int32, first int32, l *hw.Levelling) (n, nonzero int)

	// preset is what was last sent, for the one step in which a state is put back.
	preset []int32
	wrong  error
}

func newLevels(n *topology.Node, p *plan, in *base, relu bool, k *hw.DeltaKernels) *levels {
	low := int32(-n.Levels)
	if relu {
		low = 0
	}
	rounder, err := hw.NewLevelling(p.mul, p.shift, low, int32(n.Levels), int32(n.Threshold))
	if err != nil {
		panic(panicLevels) // all of it was checked when the network was made
	}
	return &levels{base: newBase(n), in: in, rounder: rounder, list: k.Levels}
}

const panicLevels = "delta: a network with levels that its own checks refuse"

func (l *levels) run() {
	l.changes = l.changes[:0]
	if l.preset != nil {
		l.putBack()
	} else {
		for _, sp := range l.in.spans {
			// Spans do not overlap, so that there is always room for all that may have changed.
			n, risen := l.list(l.changes[len(l.changes):cap(l.changes)], l.out[sp.from:sp.to], l.in.out[sp.from:sp.to], sp.from, l.rounder)
			l.changes, l.nonzero = l.changes[:len(l.changes)+n], l.nonzero+risen
		}
	}
	l.spansOfChanges()
}

// putBack takes what was last sent from a state, if it can have been.
func (l *levels) putBack() {
	r := l.rounder
	for i, v := range l.preset {
		k := i % len(r.Mul)
		level := Requant{Mul: r.Mul[k], Shift: uint8(r.Shift[k])}.Level(l.in.out[i])
		level = max(min(level, int64(r.High)), int64(r.Low))
		if d := level - int64(v); d > int64(r.Threshold) || -d > int64(r.Threshold) || v < r.Low || v > r.High {
			l.wrong = fmt.Errorf("layer %s, value %d: last sent was %d, which cannot be at level %d with a threshold of %d", l.node.Name, i, v, level, r.Threshold)
			break
		}
		l.set(i, v)
	}
	l.preset = nil
}

// relu is one whose output somebody else takes than delta activations.
type relu struct {
	base
	in *base
}

func (r *relu) run() {
	r.changes = r.changes[:0]
	for _, sp := range r.in.spans {
		for i := sp.from; i < sp.to; i++ {
			r.set(int(i), max(r.in.out[i], 0))
		}
	}
	r.spansOfChanges()
}

// add is a residual addition: values that may have changed on either side are added
// anew.
type add struct {
	base
	in, with *base
	multiply [2][]int32
}

func (a *add) run() {
	a.changes = a.changes[:0]
	for _, side := range []*base{a.in, a.with} {
		for _, sp := range side.spans {
			channel, channels := int(sp.from)%a.node.Out.Channels, a.node.Out.Channels
			for i := sp.from; i < sp.to; i++ {
				a.set(int(i), a.in.out[i]*of(a.multiply[0], channel)+a.with.out[i]*of(a.multiply[1], channel))
				if channel++; channel == channels {
					channel = 0
				}
			}
		}
	}
	a.spansOfChanges()
}

// sigma sums up changes.
type sigma struct {
	base
	in *base
}

func (s *sigma) run() {
	s.changes = s.changes[:0]
	for _, d := range s.in.changes {
		s.set(int(d.Index), s.out[d.Index]+d.Value)
	}
	s.spansOfChanges()
}

// flatten puts values from [row][column][channel] to the order of neurons.
type flatten struct {
	base
	in *base
	to []int32 // of each value of the input
}

func (f *flatten) run() {
	f.changes = f.changes[:0]
	for _, d := range f.in.changes {
		to := f.to[d.Index]
		f.set(int(to), f.out[to]+d.Value)
	}
	f.spansOfChanges()
}
