package stack

import (
	"errors"
	"fmt"
	"slices"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
)

// Stack is FEAST layers behind each other. Its results are the same bits on every
// target, and however a stream is cut into packets. It is used by one goroutine at a
// time.
type Stack struct {
	configs []Config
	levels  []level
}

var _ hw.Layer = (*Stack)(nil)

// level is a layer with what goes through it.
type level struct {
	layer *feast.Layer
	watch Process
	pool  uint32 // pixels of the sensor along x and y that are one of the layer
	// Of the packet at hand: the events that reach the layer, where each is in the
	// packet, what it answers, and that by the packet's own events.
	in      []events.Event
	from    []int32
	answers []int16
	winners []int16
}

// New makes layers with random weights, learning on. The configurations need not be
// complete. Where the target has devices, the first layer gets one, and those behind it, whose surfaces no device
// has, run on its processor: see [hw.Processor].
func New(layers []Config, target hw.Target) (*Stack, error) {
	return build(layers, func(i int, c feast.Config) (*feast.Layer, error) { return feast.New(c, targetOf(i, target)) })
}

// targetOf is what a layer runs on, from 0.
func targetOf(i int, target hw.Target) hw.Target {
	if i == 0 {
		return target
	}
	return hw.Processor(target)
}

// NewWithWeights makes layers that have learned before, with weights one a layer.
func NewWithWeights(layers []Config, target hw.Target, weights []feast.Weights) (*Stack, error) {
	if len(weights) != len(layers) {
		return nil, fmt.Errorf("stack: expected weights of %d layers, found %d", len(layers), len(weights))
	}
	return build(layers, func(i int, c feast.Config) (*feast.Layer, error) {
		return feast.NewWithWeights(c, targetOf(i, target), weights[i])
	})
}

func build(layers []Config, open func(i int, c feast.Config) (*feast.Layer, error)) (*Stack, error) {
	complete, err := Complete(layers)
	if err != nil {
		return nil, err
	}
	s := &Stack{configs: complete, levels: make([]level, len(complete))}
	pool := uint32(1)
	for i, c := range complete {
		pool = min(pool*uint32(c.Pool), events.MaxSide) // which leaves one pixel
		l, err := open(i, c.Feast)
		if err != nil {
			_ = s.Close() // of those before; what went wrong with this one says more
			return nil, fmt.Errorf("stack: layer %d: %w", i+1, err)
		}
		s.levels[i] = level{layer: l, watch: (*feast.Layer).Process, pool: pool}
	}
	return s, nil
}

// Configs are the layers' complete configurations.
func (s *Stack) Configs() []Config { return slices.Clone(s.configs) }

// Len is the number of layers.
func (s *Stack) Len() int { return len(s.levels) }

// Layer is one of the layers, from 0. It is the stack's own: events go through the
// stack alone.
func (s *Stack) Layer(i int) *feast.Layer { return s.levels[i].layer }

// Top is the configuration of the last layer, whose features are the stack's.
func (s *Stack) Top() feast.Config { return s.configs[len(s.configs)-1].Feast }

// Process is what takes the events of a layer through it, as [feast.Layer.Process] does.
type Process = func(l *feast.Layer, in []events.Event, winners []int16) error

// Watch has somebody else call Process of a layer, from 0, who looks at it meanwhile.
func (s *Stack) Watch(layer int, p Process) { s.levels[layer].watch = p }

// Counters say what became of the events since the stack was made: each won a feature
// of the last layer, and is counted for it, or ended at one of the layers.
func (s *Stack) Counters() feast.Counters {
	c := s.levels[len(s.levels)-1].layer.Counters()
	for i := range len(s.levels) - 1 {
		below := s.levels[i].layer.Counters()
		c.Missed += below.Missed
		c.Border += below.Border
		c.Outside += below.Outside
		c.Noise += below.Noise
		c.Ignored += below.Ignored
	}
	return c
}

// Weights is a copy of what the layers have learned.
func (s *Stack) Weights() []feast.Weights {
	out := make([]feast.Weights, len(s.levels))
	for i := range s.levels {
		out[i] = s.levels[i].layer.Weights()
	}
	return out
}

// SetLearning turns learning on or off in all layers from the next event on.
func (s *Stack) SetLearning(on bool) {
	for i := range s.levels {
		s.levels[i].layer.SetLearning(on)
	}
}

// SetLearningOf turns learning on or off in one layer, from 0.
func (s *Stack) SetLearningOf(layer int, on bool) { s.levels[layer].layer.SetLearning(on) }

// SetWorkers lets up to n goroutines share each packet, see [feast.Layer.SetWorkers].
func (s *Stack) SetWorkers(n int) {
	for i := range s.levels {
		s.levels[i].layer.SetWorkers(n)
	}
}

// SetOnFailure says what to do when a layer's device fails, see [feast.Layer.SetOnFailure].
func (s *Stack) SetOnFailure(o feast.OnFailure) {
	for i := range s.levels {
		s.levels[i].layer.SetOnFailure(o)
	}
}

// Close gives the layers' devices back, where they have any: see [feast.Layer.Close].
func (s *Stack) Close() error {
	var errs []error
	for i := range s.levels {
		if l := s.levels[i].layer; l != nil {
			errs = append(errs, l.Close())
		}
	}
	return errors.Join(errs...)
}

// Reset clears all surfaces, as before a new recording.
func (s *Stack) Reset() {
	for i := range s.levels {
		s.levels[i].layer.Reset()
	}
}

// PanicLengths is the panic of Process for results of another length than the events.
const PanicLengths = "stack: Process needs one result for each event"

// Process runs the layers over a packet of events, in order; winners has the length of
// in, and gets the last layer's results. Those of the others stay in [Stack.Winners]
// until the next packet.
func (s *Stack) Process(in []events.Event, winners []int16) error {
	if len(in) != len(winners) {
		panic(PanicLengths)
	}
	top := len(s.levels) - 1
	for i := range s.levels {
		l := &s.levels[i]
		out := winners
		if i < top {
			l.winners = sized(l.winners, len(in))
			out = l.winners
		}
		if i == 0 {
			if err := l.watch(l.layer, in, out); err != nil {
				return err
			}
			continue
		}
		below := s.levels[i-1].winners
		s.lift(i, in, below)
		if err := l.watch(l.layer, l.in, l.answers); err != nil {
			return err
		}
		copy(out, below) // the reasons of those that did not get here
		for k, at := range l.from {
			out[at] = l.answers[k]
		}
	}
	return nil
}

// lift makes the events of a layer: those of the packet that won a feature below.
func (s *Stack) lift(i int, in []events.Event, below []int16) {
	l := &s.levels[i]
	l.in, l.from = l.in[:0], l.from[:0]
	for k, w := range below {
		if w < 0 {
			continue
		}
		e := in[k]
		l.in = append(l.in, events.Event{T: e.T, X: uint16(uint32(e.X) / l.pool), Y: uint16(uint32(e.Y) / l.pool), P: events.Polarity(w)})
		l.from = append(l.from, int32(k))
	}
	l.answers = sized(l.answers, len(l.in))
}

// Winners are what a layer below the last answered to the latest packet's events, one
// an event.
func (s *Stack) Winners(layer int) []int16 { return s.levels[layer].winners }

func sized(s []int16, n int) []int16 {
	if cap(s) < n {
		return make([]int16, n)
	}
	return s[:n]
}
