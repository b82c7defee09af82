package train

import "fmt"

// Sequence is what a network is given, step by step, and what it should say to it.
type Sequence struct {
	// Levels are the inputs of all steps, [step][channel][row][column], within the levels
	// of the topology's input.
	Levels []int16
	Steps  int
	// Label is the index of the output that should be largest.
	Label int
	// Target is what the outputs should be, of losses that compare with it: [output] for
	// all steps, or [step][output]. Nil stands for 1 at the label and 0 elsewhere.
	Target []float32
}

// Set is a set of sequences. Sequence may be called by several goroutines at a time; what it
// gives is not changed.
type Set interface {
	Len() int
	Sequence(i int) Sequence
}

// Sequences is a set that is held in memory.
type Sequences []Sequence

// Len is the number of sequences.
func (s Sequences) Len() int { return len(s) }

// Sequence is the i-th.
func (s Sequences) Sequence(i int) Sequence { return s[i] }

// MaxSteps is the longest sequence that is taken, and maxValues how many values a sequence
// has at most in all layers, as all of its steps are computed at once.
const (
	MaxSteps  = 1 << 14
	maxValues = 1 << 28
)

// check tells whether a sequence fits a network.
func (s *Sequence) check(n *network, loss Loss) error {
	in, outputs := n.graph.Topology.Input, n.outputs()
	switch {
	case s.Steps < 1 || s.Steps > MaxSteps:
		return fmt.Errorf("steps: expected 1 to %d, found %d", MaxSteps, s.Steps)
	case s.Steps > maxValues/n.values:
		return fmt.Errorf("steps: expected at most %d with the network's %d values, found %d", maxValues/n.values, n.values, s.Steps)
	case len(s.Levels) != s.Steps*in.Len():
		return fmt.Errorf("levels: expected %d of %d steps of %s, found %d", s.Steps*in.Len(), s.Steps, in.Shape, len(s.Levels))
	case s.Target != nil && len(s.Target) != outputs && len(s.Target) != s.Steps*outputs:
		return fmt.Errorf("target: expected %d values, or %d for each of %d steps, found %d", outputs, outputs, s.Steps, len(s.Target))
	case (loss == CrossEntropy || s.Target == nil) && (s.Label < 0 || s.Label >= outputs):
		return fmt.Errorf("label: expected 0 to %d, one of the outputs, found %d", outputs-1, s.Label)
	}
	for i, v := range s.Levels {
		if int(v) < in.Min || int(v) > in.Max {
			return fmt.Errorf("levels: value %d of step %d: expected %d to %d, found %d", i%in.Len(), i/in.Len(), in.Min, in.Max, v)
		}
	}
	for i, v := range s.Target {
		if !finite(float64(v)) {
			return fmt.Errorf("target: value %d: found %v", i, v)
		}
	}
	return nil
}

// target is what the output of a step should be; nil for the label.
func (s *Sequence) target(step, outputs int) []float32 {
	if len(s.Target) <= outputs {
		return s.Target
	}
	return s.Target[step*outputs:][:outputs]
}
