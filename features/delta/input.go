package delta

import (
	"fmt"

	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/hw"
)

// input is what a network is given.
type input struct {
	base
	outside []int32
	refused int // index of a value that is out of range; -1 for none
}

// take notes what is other than in the step before. A value that is refused leaves
// the values as they were; those that are the same are in range already.
func (s *input) take(values []int32, in topology.Input) error {
	s.changes = s.changes[:0]
	if s.outside != nil {
		for i, from := range s.outside {
			if v := values[from]; v != s.out[i] {
				if int(v) < in.Min || int(v) > in.Max {
					s.undo()
					return errRange(int(from), v, in)
				}
				s.set(i, v)
			}
		}
		s.spansOfChanges()
		return nil
	}
	const block = 4 // most are the same, where a network pays
	at := 0
	for ; at+block <= len(values); at += block {
		if *(*[block]int32)(values[at:]) != *(*[block]int32)(s.out[at:]) && !s.takeRun(values, at, at+block, in) {
			break
		}
	}
	if at+block > len(values) {
		s.takeRun(values, at, len(values), in)
	}
	if bad := s.refused; bad >= 0 {
		s.refused = -1
		s.undo()
		return errRange(bad, values[bad], in)
	}
	s.spansOfChanges()
	return nil
}

// takeRun takes a run of values, and tells whether it could; if not, refused is the
// index of the first that it could not.
func (s *input) takeRun(values []int32, from, to int, in topology.Input) bool {
	changes, nonzero := s.changes, s.nonzero
	out := s.out[from:to]
	for i, v := range values[from:to] {
		old := out[i]
		if v == old {
			continue
		}
		if int(v) < in.Min || int(v) > in.Max {
			s.refused = from + i
			break
		}
		out[i] = v
		changes = append(changes, hw.Delta{Index: int32(from + i), Value: v - old})
		nonzero += isNonzero(v) - isNonzero(old)
	}
	s.changes, s.nonzero = changes, nonzero
	return s.refused < 0
}

// run has nothing to do: the engine calls take, or takeChanges.
func (*input) run() {}

// takeChanges adds a frame of changes whose indices are those of the outside. Where one
// is refused the values are as they were.
func (s *input) takeChanges(frame []hw.Delta, inside []int32, in topology.Input) error {
	s.changes = s.changes[:0]
	for k, d := range frame {
		if d.Index < 0 || int(d.Index) >= len(s.out) {
			s.undo()
			return fmt.Errorf("delta network: change %d: index: expected 0 to %d, found %d", k, len(s.out)-1, d.Index)
		}
		i := d.Index
		if inside != nil {
			i = inside[i]
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
