package demo

import (
	"cmp"
	"slices"

	"github.com/saccade-dev/saccade/daemon/replay"
	"github.com/saccade-dev/saccade/daemon/report"
	"github.com/saccade-dev/saccade/daemon/survey"
)

// firsts gives of the test half the first recording of each label, as far as there
// is room.
func (s *story) firsts(most int) []replay.Source { return survey.Firsts(s.test, truth, most) }

func recordingsOf(sources []replay.Source) map[string]bool {
	out := make(map[string]bool, len(sources))
	for _, s := range sources {
		out[s.Recording] = true
	}
	return out
}

// rasters gives the feature events of a recording of each label, in their order.
func (r *Result) rasters() []report.Raster {
	sources := r.story.firsts(rastered)
	slices.SortStableFunc(sources, func(a, b replay.Source) int { return cmp.Compare(a.Truth, b.Truth) })
	features := r.model.Feast.Features()
	out := make([]report.Raster, 0, len(sources))
	for _, s := range sources {
		raster := report.Raster{Name: s.Recording, Label: s.Truth, Predicted: r.tested.labels[s.Recording].Label}
		for _, f := range r.tested.rasters[s.Recording] {
			if int(f.Feature) < features {
				raster.Events = append(raster.Events, report.Win{T: f.T, Feature: int(f.Feature), P: f.P})
			}
		}
		out = append(out, raster)
	}
	return out
}

// activation gives what recordings of each class made the features do, on the pass
// over the training recordings with frozen features.
func (r *Result) activation() report.Activation {
	a := report.Activation{What: "training recordings, with frozen features"}
	for _, label := range r.model.Readout.Classes() {
		a.Classes = append(a.Classes, r.pooled.activity.Class(label))
	}
	return a
}
