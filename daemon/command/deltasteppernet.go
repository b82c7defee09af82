package command

import (
	"errors"
	"fmt"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/hw"
)

// deltaStepper is a network in the arithmetic of package delta.
type deltaStepper struct {
	engine *delta.Engine
	mode   string
	on     string // the target's name
}

// newDeltaStepper makes an engine of a network. Layers go to a device where the target has one that takes them; a network
// that has none for it runs on the target's processor, and the user is told.
func newDeltaStepper(e *env, network *delta.Network, mode string, target hw.Target) (*deltaStepper, error) {
	o := delta.Options{Mode: map[string]delta.Mode{"auto": delta.Auto, "delta": delta.AlwaysDelta, "dense": delta.AlwaysDense}[mode]}
	if _, o.Device = target.(hw.DeltaOpener); o.Device && o.Mode == delta.AlwaysDense {
		return nil, usageError{fmt.Errorf("--mode dense: expected a processor with it: --device %s adds what changed, and never multiplies everything", target.Name())}
	}
	engine, err := delta.NewEngineWith(network, target, o)
	if errors.Is(err, delta.ErrNoDeviceLayers) {
		o.Device = false
		processor := hw.Processor(target)
		if err = notOnDevice(e, target, processor, "none of the network's layers can run on a device"); err == nil {
			engine, err = delta.NewEngineWith(network, processor, o)
		}
		target = processor
	}
	if err != nil {
		return nil, err
	}
	return &deltaStepper{engine: engine, mode: mode, on: target.Name()}, nil
}

// notOnDevice tells the user that a processor computes what he wanted a device to.
func notOnDevice(e *env, device, processor hw.Target, why string) error {
	return printf(e.stderr, "saccade: device %s: %s; it runs on %s\n", device.Name(), why, processor.Name())
}

func (s *deltaStepper) input() topology.Input { return s.engine.Network().Topology().Input }

func (s *deltaStepper) output() topology.Shape              { return s.engine.Network().Graph().Last().Out }
func (s *deltaStepper) describe(r *runResult)               { r.Mode, r.Device = s.mode, s.on }
func (s *deltaStepper) step(frame []int32) ([]int32, error) { return s.engine.Step(frame) }
func (s *deltaStepper) real(out []int32) []float64          { return s.engine.Network().Real(nil, out) }

func (s *deltaStepper) macs() uint64 {
	c := s.engine.Counters()
	done, _ := c.MACs()
	return done
}

func (s *deltaStepper) close() error { return s.engine.Close() }

func (s *deltaStepper) count(r *runResult) error {
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
	counters, layers, ok, err := s.engine.Device()
	if err == nil && ok {
		r.Engine = newRunEngine(counters, layers, c.Steps)
	}
	return err
}
