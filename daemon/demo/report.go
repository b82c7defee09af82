package demo

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/saccade-dev/saccade/daemon/replay"
	"github.com/saccade-dev/saccade/daemon/report"
	"github.com/saccade-dev/saccade/daemon/survey"
	"github.com/saccade-dev/saccade/events"
)

// pictured is how many recordings the report shows as frames, rastered how many as
// events of features.
const (
	pictured = 6
	rastered = 12
)

// Report gives what the report shows.
func (r *Result) Report() report.Run {
	replayed := r.Replayed()
	run := report.Run{
		Title: "saccade demo", Started: r.story.started, Device: r.Device,
		Numbers: report.Numbers{
			Learned: report.Accuracy{
				Test: report.Measured(r.Accuracy), CrossValidation: report.Measured(r.CrossValidation),
			},
			Raw: report.Accuracy{
				Test: report.Measured(r.RawAccuracy), CrossValidation: report.Measured(r.RawCrossValidation),
			},
			TrainRecordings: r.TrainRecordings, TestRecordings: r.TestRecordings,
			Events: replayed.Events, Duration: time.Duration(replayed.Seconds * float64(time.Second)),
			EventsPerSecond: report.Measured(replayed.Rate),
			MissedRate:      report.Measured(r.MissedRate),
			More: []report.Row{
				{Name: "Events/s while learning", Value: fmt.Sprintf("%.0f", r.Learning.Rate)},
				{Name: "Events/s with frozen features", Value: fmt.Sprintf("%.0f", r.Frozen().Rate)},
				{Name: "Misses per hit, second half of learning", Value: fourPlaces(r.MissesPerHit)},
				{Name: "Misses per hit at balance, dI/(N dE)", Value: fourPlaces(r.Balance)},
			},
		},
		Layer:      r.layer(),
		Rasters:    r.rasters(),
		Activation: r.activation(),
		Confusion:  survey.Confusion(r.Confusion),
		Latency:    report.Latency{What: "from publish to result, each message", Samples: r.Latencies, P50: r.P50, P99: r.P99},
		Versions:   []report.Row{{Name: "Go", Value: runtime.Version()}, {Name: "Machine", Value: runtime.GOOS + "/" + runtime.GOARCH}},
		Notes: []string{
			fmt.Sprintf("Learned features: %d neurons in each of %d banks, patches of %dx%d pixels, tau %v, one pass over the training recordings; counts of their wins in cells, as are the raw counts.",
				r.model.Feast.Neurons, r.model.Feast.Banks(), r.model.Feast.Side(), r.model.Feast.Side(), r.model.Feast.Tau),
			"Thresholds and shares of wins are those at the end of learning. Where features won, and what they did for each class, is of the training recordings once more with frozen features; the events of features are of test recordings.",
			fmt.Sprintf("Both kinds of counts have the same readout, %s, with its regularisation chosen by cross-validation on the training recordings. The test recordings were seen once, at the end.", r.report.Method),
		},
	}
	if r.Simulated {
		run.Notes = append(run.Notes, "The recordings are simulated: drawn digits before a simulated event camera that makes three saccades. Their accuracy says nothing about N-MNIST; for that, hand real recordings over with --data.")
	}
	for _, p := range r.pictured {
		s := p.source
		run.Recordings = append(run.Recordings, report.Recording{
			Name: s.Recording, Label: s.Truth, Predicted: r.tested.labels[s.Recording].Label,
			Geometry: r.story.options.Geometry, Events: p.events,
		})
	}
	return run
}

// fourPlaces writes a number that may not be there.
func fourPlaces(v *float64) string {
	if v == nil {
		return "none"
	}
	return fmt.Sprintf("%.4f", *v)
}

// picture is a recording that the report shows.
type picture struct {
	source replay.Source
	events []events.Event
}

// picture reads the recordings that the report shows: of the test half, the first
// of each label, as far as there is room.
func (r *Result) picture(ctx context.Context) error {
	for _, s := range r.story.firsts(pictured) {
		in, err := survey.Read(ctx, s.Path, r.story.options.Geometry)
		if err != nil {
			return err
		}
		r.pictured = append(r.pictured, picture{s, in})
	}
	return nil
}

// layer gives what was learned, bank by bank.
func (r *Result) layer() report.Layer {
	l := survey.Picture(r.model.Feast, r.model.Weights, r.pooled.activity, r.story.samples)
	l.Course = report.Course{Intervals: r.intervals, Findings: r.Findings}
	return l
}
