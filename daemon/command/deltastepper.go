package command

import (
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
	count(r *runResult) error            // lists the layers, and what a device did
	close() error                        // gives a device back
}

// lavaStepper is a network in the arithmetic of package lava.
type lavaStepper struct {
	network *lava.Network
	steps   uint64
	on      string // the target's name
}

func newLavaStepper(e *env, topologyPath, archive string, target hw.Target) (*lavaStepper, error) {
	processor := hw.Processor(target)
	n, err := lava.Load(topologyPath, archive, processor)
	if err != nil {
		return nil, err
	}
	if processor.Name() != target.Name() {
		err = notOnDevice(e, target, processor, "networks of lava-dl do not run on devices")
	}
	return &lavaStepper{network: n, on: processor.Name()}, err
}

func (s *lavaStepper) input() topology.Input  { return s.network.Input() }
func (s *lavaStepper) output() topology.Shape { return s.network.Output() }

func (s *lavaStepper) describe(r *runResult) {
	r.Mode, r.Delay, r.Device = "pipelined", s.network.Delay(), s.on
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

func (s *lavaStepper) close() error { return nil }

func (s *lavaStepper) count(r *runResult) error {
	all := s.network.Counters()
	for i, c := range all {
		row := newRunLayer(c.Layer, c.Neurons, c.TotalMACs, c.DenseMACs, c.StateBytes, s.steps)
		if i < len(all)-1 { // the last one has no delta
			row.sent(c.TotalSent, s.steps)
		}
		r.Layers = append(r.Layers, row)
	}
	return nil
}
