package deltatable

import (
	"context"
	"strconv"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/train"
)

// entry is an arm with one of its settings, and how its network is come by.
type entry struct {
	arm, setting string
	temporal     bool
	network      making
}

// making makes a network and its parameters.
type making func(ctx context.Context, s *study) (*topology.Topology, quantise.Params, error)

// fine is a layer that quantises as finely as engines take: 127 levels.
func fine(kind topology.Kind) topology.Layer {
	return topology.Layer{Kind: kind, Levels: topology.DefaultLevels, Step: topology.PerLayer}
}

// entries are all arms of a plan with their settings, in the order in which they are made.
func (p *Plan) entries() []entry {
	out := []entry{{ReLU, "", false, func(ctx context.Context, s *study) (*topology.Topology, quantise.Params, error) {
		q, err := s.relu(ctx, 1)
		return s.top, q, err
	}}}
	out = append(out, p.spatial()...)
	out = append(out, p.untrained()...)
	return append(out, p.learned()...)
}

// spatial are the arms that go by what is zero.
func (p *Plan) spatial() (out []entry) {
	for _, v := range p.L1 {
		out = append(out, entry{L1, number(v), false, func(ctx context.Context, s *study) (*topology.Topology, quantise.Params, error) {
			q, err := s.train(ctx, s.top, nil, 1, func(o *train.Options) { o.L1 = v })
			return s.top, q, err
		}})
	}
	for _, v := range p.TopK {
		out = append(out, entry{TopK, number(v), false, func(ctx context.Context, s *study) (*topology.Topology, quantise.Params, error) {
			t := With(s.top, nil, []topology.Layer{{Kind: topology.TopK, Share: v}})
			q, err := s.train(ctx, t, nil, 1, nil)
			return t, q, err
		}})
	}
	for _, v := range p.Cut {
		out = append(out, entry{Cut, number(v), false, func(ctx context.Context, s *study) (*topology.Topology, quantise.Params, error) {
			return s.cut(ctx, v)
		}})
	}
	return out
}

// untrained are the arms that compute on changes with a network that was trained without.
func (p *Plan) untrained() (out []entry) {
	for _, v := range p.Thresholds {
		out = append(out, entry{Threshold, v.String(), true, func(ctx context.Context, s *study) (*topology.Topology, quantise.Params, error) {
			q, err := s.calibrated(ctx, 1, Pair{topology.DefaultLevels, topology.DefaultLevels})
			return thresholds(s.top, v), q, err
		}})
	}
	for _, v := range p.Levels {
		out = append(out, entry{PostTraining, v.String(), true, func(ctx context.Context, s *study) (*topology.Topology, quantise.Params, error) {
			q, err := s.calibrated(ctx, 1, v)
			return Everywhere(s.top, fine(topology.Delta)), q, err
		}})
	}
	return out
}

// thresholds puts threshold deltas of 127 levels into a network; delta activations where the
// threshold is 0.
func thresholds(t *topology.Topology, v Pair) *topology.Topology {
	of := func(threshold int) []topology.Layer {
		if threshold == 0 {
			return []topology.Layer{fine(topology.Delta)}
		}
		l := fine(topology.Threshold)
		l.Threshold = threshold
		return []topology.Layer{l}
	}
	return With(t, of(v.Input), of(v.Hidden))
}

// learned are the arms that are trained with what they compute changes by.
func (p *Plan) learned() (out []entry) {
	for _, v := range p.Fixed {
		out = append(out, entry{Fixed, strconv.Itoa(v), true, fixedFromStart(v)})
		out = append(out, p.behind(FixedThreshold, strconv.Itoa(v), Pair{v, v}, fixedFromStart(v))...)
	}
	for _, v := range p.Refined {
		out = append(out, entry{FixedRefined, v.String(), true, fixed(v, 0)})
		out = append(out, p.behind(FixedThreshold, v.String()+", refined", v, fixed(v, 0))...)
	}
	for _, v := range p.Both {
		out = append(out, entry{FixedLambda, v.String() + "; " + number(p.BothLambda), true, fixed(v, p.BothLambda)})
	}
	for _, v := range p.Trained {
		out = append(out, entry{ThresholdRefined, v.String(), true, func(ctx context.Context, s *study) (*topology.Topology, quantise.Params, error) {
			t := thresholds(s.top, v)
			q, err := s.calibrated(ctx, half, Pair{topology.DefaultLevels, topology.DefaultLevels})
			if err == nil {
				q, err = s.train(ctx, t, &q, half, nil)
			}
			return t, q, err
		}})
	}
	for _, v := range p.Lambda {
		out = append(out, entry{Delta, number(v), true, lambda(v, false)})
	}
	for _, v := range p.Refining {
		out = append(out, entry{DeltaRefined, number(v), true, lambda(v, true)})
	}
	for _, refined := range []bool{false, true} {
		list, name := p.Lambda, ""
		if refined {
			list, name = p.Refining, ", refined"
		}
		for _, v := range list {
			out = append(out, p.behind(DeltaThreshold, number(v)+name, Pair{topology.DefaultLevels, topology.DefaultLevels}, lambda(v, refined))...)
		}
	}
	return out
}

// behind runs what was made with each of the thresholds behind its steps that values of so
// many levels can get over.
func (p *Plan) behind(arm, setting string, levels Pair, make making) (out []entry) {
	for _, v := range p.Behind {
		if v.Input >= levels.Input || v.Hidden >= levels.Hidden {
			continue
		}
		out = append(out, entry{arm, setting + "; " + v.String(), true, func(ctx context.Context, s *study) (*topology.Topology, quantise.Params, error) {
			_, q, err := make(ctx, s)
			return thresholds(s.top, v), q, err
		}})
	}
	return out
}

// fixedFromStart trains a network with steps that are so many of the largest value and stay.
func fixedFromStart(levels int) making {
	return func(ctx context.Context, s *study) (*topology.Topology, quantise.Params, error) {
		t := Everywhere(s.top, fine(topology.Delta))
		q, err := s.journal.params(s.key(Fixed, "trained "+strconv.Itoa(levels)), func() (quantise.Params, error) {
			return s.train(ctx, t, nil, 1, func(o *train.Options) { o.Steps.Fixed, o.Steps.Levels = true, float64(levels) })
		})
		return t, q, err
	}
}

// fixed refines a network with fixed steps, which the largest values are so many of.
func fixed(levels Pair, lambda float64) making {
	return func(ctx context.Context, s *study) (*topology.Topology, quantise.Params, error) {
		t := Everywhere(s.top, fine(topology.Delta))
		q, err := s.journal.params(s.key(FixedRefined, "trained "+levels.String()+" "+number(lambda)), func() (quantise.Params, error) {
			q, err := s.calibrated(ctx, half, levels)
			if err != nil {
				return q, err
			}
			return s.train(ctx, t, &q, half, func(o *train.Options) { o.Sparsity, o.Steps.Fixed = lambda, true })
		})
		return t, q, err
	}
}

// lambda trains a network with delta activations from the start, or refines one.
func lambda(v float64, refined bool) making {
	return func(ctx context.Context, s *study) (*topology.Topology, quantise.Params, error) {
		t := Everywhere(s.top, fine(topology.Delta))
		arm := Delta
		if refined {
			arm = DeltaRefined
		}
		q, err := s.journal.params(s.key(arm, "trained "+number(v)), func() (quantise.Params, error) {
			change := func(o *train.Options) { o.Sparsity = v }
			if !refined {
				return s.train(ctx, t, nil, 1, change)
			}
			q, err := s.calibrated(ctx, half, s.plan.Begin)
			if err != nil {
				return q, err
			}
			return s.train(ctx, t, &q, half, change)
		})
		return t, q, err
	}
}

// half of the budget is what a network that is refined was trained for before.
const half = 0.5

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
