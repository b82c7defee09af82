package deltatable

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/train"
	"github.com/saccade-dev/saccade/hw"
)

// measure fills in a result: what the network does in real numbers, and what the integer network of
// it does on a part of the recordings that are reported.
func (s *study) measure(ctx context.Context, r *Result, t *topology.Topology, p quantise.Params) error {
	var err error
	if r.Held, err = s.figures(ctx, s.data.Held, t, p, r.Temporal); err != nil {
		return err
	}
	if r.Test, err = s.figures(ctx, s.data.Test, t, p, r.Temporal); err != nil {
		return err
	}
	g, err := t.Resolve()
	if err != nil {
		return err
	}
	for _, l := range r.Test.Layers {
		r.Dense += l.Dense
	}
	r.State = train.StateBytes(g)
	net, err := s.integers(ctx, r, t, p)
	if err != nil {
		return err
	}
	if err := net.Save(filepath.Join(s.journal.Dir(), r.file()+".delta")); err != nil {
		return err
	}
	return s.count(ctx, r, net, t, p)
}

// figures measures a network on a set.
func (s *study) figures(ctx context.Context, set train.Sequences, t *topology.Topology, p quantise.Params, temporal bool) (f Figures, err error) {
	m, err := train.Measure(ctx, t, p, set, train.MeasureOptions{Workers: 1})
	if err != nil {
		return f, err
	}
	f.Frames, f.Recordings, f.Loss = m.StepAccuracy, m.Accuracy, m.Loss
	firstNonzero, nonzero := m.Nonzero()
	firstChanged, changed := m.Changed()
	dense := float64(m.DenseMACs)
	f.Spatial, f.Temporal = 1-nonzero/dense, 1-changed/dense
	f.MACs, f.FirstMACs = nonzero, firstNonzero
	if temporal {
		f.MACs, f.FirstMACs = changed, firstChanged
	}
	for i := range m.Layers {
		l := &m.Layers[i]
		f.Layers = append(f.Layers, LayerFigures{
			Name: l.Layer, Dense: float64(l.DenseMACs),
			Nonzero: float64(l.Later.NonzeroMACs) / float64(max(l.Later.Steps, 1)),
			Changed: float64(l.Later.ChangedMACs) / float64(max(l.Later.Steps, 1)),
		})
	}
	return f, nil
}

// integers makes the integer network. Arms without steps get those of 127 levels, as integer networks have to
// round somewhere.
func (s *study) integers(ctx context.Context, r *Result, t *topology.Topology, p quantise.Params) (*delta.Network, error) {
	if !r.Temporal {
		var input, hidden []topology.Layer
		for _, l := range t.Layers {
			switch {
			case l.Kind != topology.TopK && l.Kind != topology.Cut:
			case l.Name == InputSlot:
				input = []topology.Layer{l}
			default:
				hidden = []topology.Layer{{Kind: l.Kind, Share: l.Share}}
			}
		}
		t = With(s.top, append(input, fine(topology.Delta)), append(hidden, fine(topology.Delta)))
		var err error
		if p, err = s.steps(ctx, t, p); err != nil {
			return nil, err
		}
	}
	n, _, err := quantise.Quantise(t, p)
	return n, err
}

// count runs the integer network, always adding what changed, on some of the recordings that are reported, and
// measures the network of real numbers on the same.
func (s *study) count(ctx context.Context, r *Result, net *delta.Network, t *topology.Topology, p quantise.Params) error {
	const recordings = 100
	target, err := hw.Find(hw.Auto)
	if err != nil {
		return err
	}
	e, err := delta.NewEngineWith(net, target, delta.Options{Mode: delta.AlwaysDelta})
	if err != nil {
		return err
	}
	var later uint64
	right, frames := 0, 0
	list := s.data.Test[:min(recordings, len(s.data.Test))]
	for i := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		e.Reset()
		sums := make([]int64, net.Graph().Last().Out.Len())
		for k := range list[i].Steps {
			out, err := e.Step(frame(&list[i], k))
			if err != nil {
				return fmt.Errorf("recording %d: %w", i, err)
			}
			for c, v := range out {
				sums[c] += int64(v)
			}
			if c := e.Counters(); k > 0 {
				done, _ := c.MACs()
				later, frames = later+done, frames+1
			}
		}
		if slices.Index(sums, slices.Max(sums)) == list[i].Label {
			right++
		}
	}
	real, err := s.figures(ctx, list, t, p, r.Temporal)
	if err != nil {
		return err
	}
	r.Integer, r.Real = float64(right)/float64(len(list)), real.Recordings
	if r.Temporal { // what integers of the others change is not what these arms are about
		r.Counted, r.Measured = float64(later)/float64(max(frames, 1)), real.MACs
	}
	return nil
}
