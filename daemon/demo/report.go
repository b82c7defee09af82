package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/saccade-dev/saccade/daemon/replay"
	"github.com/saccade-dev/saccade/daemon/report"
	"github.com/saccade-dev/saccade/events"
)

// pictured is how many recordings the report shows as frames, rastered how many as
// events of features.
const (
	pictured = 6
	rastered = 12
)

// maxSamples is how many points a curve has at the most.
const maxSamples = 500

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
				{Name: "Misses per hit, second half of learning", Value: fmt.Sprintf("%.4f", r.MissesPerHit)},
				{Name: "Misses per hit at balance, dI/(N dE)", Value: fmt.Sprintf("%.4f", r.Balance)},
			},
		},
		Layer:      r.layer(),
		Rasters:    r.rasters(),
		Activation: r.activation(),
		Confusion:  r.confusion(),
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

// picture is a recording that the report shows.
type picture struct {
	source replay.Source
	events []events.Event
}

// picture reads the recordings that the report shows: of the test half, the first
// of each label, as far as there is room.
func (r *Result) picture(ctx context.Context) error {
	for _, s := range r.story.firsts(pictured) {
		in, err := read(ctx, s, r.story.options.Geometry)
		if err != nil {
			return err
		}
		r.pictured = append(r.pictured, picture{s, in})
	}
	return nil
}

// maxPictured bounds the events that are kept to picture a recording.
const maxPictured = 1 << 20

func read(ctx context.Context, s replay.Source, g events.Geometry) (in []events.Event, err error) {
	f, err := events.Open(s.Path, events.OpenOptions{Geometry: g})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	p := events.NewPacket(events.DefaultPacketEvents)
	for len(in) < maxPictured && ctx.Err() == nil {
		err := f.Read(p)
		in = append(in, p.Events...)
		if errors.Is(err, io.EOF) {
			return in, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return in, ctx.Err()
}

// layer gives what was learned, bank by bank.
func (r *Result) layer() report.Layer {
	c := r.model.Feast
	weights, thresholds := r.model.Weights.Float()
	l := report.Layer{
		Radius: c.Radius, Planes: c.Planes, DeltaI: c.DeltaI, DeltaE: c.DeltaE,
		Field:  r.pooled.activity.field,
		Course: report.Course{Intervals: r.intervals, Findings: r.Findings},
	}
	names := bankNames(c.Mode)
	n := c.Elements()
	samples := r.story.samples
	every := max(1, len(samples)/maxSamples)
	for b, name := range names {
		bank := report.Bank{
			Name: name, Thresholds: thresholds[b*c.Neurons : (b+1)*c.Neurons],
			Places: r.pooled.activity.places(b*c.Neurons, (b+1)*c.Neurons),
		}
		for f := b * c.Neurons; f < (b+1)*c.Neurons; f++ {
			bank.Weights = append(bank.Weights, weights[f*n:(f+1)*n])
			if len(samples) > 0 {
				bank.Wins = append(bank.Wins, int64(samples[len(samples)-1].wins[f]))
			}
		}
		for i, s := range samples {
			if i%every != 0 && i != len(samples)-1 {
				continue
			}
			bank.History = append(bank.History, report.Sample{
				Events: int64(s.hits[b] + s.missed[b]), Missed: int64(s.missed[b]),
				Thresholds: s.thresholds[b*c.Neurons : (b+1)*c.Neurons],
			})
		}
		l.Banks = append(l.Banks, bank)
	}
	return l
}

func (r *Result) confusion() report.Confusion {
	labels := r.Confusion.Classes()
	c := report.Confusion{Labels: labels, Counts: make([][]int, len(labels))}
	for want := range labels {
		for got := range labels {
			c.Counts[want] = append(c.Counts[want], r.Confusion.Count(want, got))
		}
	}
	return c
}
