package command

import (
	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/lava"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/hw"
)

// stepper is a network that `run` can step through frames.
type stepper interface {
	input() topology.Input
	output() topology.Shape
	describe(r *runResult)
	step(frame []int32) ([]int32, error) // the result is overwritten by the next
	real(out []int32) []float64          // what outputs are worth
	macs() uint64                        // multiply-adds of the last step
	count(r *runResult)                  // lists the layers
}

// deltaStepper is a network in the arithmetic of package delta.
type deltaStepper struct {
	engine *delta.Engine
	mode   string
}

func (s *deltaStepper) input() topology.Input { return s.engine.Network().Topology().Input }

func (s *deltaStepper) output() topology.Shape              { return s.engine.Network().Graph().Last().Out }
func (s *deltaStepper) describe(r *runResult)               { r.Mode = s.mode }
func (s *deltaStepper) step(frame []int32) ([]int32, error) { return s.engine.Step(frame) }
func (s *deltaStepper) real(out []int32) []float64          { return s.engine.Network().Real(nil, out) }

func (s *deltaStepper) macs() uint64 {
	c := s.engine.Counters()
	done, _ := c.MACs()
	return done
}

func (s *deltaStepper) count(r *runResult) {
	c := s.engine.Counters()
	flat := map[string]bool{} // they hand on what comes, which is counted where it was sent
	for _, l := range s.engine.Network().Topology().Layers {
		flat[l.Name] = l.Kind == topology.Flatten
	}
	for i := range c.Layers {
		l := &c.Layers[i]
		// A layer whose changes nobody takes has neither; one whose values never change has zeros.
		sends := (l.TotalSent > 0 || l.TotalZeros > 0) && !flat[l.Layer]
		row := newRunLayer(l.Layer, l.Neurons, l.TotalMACs, l.DenseMACs, l.StateBytes, c.Steps)
		row.DenseSteps = l.DenseSteps
		if sends {
			zeros := float64(l.TotalZeros) / (float64(max(c.Steps, 1)) * float64(max(l.Neurons, 1)))
			row.sent(l.TotalSent, c.Steps)
			row.Zeros = &zeros
		}
		r.Layers = append(r.Layers, row)
	}
}

// lavaStepper is a network in the arithmetic of package lava.
type lavaStepper struct {
	network *lava.Network
	steps   uint64
}

func newLavaStepper(topologyPath, archive string, target hw.Target) (*lavaStepper, error) {
	n, err := lava.Load(topologyPath, archive, target)
	if err != nil {
		return nil, err
	}
	return &lavaStepper{network: n}, nil
}

func (s *lavaStepper) input() topology.Input  { return s.network.Input() }
func (s *lavaStepper) output() topology.Shape { return s.network.Output() }

func (s *lavaStepper) describe(r *runResult) {
	r.Mode, r.Delay = "pipelined", s.network.Delay()
}

func (s *lavaStepper) step(frame []int32) ([]int32, error) {
	s.steps++
	return s.network.Step(frame)
}

// real are the integers themselves: what they are worth is not in lava's files.
func (s *lavaStepper) real(out []int32) []float64 {
	values := make([]float64, len(out))
	for i, v := range out {
		values[i] = float64(v)
	}
	return values
}

func (s *lavaStepper) macs() (done uint64) {
	for _, c := range s.network.Counters() {
		done += c.MACs
	}
	return done
}

func (s *lavaStepper) count(r *runResult) {
	all := s.network.Counters()
	for i, c := range all {
		row := newRunLayer(c.Layer, c.Neurons, c.TotalMACs, c.DenseMACs, c.StateBytes, s.steps)
		if i < len(all)-1 { // the last one has no delta
			row.sent(c.TotalSent, s.steps)
		}
		r.Layers = append(r.Layers, row)
	}
}
