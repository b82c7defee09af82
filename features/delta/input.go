package delta

import (
	"fmt"
	"slices"

	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/hw"
)

// input is what a network is given.
type input struct {
	base
	list            func(list []hw.Delta, before, now []int32, first int32) (n, nonzero int, least, largest int32)
	outside, inside []int32 // where each value is in the other order; nil where both are the same
	ordered         []int32 // room for an input in the order of memory
}

func newInput(n *topology.Node, outside []int32, k *hw.DeltaKernels) *input {
	s := &input{base: newBase(n), list: k.Changes, outside: outside}
	if outside != nil {
		s.ordered, s.inside = make([]int32, len(outside)), make([]int32, len(outside))
		for i, at := range outside {
			s.inside[at] = int32(i)
		}
	}
	return s
}

// take notes what is other than in the step before. An input that is refused leaves
// the values as they were; those that are the same are in range already.
func (s *input) take(values []int32, in topology.Input) error {
	now := values
	if s.outside != nil {
		// All of it is put into order, and not only what changed: changes that come in the
		// order of memory have the channels of a pixel beside each other, which saves
		// convolutions more time than this takes.
		now = s.ordered
		for i, from := range s.outside {
			now[i] = values[from]
		}
	}
	n, risen, least, largest := s.list(s.changes[:cap(s.changes)], s.out, now, 0)
	s.changes = s.changes[:n]
	if int(least) < in.Min || int(largest) > in.Max {
		for _, d := range s.changes {
			s.out[d.Index] -= d.Value
		}
		s.changes = s.changes[:0]
		bad := slices.IndexFunc(values, func(v int32) bool { return int(v) < in.Min || int(v) > in.Max })
		return errRange(bad, values[bad], in)
	}
	s.nonzero += risen
	s.spansOfChanges()
	return nil
}

// run has nothing to do: the engine calls take, or takeChanges.
func (*input) run() {}

// takeChanges adds a frame of changes whose indices are those of the outside. Where one
// is refused the values are as they were.
func (s *input) takeChanges(frame []hw.Delta, in topology.Input) error {
	s.changes = s.changes[:0]
	for k, d := range frame {
		if d.Index < 0 || int(d.Index) >= len(s.out) {
			s.undo()
			return fmt.Errorf("delta network: change %d: index: expected 0 to %d, found %d", k, len(s.out)-1, d.Index)
		}
		i := d.Index
		if s.inside != nil {
			i = s.inside[i]
		}
		v := int64(s.out[i]) + int64(d.Value)
		if v < int64(in.Min) || v > int64(in.Max) {
			s.undo()
			return fmt.Errorf("delta network: change %d: value %d of the input becomes %d: expected %d to %d", k, d.Index, v, in.Min, in.Max)
		}
		s.set(int(i), int32(v))
	}
	s.spansOfChanges()
	return nil
}

// undo takes back what was changed.
func (s *input) undo() {
	changes := s.changes
	for len(changes) > 0 {
		d := changes[len(changes)-1]
		changes = changes[:len(changes)-1]
		s.set(int(d.Index), s.out[d.Index]-d.Value)
	}
	s.changes = s.changes[:0]
}
