package deltatable

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/train"
)

// study is one data set, one network and one seed: all arms share what can be shared.
type study struct {
	plan    *Plan
	journal *Journal
	data    *Data
	of      Study
	name    string // of the data set
	counts  bool   // of frames of counts
	seed    uint64
	top     *topology.Topology // without anything that saves multiply-adds
}

// key is that of a result of the study, or of what is kept beside.
func (s *study) key(arm, setting string) Key {
	return Key{Data: s.name, Net: s.of.Net, Seed: s.seed, Arm: arm, Setting: setting}
}

// train trains a network for a share of the budget, from the start or from parameters.
func (s *study) train(ctx context.Context, t *topology.Topology, from *quantise.Params, share float64, change func(*train.Options)) (quantise.Params, error) {
	o := train.Options{
		Seed: s.seed, Epochs: max(int(float64(s.of.Epochs)*share), 1), Batch: s.plan.Batch, Workers: 1,
		Schedule:  train.Schedule{Rate: s.of.Rate, Warmup: 0.05},
		Optimiser: train.Optimiser{Decay: s.of.Decay}, Steps: s.plan.Steps,
	}
	if from != nil {
		o.Seed += 1 << 32 // another order of sequences than before
	}
	if change != nil {
		change(&o)
	}
	var tr *train.Trainer
	var err error
	if from == nil {
		tr, err = train.New(t, o)
	} else {
		tr, err = train.Refine(t, *from, o)
	}
	if err != nil {
		return quantise.Params{}, err
	}
	if err := tr.Run(ctx, Windows(s.data.Train, s.plan.Window), nil); err != nil {
		return quantise.Params{}, err
	}
	return tr.Params(), nil
}

// relu is the network without anything that saves multiply-adds, trained for a share of the budget: what others
// are compared with, and what those that are not trained for themselves begin with.
func (s *study) relu(ctx context.Context, share float64) (quantise.Params, error) {
	k := s.key(ReLU, "trained "+number(share))
	return s.journal.params(k, func() (quantise.Params, error) { return s.train(ctx, s.top, nil, share, nil) })
}

// calibrated are the parameters of relu with steps such that the largest magnitude, of some
// recordings of training, is so many of them.
func (s *study) calibrated(ctx context.Context, share float64, levels Pair) (quantise.Params, error) {
	p, err := s.relu(ctx, share)
	if err != nil {
		return p, err
	}
	input, hidden := fine(topology.Delta), fine(topology.Delta)
	input.Levels, hidden.Levels = levels.Input, levels.Hidden
	return s.steps(ctx, With(s.top, []topology.Layer{input}, []topology.Layer{hidden}), p)
}

// steps calibrates what has no steps on some recordings of training.
func (s *study) steps(ctx context.Context, t *topology.Topology, p quantise.Params) (quantise.Params, error) {
	const recordings, each = 40, 3
	return quantise.Calibrate(ctx, t, p, func(yield func([]int32) bool) {
		for _, r := range s.data.Train[:min(recordings, len(s.data.Train))] {
			for k := range each {
				if !yield(frame(&r, k*(r.Steps-1)/(each-1))) {
					return
				}
			}
		}
	})
}

// frame is a step of a sequence as package delta takes it.
func frame(s *train.Sequence, step int) []int32 {
	size := len(s.Levels) / s.Steps
	out := make([]int32, size)
	for i, v := range s.Levels[step*size:][:size] {
		out[i] = int32(v)
	}
	return out
}

// run measures all arms that the journal does not have.
func (s *study) run(ctx context.Context, done func(Result)) error {
	entries := s.plan.entries()
	if s.counts {
		entries = entries[:1]
		entries[0].arm = ReLUCounts
	}
	for _, e := range entries {
		k := s.key(e.arm, e.setting)
		if _, ok := s.journal.Result(k); ok {
			continue
		}
		start := time.Now()
		t, p, err := e.network(ctx, s)
		if err != nil {
			return fmt.Errorf("%v: %w", k, err)
		}
		r := Result{Key: k, Temporal: e.temporal, Seconds: time.Since(start).Seconds()}
		if err := s.measure(ctx, &r, t, p); err != nil {
			return fmt.Errorf("%v: %w", k, err)
		}
		if err := s.journal.Add(r); err != nil {
			return err
		}
		if done != nil {
			done(r)
		}
	}
	return nil
}

// complete tells whether the journal has all results of the study.
func (s *study) complete() bool {
	return !slices.ContainsFunc(s.plan.entries(), func(e entry) bool {
		if s.counts && e.arm != ReLU {
			return false
		}
		if s.counts {
			e.arm = ReLUCounts
		}
		_, ok := s.journal.Result(s.key(e.arm, e.setting))
		return !ok
	})
}
