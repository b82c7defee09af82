package deltatable

import (
	"context"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/train"
)

// cut is the accuracy-bounded cut of small magnitudes, see [train.Cutting]: errors are measured on some
// frames of training, the cross-entropy on a hundred recordings held out.
func (s *study) cut(ctx context.Context, p float64) (*topology.Topology, quantise.Params, error) {
	const recordings, judged = 24, 100
	params, err := s.relu(ctx, 1)
	if err != nil {
		return nil, params, err
	}
	t := Everywhere(s.top, topology.Layer{Kind: topology.Cut})
	c := train.Cutting{P: p, Judged: s.data.Held[:min(judged, len(s.data.Held))], Measure: train.MeasureOptions{Workers: 1}}
	for _, r := range s.data.Train[:min(recordings, len(s.data.Train))] {
		c.Frames = append(c.Frames, frame(&r, r.Steps/2))
	}
	params, _, err = train.FindCuts(ctx, t, params, c)
	return t, params, err
}
