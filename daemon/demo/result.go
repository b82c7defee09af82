package demo

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/daemon/survey"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/monitor"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
)

// Result is what the demo found.
type Result struct {
	Device    string
	Simulated bool // the recordings were made for the demo

	// Accuracy is the share of test recordings that the daemon named right over
	// NATS, CrossValidation that of training recordings by readouts that had not
	// seen them; the Raw ones are of the same readout on raw event counts.
	Accuracy, CrossValidation       float64
	RawAccuracy, RawCrossValidation float64
	Confusion                       *readout.Confusion
	Folds                           int // of the cross-validation

	TrainRecordings, TestRecordings int
	Events                          int64 // in these recordings

	// Learning, Pooling and Testing are what went through NATS: the training
	// recordings once while features were learned and once more with the features
	// frozen, then the test recordings.
	Learning, Pooling, Testing Pass

	// Latencies are of every message, from publish to result, in ascending order,
	// P50 and P99 their quantiles by nearest rank.
	Latencies []time.Duration
	P50, P99  time.Duration
	// PacketEvents is how many events a message has, Window how many messages were
	// under way.
	PacketEvents, Window int

	// MissedRate is the share of missed events while learning, in the second half
	// of the pass; MissesPerHit, nil without a hit, is what it settles at by Balance,
	// dI/(N*dE).
	MissedRate            float64
	MissesPerHit, Balance *float64
	// Findings are when the layer was found to have settled, or to drift, while it
	// learned, by package monitor.
	Findings []monitor.Finding

	story                   *story
	model                   *model.Model
	intervals               []monitor.Interval // of the pass that learned, the whole of it
	learned, pooled, tested *passed
	report, rawReport       *readout.Report
	pictured                []picture
}

// Pass is one run of recordings through NATS.
type Pass struct {
	Recordings int     `json:"recordings"`
	Events     int64   `json:"events"`
	Seconds    float64 `json:"seconds"`
	Rate       float64 `json:"events_per_s"`
}

// together is what several passes were in all.
func together(passes ...Pass) Pass {
	var all Pass
	for _, p := range passes {
		all.Recordings += p.Recordings
		all.Events += p.Events
		all.Seconds += p.Seconds
	}
	all.Rate = float64(all.Events) / all.Seconds
	return all
}

// Replayed is all that went through NATS.
func (r *Result) Replayed() Pass { return together(r.Learning, r.Pooling, r.Testing) }

// Frozen is what went through NATS with frozen features.
func (r *Result) Frozen() Pass { return together(r.Pooling, r.Testing) }

func (p *passed) pass() Pass {
	return together(Pass{Recordings: p.recordings, Events: int64(p.counts.Events), Seconds: p.seconds})
}

// sample is the pipeline's hook; it is called in the pipeline's goroutine.
func (s *story) sample(p *pipeline.Pipeline, _ pipeline.RecordingEnd) {
	if !s.learning {
		return
	}
	// At most one finding is made an interval, which is longer than a recording of
	// these; of a longer recording the last is seen.
	if f := p.Monitor().Last(); f.Change != monitor.None && (len(s.findings) == 0 || s.findings[len(s.findings)-1] != f) {
		s.findings = append(s.findings, f)
	}
	s.samples = append(s.samples, survey.Look(p.Layer()))
}

// judge works the results out.
func (r *Result) judge(raw *readout.Model) error {
	r.Device = r.story.config.Pipeline.Device
	if t, err := hw.Find(r.Device); err == nil {
		r.Device = t.Name()
	}
	r.CrossValidation = r.report.Confusion.Accuracy()
	r.RawCrossValidation = r.rawReport.Confusion.Accuracy()
	rawConfusion, err := readout.Evaluate(raw, r.tested.raw)
	if err != nil {
		return fmt.Errorf("raw counts: %w", err)
	}
	r.RawAccuracy = rawConfusion.Accuracy()

	classes := r.model.Readout.Classes()
	r.Confusion = readout.NewConfusion(classes)
	for _, source := range r.story.test {
		l, ok := r.tested.labels[source.Recording]
		want, got := slices.Index(classes, source.Truth), slices.Index(classes, l.Label)
		switch {
		case !ok || got < 0:
			return fmt.Errorf("%s: the daemon gave no label", source.Recording)
		case want < 0:
			return fmt.Errorf("%s: label %s is not among those trained on", source.Recording, source.Truth)
		}
		r.Confusion.Add(want, got)
	}
	r.Accuracy = r.Confusion.Accuracy()
	r.Folds = r.report.Folds
	r.Simulated = r.story.options.Source != nil
	r.PacketEvents, r.Window = packetEvents, window

	r.TrainRecordings, r.TestRecordings = len(r.story.train), len(r.story.test)
	r.Events = int64(r.learned.counts.Events + r.tested.counts.Events)
	r.Learning, r.Pooling, r.Testing = r.learned.pass(), r.pooled.pass(), r.tested.pass()
	for _, p := range []*passed{r.learned, r.pooled, r.tested} {
		r.Latencies = append(r.Latencies, p.latencies...)
	}
	slices.Sort(r.Latencies)
	r.P50, r.P99 = quantile(r.Latencies, 50), quantile(r.Latencies, 99)

	r.Balance, r.Findings = survey.Balance(r.model.Feast), r.story.findings
	hits, missed := survey.Settled(r.story.samples)
	r.MissesPerHit = survey.PerHit(hits, missed)
	r.MissedRate = float64(missed) / float64(max(hits+missed, 1))
	return nil
}

// quantile is the smallest of sorted durations that so many percent of them do not
// exceed.
func quantile(sorted []time.Duration, percent int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := (percent*len(sorted) + 99) / 100 // from 1
	return sorted[max(rank, 1)-1]
}

// MarshalJSON gives the object that `saccade demo --json` prints.
func (r *Result) MarshalJSON() ([]byte, error) {
	type latency struct {
		P50 float64 `json:"p50"`
		P99 float64 `json:"p99"`
	}
	type features struct {
		Mode             feast.Mode `json:"mode"`
		Neurons          int        `json:"neurons"`
		Radius           int        `json:"radius"`
		TauUS            int64      `json:"tau_us"`
		Eta              float64    `json:"eta"`
		DeltaI           float64    `json:"delta_i"`
		DeltaE           float64    `json:"delta_e"`
		InitialThreshold float64    `json:"initial_threshold"`
	}
	type trained struct {
		Method readout.Method `json:"method"`
		Lambda float64        `json:"lambda"`
		Folds  int            `json:"folds"`
	}
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	replayed, c := r.Replayed(), r.model.Feast
	return json.Marshal(struct {
		Accuracy        float64            `json:"accuracy"`
		AccuracyCV      float64            `json:"accuracy_cv"`
		RawAccuracy     float64            `json:"raw_accuracy"`
		RawAccuracyCV   float64            `json:"raw_accuracy_cv"`
		Recordings      int                `json:"recordings"`
		TrainRecordings int                `json:"train_recordings"`
		TestRecordings  int                `json:"test_recordings"`
		Events          int64              `json:"events"`
		EventsPerS      float64            `json:"events_per_s"`
		LatencyMS       latency            `json:"latency_ms"`
		MissedRate      float64            `json:"missed_rate"`
		MissesPerHit    *float64           `json:"misses_per_hit,omitempty"`
		Balance         *float64           `json:"balance,omitempty"`
		Findings        []monitor.Finding  `json:"findings"`
		Device          string             `json:"device"`
		Simulated       bool               `json:"simulated"`
		Seed            uint64             `json:"seed"`
		PacketEvents    int                `json:"packet_events"`
		PacketsUnderWay int                `json:"packets_under_way"`
		Replayed        Pass               `json:"replayed"`
		Learning        Pass               `json:"learning"`
		Pooling         Pass               `json:"pooling"`
		Testing         Pass               `json:"testing"`
		Features        features           `json:"features"`
		Readout         trained            `json:"readout"`
		Confusion       *readout.Confusion `json:"confusion"`
	}{
		r.Accuracy, r.CrossValidation, r.RawAccuracy, r.RawCrossValidation,
		r.TrainRecordings + r.TestRecordings, r.TrainRecordings, r.TestRecordings, r.Events, replayed.Rate,
		latency{ms(r.P50), ms(r.P99)},
		r.MissedRate, r.MissesPerHit, r.Balance, append([]monitor.Finding{}, r.Findings...),
		r.Device, r.Simulated, r.story.options.Seed, r.PacketEvents, r.Window,
		replayed, r.Learning, r.Pooling, r.Testing,
		features{c.Mode, c.Neurons, c.Radius, c.Tau.Microseconds(), c.Eta, c.DeltaI, c.DeltaE, c.InitialThreshold},
		trained{r.report.Method, r.report.Lambda, r.report.Folds},
		r.Confusion,
	})
}
