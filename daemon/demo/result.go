package demo

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
)

// Result is what the demo found.
type Result struct {
	Device string
	// Accuracy is the share of test recordings that the daemon named right over
	// NATS, CrossValidation that of training recordings by readouts that had not
	// seen them; the Raw ones are of the same readout on raw event counts.
	Accuracy, CrossValidation       float64
	RawAccuracy, RawCrossValidation float64
	Confusion                       *readout.Confusion

	// Recordings, Events and Seconds are of all that went through NATS.
	Recordings int
	Events     int64
	Seconds    float64
	// LearningRate is events a second while learning, InferenceRate without.
	LearningRate, InferenceRate float64
	P50, P99                    time.Duration // from publish to result

	// MissedRate is the share of missed events while learning, in the second half
	// of the pass; Balance is misses a hit there, and ExpectedBalance dI/(N*dE).
	MissedRate, Balance, ExpectedBalance float64

	story                   *story
	model                   *model.Model
	learned, pooled, tested *passed
	report, rawReport       *readout.Report
	latencies               []time.Duration
	pictured                [][]events.Event // of the first test recordings
}

// sample is what is seen of the layer when a recording ends.
type sample struct {
	hits, missed []uint64 // by bank
	wins         []uint64
	thresholds   []float64
}

// sample is the pipeline's hook; it is called in the pipeline's goroutine.
func (s *story) sample(p *pipeline.Pipeline, _ pipeline.RecordingEnd) {
	if !s.learning {
		return
	}
	c := p.Layer().Counters()
	_, thresholds := p.Layer().Weights().Float()
	neurons := p.Layer().Config().Neurons
	hits := make([]uint64, len(c.BankMissed))
	for f, n := range c.Wins {
		hits[f/neurons] += n
	}
	s.samples = append(s.samples, sample{hits: hits, missed: c.BankMissed, wins: c.Wins, thresholds: thresholds})
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

	for _, p := range []*passed{r.learned, r.pooled, r.tested} {
		r.Recordings += p.recordings
		r.Events += int64(p.counts.Events)
		r.Seconds += p.seconds
		r.latencies = append(r.latencies, p.latencies...)
	}
	r.LearningRate = float64(r.learned.counts.Events) / r.learned.seconds
	r.InferenceRate = float64(r.pooled.counts.Events+r.tested.counts.Events) / (r.pooled.seconds + r.tested.seconds)
	sorted := slices.Sorted(slices.Values(r.latencies))
	r.P50, r.P99 = quantile(sorted, 0.50), quantile(sorted, 0.99)

	r.ExpectedBalance = r.model.Feast.Balance()
	// The second half of the pass: the first is the thresholds' way to balance.
	var hits, missed uint64
	if n := len(r.story.samples); n > 0 {
		last, half := r.story.samples[n-1], sample{hits: make([]uint64, 2), missed: make([]uint64, 2)}
		if n > 1 {
			half = r.story.samples[n/2-1]
		}
		for b := range last.hits {
			hits += last.hits[b] - half.hits[b]
			missed += last.missed[b] - half.missed[b]
		}
	}
	if hits > 0 {
		r.Balance = float64(missed) / float64(hits)
		r.MissedRate = float64(missed) / float64(hits+missed)
	}
	return nil
}

// quantile of sorted durations, by nearest rank.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

// MarshalJSON gives the object that `saccade demo --json` prints.
func (r *Result) MarshalJSON() ([]byte, error) {
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	type pass struct {
		Recordings   int     `json:"recordings"`
		Events       int     `json:"events"`
		Seconds      float64 `json:"seconds"`
		EventsPerSec float64 `json:"events_per_s"`
	}
	of := func(p *passed) pass {
		return pass{p.recordings, p.counts.Events, p.seconds, float64(p.counts.Events) / p.seconds}
	}
	return json.Marshal(map[string]any{
		"device":            r.Device,
		"accuracy":          r.Accuracy,
		"accuracy_cv":       r.CrossValidation,
		"raw_accuracy":      r.RawAccuracy,
		"raw_accuracy_cv":   r.RawCrossValidation,
		"recordings":        r.Recordings,
		"train_recordings":  len(r.story.train),
		"test_recordings":   len(r.story.test),
		"events":            r.Events,
		"events_per_s":      float64(r.Events) / r.Seconds,
		"seconds":           r.Seconds,
		"latency_ms":        map[string]float64{"p50": ms(r.P50), "p99": ms(r.P99)},
		"missed_rate":       r.MissedRate,
		"misses_per_hit":    r.Balance,
		"balance":           r.ExpectedBalance,
		"learning":          of(r.learned),
		"pooling":           of(r.pooled),
		"testing":           of(r.tested),
		"confusion":         r.Confusion,
		"features":          r.model.Feast,
		"readout_method":    r.report.Method,
		"readout_lambda":    r.report.Lambda,
		"simulated_data":    r.story.simulated(),
		"packet_events":     packetEvents,
		"packets_under_way": window,
		"learning_missed":   r.learned.counts.Missed,
		"learning_border":   r.learned.counts.Border,
		"latency_is":        "from publish to result, of each message, at full speed",
	})
}
