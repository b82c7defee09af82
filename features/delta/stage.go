package delta

import (
	"slices"

	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/hw"
)

// span is a run of values that may have changed.
type span struct{ from, to int32 }

// stage is a layer at work. What it passes on are changes: a list of those values that
// are others than a step ago, and by how much. Layers whose sums are cheaper to look at
// again than to compare pass on spans of what may have changed.
type stage interface {
	ready() // allocates what a step needs, once it is known what is wanted
	run()
	common() *base
}

// base is what all stages have.
type base struct {
	node *topology.Node
	out  []int32 // the values, [row][column][channel]

	changes []hw.Delta // in this step
	spans   []span     // of values that may have changed in this step
	// listed and spanned say what is wanted by those that take the output.
	listed, spanned bool
	nonzero         int // values other than zero, counted where changes are listed

	counters LayerCounters
}

func (b *base) common() *base { return b }

// newBase is that of a stage that sets its values one by one, and lists what changed.
func newBase(n *topology.Node) base {
	return base{node: n, out: make([]int32, n.Out.Len()), listed: true}
}

func (b *base) ready() {
	if b.listed {
		b.changes = make([]hw.Delta, 0, len(b.out))
	}
	if b.spanned {
		b.spans = make([]span, 0, len(b.out))
	}
}

// set changes a value of a stage whose changes are listed.
func (b *base) set(i int, v int32) {
	old := b.out[i]
	if v == old {
		return
	}
	b.out[i] = v
	b.changes = append(b.changes, hw.Delta{Index: int32(i), Value: v - old})
	b.nonzero += isNonzero(v) - isNonzero(old)
}

// isNonzero is 1 or 0, without a branch that nobody can predict.
func isNonzero(v int32) int { return int(uint32(v|-v) >> 31) }

// spansOfChanges makes spans of what is listed, for those that want them.
func (b *base) spansOfChanges() {
	if !b.spanned {
		return
	}
	b.spans = b.spans[:0]
	end := int32(-1)
	for _, d := range b.changes {
		if d.Index == end {
			b.spans[len(b.spans)-1].to++
		} else {
			b.spans = append(b.spans, span{d.Index, d.Index + 1})
		}
		end = d.Index + 1
	}
}

// sums is the base of stages that add to their values in place, and list the changes,
// where they are wanted, by comparing with what was before.
type sums struct {
	base
	before []int32
	list   func(list []hw.Delta, before, now []int32, first int32) (n, nonzero int, least, largest int32)
	// The channels of the pixels that are marked may have changed.
	mark []bool
	all  bool // every value may have
}

func newSums(n *topology.Node, k *hw.DeltaKernels) sums {
	s := sums{base: newBase(n), list: k.Changes, mark: make([]bool, n.Out.Height*n.Out.Width)}
	s.listed = false // unless it is wanted
	return s
}

func (s *sums) ready() {
	s.spanned = true // to compare by
	s.base.ready()
	if s.listed {
		s.before = make([]int32, len(s.out))
	}
}

// finish turns what was marked into spans and changes.
func (s *sums) finish() {
	s.spans = s.spans[:0]
	channels := int32(s.node.Out.Channels)
	switch {
	case s.all:
		s.spans = append(s.spans, span{0, int32(len(s.out))})
		s.all = false
		clear(s.mark)
	default:
		for pixel := 0; pixel < len(s.mark); pixel++ {
			next := slices.Index(s.mark[pixel:], true)
			if next < 0 {
				break
			}
			first := pixel + next
			for pixel = first; pixel < len(s.mark) && s.mark[pixel]; pixel++ {
				s.mark[pixel] = false
			}
			s.spans = append(s.spans, span{int32(first) * channels, int32(pixel) * channels})
		}
	}
	if !s.listed {
		return
	}
	s.changes = s.changes[:0]
	for _, sp := range s.spans {
		// Spans do not overlap, so that there is always room for all that may have changed.
		n, risen, _, _ := s.list(s.changes[len(s.changes):cap(s.changes)], s.before[sp.from:sp.to], s.out[sp.from:sp.to], sp.from)
		s.changes, s.nonzero = s.changes[:len(s.changes)+n], s.nonzero+risen
	}
}
