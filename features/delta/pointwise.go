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
	in        *base
	ratios    []ratio
	low, high int64
	threshold int64

	// preset is what was last sent, for the one step in which a state is put back.
	preset []int32
	wrong  error
}

// ratio is a [Requant] as it is computed with.
type ratio struct {
	mul, half int64
	shift     uint
}

// level is that of a value. The mask says to the compiler what is so in any case.
func (r ratio) level(v int32) int64 { return (int64(v)*r.mul + r.half) >> (r.shift & 63) }

func newLevels(n *topology.Node, p *plan, in *base, relu bool) *levels {
	l := &levels{base: newBase(n), in: in, low: int64(-n.Levels), high: int64(n.Levels), threshold: int64(n.Threshold)}
	for _, r := range p.requant {
		l.ratios = append(l.ratios, ratio{mul: int64(r.Mul), half: 1 << (r.Shift - 1), shift: uint(r.Shift)})
	}
	if relu {
		l.low = 0
	}
	return l
}

func (l *levels) run() {
	l.changes = l.changes[:0]
	switch {
	case l.preset != nil:
		l.putBack()
	case len(l.ratios) == 1:
		for _, sp := range l.in.spans {
			l.same(sp)
		}
	default:
		for _, sp := range l.in.spans {
			l.each(sp)
		}
	}
	l.spansOfChanges()
}

// same goes through a span whose values share a ratio.
func (l *levels) same(sp span) {
	changes, nonzero := l.changes, l.nonzero
	r, low, high, t := l.ratios[0], l.low, l.high, l.threshold
	out := l.out[sp.from:sp.to]
	for i, v := range l.in.out[sp.from:sp.to] {
		level, old := max(min(r.level(v), high), low), out[i]
		// Within the threshold on either side, in one comparison.
		if uint64(level-int64(old)+t) <= uint64(2*t) {
			continue
		}
		out[i] = int32(level)
		changes = append(changes, hw.Delta{Index: sp.from + int32(i), Value: int32(level) - old})
		nonzero += isNonzero(int32(level)) - isNonzero(old)
	}
	l.changes, l.nonzero = changes, nonzero
}

// each goes through a span whose values have ratios of their own, or their channels.
func (l *levels) each(sp span) {
	changes, nonzero := l.changes, l.nonzero
	ratios, low, high, t := l.ratios, l.low, l.high, l.threshold
	at := int(sp.from) % len(ratios)
	out := l.out[sp.from:sp.to]
	for i, v := range l.in.out[sp.from:sp.to] {
		level, old := max(min(ratios[at].level(v), high), low), out[i]
		if at++; at == len(ratios) {
			at = 0
		}
		if uint64(level-int64(old)+t) <= uint64(2*t) {
			continue
		}
		out[i] = int32(level)
		changes = append(changes, hw.Delta{Index: sp.from + int32(i), Value: int32(level) - old})
		nonzero += isNonzero(int32(level)) - isNonzero(old)
	}
	l.changes, l.nonzero = changes, nonzero
}

// putBack takes what was last sent from a state, if it can have been.
func (l *levels) putBack() {
	for i, v := range l.preset {
		level := max(min(l.ratios[i%len(l.ratios)].level(l.in.out[i]), l.high), l.low)
		if d := level - int64(v); d > l.threshold || -d > l.threshold || int64(v) < l.low || int64(v) > l.high {
			l.wrong = fmt.Errorf("layer %s, value %d: last sent was %d, which cannot be at level %d with a threshold of %d", l.node.Name, i, v, level, l.threshold)
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
