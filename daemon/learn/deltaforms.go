package learn

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/train"
)

// form is a network as it is written when it has been trained: sending less, and cut.
type form struct {
	topology *topology.Topology
	params   quantise.Params
	cuts     *train.Cuts // nil where none were asked for; without layers where the network says too little to be cut
}

// cutFrames is how many recordings give a frame that errors of cuts are measured on.
const cutFrames = 24

// form gives what becomes of a trained network. Of two trainings the second, which is told what the
// first found, has no recordings that it has not learned from, and gets cuts of the same error.
func (r *deltaRun) form(ctx context.Context, t *train.Trainer, first *form) (*form, error) {
	f := &form{topology: t.Topology(), params: t.Params()}
	if r.Threshold > 0 {
		if err := f.sendLess(r.Threshold); err != nil {
			return nil, err
		}
	}
	if r.Cut == 0 || first != nil && first.cuts.Layers == nil {
		return f, nil
	}
	if first == nil {
		uncut, err := r.crossEntropy(ctx, t, f)
		if err != nil {
			return nil, err
		}
		// A cross-entropy that guessing has as well allows for anything, a network that says nothing at all among it.
		if math.Exp(uncut)*(1+r.Cut/100) >= float64(len(r.set.Classes)) {
			f.cuts = &train.Cuts{Uncut: uncut, Cut: uncut}
			return f, nil
		}
	}
	var err error
	if f.topology, f.params, err = train.InsertCuts(f.topology, f.params); err != nil {
		return nil, err
	}
	frames := r.seen.middles(cutFrames)
	if first == nil {
		c := train.Cutting{P: r.Cut, Frames: frames, Judged: r.set.Subset(r.held), Measure: r.measuring(t), Progress: r.Cutting}
		if f.params, f.cuts, err = train.FindCuts(ctx, f.topology, f.params, c); err != nil {
			return nil, err
		}
	} else {
		cuts := *first.cuts
		if f.params, cuts.Layers, err = train.CutAt(ctx, f.topology, f.params, frames, cuts.Relative); err != nil {
			return nil, err
		}
		f.cuts = &cuts
	}
	f.topology, f.params, err = train.RemoveCuts(f.topology, f.params, f.cuts.Layers)
	return f, err
}

// sendLess makes threshold deltas of the network's delta activations, with the steps that they have.
func (f *form) sendLess(threshold int) error {
	out := *f.topology
	out.Layers = slices.Clone(out.Layers)
	found := false
	for i := range out.Layers {
		if l := &out.Layers[i]; l.Kind == topology.Delta {
			if l.Kind, l.Threshold = topology.Threshold, threshold; threshold > l.Levels {
				return fmt.Errorf("layer %s: expected a threshold of 1 to its %d levels, found %d", l.Name, l.Levels, threshold)
			}
			found = true
		}
	}
	if !found {
		return errors.New("expected delta activations to send less, found none in the topology")
	}
	f.topology = &out
	return nil
}

// crossEntropy is that of the recordings held out.
func (r *deltaRun) crossEntropy(ctx context.Context, t *train.Trainer, f *form) (float64, error) {
	o := r.measuring(t)
	o.Loss = train.CrossEntropy
	m, err := train.Measure(ctx, f.topology, f.params, r.set.Subset(r.held), o)
	if err != nil {
		return 0, err
	}
	return m.Loss, nil
}

// measuring says how networks of a training are measured: as it measures itself.
func (r *deltaRun) measuring(t *train.Trainer) train.MeasureOptions {
	o := t.Options()
	return train.MeasureOptions{Loss: o.Loss, StepWeights: o.StepWeights, Workers: r.Options.Workers}
}

func (r *deltaRun) measure(ctx context.Context, t *train.Trainer, f *form, set *FrameSet) (*train.Report, error) {
	return train.Measure(ctx, f.topology, f.params, set, r.measuring(t))
}

// middles are frames from the middle of so many recordings at most, which are spread over the set.
func (s *FrameSet) middles(most int) [][]int32 {
	out := make([][]int32, min(most, s.Len()))
	for k := range out {
		r := &s.rows[k*s.Len()/len(out)]
		out[k] = make([]int32, s.Config.Len())
		r.each(func(step int, at uint32, level int16) {
			if step == len(r.ends)/2 {
				out[k][at] = int32(level)
			}
		})
	}
	return out
}
