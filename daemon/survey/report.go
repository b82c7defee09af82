package survey

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/saccade-dev/saccade/daemon/report"
	"github.com/saccade-dev/saccade/features/feast"
)

// Report gives what the report shows, under a title.
func (r *Result) Report(title string) report.Run {
	s := r.survey
	run := report.Run{
		Title: title, Started: r.Started, Device: r.Device,
		Numbers: report.Numbers{
			Recordings: r.Recordings, Events: r.Events, MissedRate: report.Measured(r.Layers[0].MissedRate),
			More: []report.Row{{Name: "Looked at in", Value: time.Duration(r.Seconds * float64(time.Second)).Round(time.Millisecond).String()}},
		},
		Headlines:  r.headlines(),
		Recordings: s.shown, Untimed: true, Tables: r.tables(),
		Versions: []report.Row{{Name: "Go", Value: runtime.Version()}, {Name: "Machine", Value: runtime.GOOS + "/" + runtime.GOARCH}},
		Notes:    r.notes(),
	}
	run.Confusion.Why = "Nothing to show: the model names nothing. Train a readout on it with 'saccade train readout'."
	if r.Confusion != nil {
		run.Numbers.Accuracy = report.Measured(r.Accuracy())
		run.Confusion = Confusion(r.Confusion)
	}
	for i, l := range r.levels() {
		if i == 0 {
			run.Layer, run.Rasters, run.Activation = l.Layer, l.Rasters, l.Activation
			continue
		}
		run.Behind = append(run.Behind, l)
	}
	return run
}

// levels are the layers as the report draws them.
func (r *Result) levels() []report.Level {
	s := r.survey
	var weights []feast.Weights
	for _, l := range s.levels {
		weights = append(weights, l.weights)
	}
	looks := sums(s.model.Layers(), weights)
	labels := Labels(s.order, label)
	var out []report.Level
	for i, l := range s.levels {
		v := report.Level{Rasters: slices.Clone(s.rasters[i])}
		v.Layer = Picture(l.config, l.weights, l.counts, l.history())
		v.Layer.Frozen, v.Layer.Course = true, l.course()
		if r.Learned {
			// Shares of wins and places stay those of the frozen features.
			on := s.learned[i]
			v.Layer.Frozen, v.Layer.Course = false, on.course
			for b, bank := range Picture(l.config, l.weights, l.counts, on.history.all()).Banks {
				v.Layer.Banks[b].History = bank.History
			}
		}
		if i > 0 && looks[i].of != nil {
			v.Layer.Surfaces, v.Layer.SumSide = looks[i].surfaces, looks[i].side
			for b := range v.Layer.Banks {
				v.Layer.Banks[b].Sums = looks[i].of[b*l.config.Neurons:][:l.config.Neurons]
			}
		}
		slices.SortStableFunc(v.Rasters, func(a, b report.Raster) int { return cmp.Compare(a.Label, b.Label) })
		v.Activation.What = plural(uint64(r.Recordings), "recording") + ", with frozen features"
		for _, of := range labels {
			v.Activation.Classes = append(v.Activation.Classes, l.counts.Class(of))
		}
		out = append(out, v)
	}
	return out
}

// headlines say how large the model is, and what it was shown.
func (r *Result) headlines() []report.Headline {
	out := make([]report.Headline, 0, len(r.Layers)+1)
	for i, l := range r.Layers {
		h := report.Headline{Name: "Features", Value: grouped(uint64(l.Features)), Note: fmt.Sprintf("%s, %d×%d pixels", l.Mode, l.Side, l.Side)}
		if len(r.Layers) > 1 {
			h.Name = fmt.Sprintf("Features, layer %d", i+1)
		}
		if l.Planes > 0 {
			h.Note = fmt.Sprintf("%d planes of %d×%d pixels", l.Planes, l.Side, l.Side)
		}
		out = append(out, h)
	}
	return append(out, report.Headline{Name: "Events", Value: grouped(uint64(r.Events)), Note: "of " + plural(uint64(r.Recordings), "recording")})
}

// notes say what the numbers are of.
func (r *Result) notes() []string {
	out := []string{"The recordings were taken in an order drawn by the model's seed, and each began with empty surfaces."}
	if r.Learned {
		out = append(out, "A copy of the model learned on from the recordings, all layers together, in one pass: the curves are of that pass. Everything else is of the copy, frozen after it. The model's file is as it was.")
		if r.Confusion != nil {
			out = append(out, "What names recordings is the model's own, trained on features as they were before: its accuracy here tells how far they have moved from under it.")
		}
	}
	if r.Unnamed > 0 {
		out = append(out, fmt.Sprintf("In %s of %d the model found nothing to name it by; they count as mistaken, and are not in the matrix.", plural(uint64(r.Unnamed), "recording"), r.Recordings))
	}
	if r.Confusion != nil {
		out = append(out, "A model does not know which recordings it was trained on. If these are among them, the accuracy says how well it remembers them, and not how well it would name others.")
	}
	return out
}
