package monitor

import (
	"math"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
)

// Signals are what an interval of events tells about a bank, or about all banks.
// Where nothing happened, what cannot be said is 0; nothing is ever NaN or infinite.
type Signals struct {
	Hits   uint64 `json:"hits_events"`
	Missed uint64 `json:"missed_events"`
	// MissedRate is missed/(hits+missed), see [MissedRate]; MissesPerHit is missed/hits.
	MissedRate   float64 `json:"missed_rate"`
	MissesPerHit float64 `json:"misses_per_hit"`

	// The thresholds, which are cosines: mean and standard deviation over the
	// neurons, each averaged over the interval's samples; least and greatest of all.
	ThresholdMean float64 `json:"threshold_mean_cosine"`
	ThresholdSD   float64 `json:"threshold_sd_cosine"`
	ThresholdMin  float64 `json:"threshold_min_cosine"`
	ThresholdMax  float64 `json:"threshold_max_cosine"`
	// ThresholdChange is how far a threshold moved from one sample to the next, the
	// mean over neurons and samples, for 1,000 events.
	ThresholdChange float64 `json:"threshold_change_cosine_per_1000_events"`

	// Usage is the share of hits that each feature has: its entropy in bits, and
	// relative to that of features used alike; its standard deviation relative to its
	// mean; the least and the greatest share.
	UsageEntropy  float64 `json:"usage_entropy_bits"`
	UsageRelative float64 `json:"usage_entropy_relative"`
	UsageCV       float64 `json:"usage_variation"`
	UsageLeast    float64 `json:"usage_least_share"`
	UsageMost     float64 `json:"usage_most_share"`
}

// Interval is the signals of a run of events.
type Interval struct {
	From     uint64    `json:"from_event"` // events counted before it
	To       uint64    `json:"to_event"`   // events counted at its end
	Events   uint64    `json:"events"`     // from the one to the other, those at the border among them
	Learning bool      `json:"learning"`   // all the time
	All      Signals   `json:"all"`
	Banks    []Signals `json:"banks"`
	// WeightChange is how far features have turned meanwhile, see [WeightChange], for
	// comparison: no [Detector] looks at it. It is nil where it was not measured, as in
	// layers of many weights; of merged intervals it is the mean.
	WeightChange *float64 `json:"weight_change,omitempty"`

	// Thresholds are each neuron's, averaged over the interval's samples: too many for
	// a status, but what a [Detector] watches.
	Thresholds []float64 `json:"-"`
}

// PanicSamples is the panic of Measure for fewer than two samples.
const PanicSamples = "monitor: Measure needs the samples at both ends"

// Measure gives the signals between the first and the last of samples of one layer,
// which are in the order in which they were taken. Thresholds are averaged over all
// samples but the first.
func Measure(c feast.Config, samples []Sample) Interval {
	if len(samples) < 2 {
		panic(PanicSamples)
	}
	a, b := samples[0], samples[len(samples)-1]
	out := Interval{From: a.Counters.Events(), To: b.Counters.Events(), Learning: true}
	out.Events = out.To - out.From
	for _, s := range samples {
		out.Learning = out.Learning && s.Learning
	}
	n := c.Neurons
	for q := range c.Banks() {
		missed := b.Counters.BankMissed[q] - a.Counters.BankMissed[q]
		out.Banks = append(out.Banks, measure(samples, q*n, (q+1)*n, missed, out.Events))
	}
	out.All = measure(samples, 0, c.Features(), b.Counters.Missed-a.Counters.Missed, out.Events)
	out.Thresholds = make([]float64, c.Features())
	for i := range out.Thresholds {
		var sum int64
		for _, s := range samples[1:] {
			sum += int64(s.Thresholds[i])
		}
		out.Thresholds[i] = float64(sum) / (1 << hw.ThresholdFraction) / float64(len(samples)-1)
	}
	return out
}

// measure gives the signals of features from to to-1.
func measure(samples []Sample, from, to int, missed, events uint64) Signals {
	s := Signals{Missed: missed}
	a, b := samples[0], samples[len(samples)-1]
	wins := make([]uint64, to-from)
	for i := range wins {
		wins[i] = b.Counters.Wins[from+i] - a.Counters.Wins[from+i]
		s.Hits += wins[i]
	}
	s.rates()
	s.usage(wins)
	s.ThresholdMin, s.ThresholdMax = math.Inf(1), math.Inf(-1)
	var moved int64
	for k, sample := range samples[1:] {
		mean, sd := spread(sample.Thresholds[from:to])
		s.ThresholdMean += mean
		s.ThresholdSD += sd
		for i, t := range sample.Thresholds[from:to] {
			s.ThresholdMin = min(s.ThresholdMin, cosine(t))
			s.ThresholdMax = max(s.ThresholdMax, cosine(t))
			d := int64(t) - int64(samples[k].Thresholds[from+i])
			moved += max(d, -d)
		}
	}
	s.ThresholdMean /= float64(len(samples) - 1)
	s.ThresholdSD /= float64(len(samples) - 1)
	if events > 0 {
		s.ThresholdChange = float64(moved) / (1 << hw.ThresholdFraction) / float64(to-from) * (1000 / float64(events))
	}
	return s
}

func (s *Signals) rates() {
	s.MissedRate, _ = MissedRate(s.Hits, s.Missed)
	if s.Hits > 0 {
		s.MissesPerHit = float64(s.Missed) / float64(s.Hits)
	}
}

// usage needs the hits.
func (s *Signals) usage(wins []uint64) {
	if s.Hits == 0 {
		return
	}
	total, squares := float64(s.Hits), 0.0
	s.UsageLeast = 1
	for _, n := range wins {
		p := float64(n) / total
		if n > 0 {
			s.UsageEntropy -= float64(p * math.Log2(p))
		}
		s.UsageLeast, s.UsageMost = min(s.UsageLeast, p), max(s.UsageMost, p)
		d := float64(p*float64(len(wins))) - 1
		squares += float64(d * d)
	}
	s.UsageEntropy = max(s.UsageEntropy, 0)
	if len(wins) > 1 {
		s.UsageRelative = min(1, s.UsageEntropy/math.Log2(float64(len(wins))))
	}
	s.UsageCV = math.Sqrt(squares / float64(len(wins)))
}

// spread is the mean and the standard deviation of thresholds.
func spread(thresholds []int32) (mean, sd float64) {
	var sum int64
	for _, t := range thresholds {
		sum += int64(t)
	}
	mean = float64(sum) / (1 << hw.ThresholdFraction) / float64(len(thresholds))
	squares := 0.0
	for _, t := range thresholds {
		d := cosine(t) - mean
		squares += float64(d * d)
	}
	return mean, math.Sqrt(squares / float64(len(thresholds)))
}

func cosine(threshold int32) float64 { return float64(threshold) / (1 << hw.ThresholdFraction) }
