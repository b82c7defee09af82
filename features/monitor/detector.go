package monitor

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/features/feast"
)

// Params are the bounds of a [Detector].
type Params struct {
	// Window is how many intervals must look alike before a layer has settled, an even
	// number. Those are the latest, and a third as many before them are disregarded, as
	// nothing has settled at a beginning, or right after a drift. Where half of what was
	// seen since is more, that half must look alike, up to Memory: slow learning is
	// looked at for longer. The one half of the window is compared with the other.
	Window int `json:"window_intervals" yaml:"window_intervals"`
	// Trend is how many standard errors a signal may differ by between the halves.
	Trend float64 `json:"trend_standard_errors" yaml:"trend_standard_errors"`
	// Pattern is how many times what noise explains the squared differences of the
	// thresholds may be between the halves, on the average over all neurons.
	Pattern float64 `json:"pattern_times_noise" yaml:"pattern_times_noise"`
	// Learning is how many time constants of the weights, of which each feature has
	// one every 1/eta hits, must have passed since the beginning, or since a drift.
	Learning float64 `json:"learning_time_constants" yaml:"learning_time_constants"`
	// Slack is how many standard deviations from what was settled an interval may
	// be without being held against the layer; Bound is how many beyond that, summed
	// over intervals, are a drift.
	Slack float64 `json:"slack_standard_deviations" yaml:"slack_standard_deviations"`
	Bound float64 `json:"bound_standard_deviations" yaml:"bound_standard_deviations"`
	// Memory is how many intervals the picture of what was settled goes back.
	Memory int `json:"memory_intervals" yaml:"memory_intervals"`
}

// DefaultParams were chosen on real recordings of N-MNIST, 16 orders for each of four
// layers, in intervals of 65,536 events. What they find, beside a Slack of 1.5 and a
// Bound of 8, which are for those who would rather miss a small change than be told of
// none:
//
//	                                          these        1.5 and 8
//	drift where nothing changed               10 of 4,335  2 of 4,465 intervals
//	four times or a quarter of the speed      120          123 of 128, at once or after a few intervals
//	polarities swapped, of split banks        46           48 of 48
//	7 and 8 for 0 and 1, the default layer    16           10 of 16, after up to eleven intervals
//	7 and 8 for 0 and 1, smaller patches      25           7 of 32
//
// What the first misses of speeds and polarities are streams in which it had just found
// a drift that was none. Chance counts in intervals: longer ones ([Options].Interval)
// make it rarer by the hour, and are right for cameras with many events.
func DefaultParams() Params {
	return Params{Window: 12, Trend: 2.5, Pattern: 2.5, Learning: 4, Slack: 1.25, Bound: 5, Memory: 32}
}

// The bounds of parameters.
const (
	MaxWindow = 1024
	MaxMemory = 4096
)

// Validate returns an error that names the first parameter out of its range.
func (p Params) Validate() error {
	positive := func(v float64) bool { return v > 0 && v <= 1000 }
	switch {
	case p.Window < 4 || p.Window > MaxWindow || p.Window%2 != 0:
		return fmt.Errorf("window_intervals %d: expected an even number from 4 to %d", p.Window, MaxWindow)
	case !positive(p.Trend):
		return fmt.Errorf("trend_standard_errors %v: expected more than 0, at most 1000", p.Trend)
	case !positive(p.Pattern):
		return fmt.Errorf("pattern_times_noise %v: expected more than 0, at most 1000", p.Pattern)
	case !(p.Learning >= 0 && p.Learning <= 1000):
		return fmt.Errorf("learning_time_constants %v: expected 0 to 1000", p.Learning)
	case !positive(p.Slack):
		return fmt.Errorf("slack_standard_deviations %v: expected more than 0, at most 1000", p.Slack)
	case !positive(p.Bound):
		return fmt.Errorf("bound_standard_deviations %v: expected more than 0, at most 1000", p.Bound)
	case p.Memory < 2*p.Window || p.Memory > MaxMemory:
		return fmt.Errorf("memory_intervals %d: expected from twice window_intervals, %d, to %d", p.Memory, 2*p.Window, MaxMemory)
	}
	return nil
}

// Change is what a detector has found.
type Change string

// The changes.
const (
	None    Change = ""
	Settled Change = "settled" // the layer stands still, but for noise
	Drift   Change = "drift"   // it has left what it had settled to
)

// Finding is a change, and what showed it.
type Finding struct {
	Change Change `json:"change"`
	At     uint64 `json:"at_event"` // events counted at the end of the interval
	// Signal is what left its bounds, of a drift.
	Signal string `json:"signal,omitempty"`
}

// Detector tells from thresholds and outputs when a layer has settled, and when it
// drifts from there. Its results are the same bits on every machine.
type Detector struct {
	params Params
	layer  feast.Config
	state  detectorState
}

// detectorState is what a detector knows, and all of its marshalled form.
type detectorState struct {
	Settled bool    `json:"settled"`
	Last    Finding `json:"last"`

	// While settling: the intervals seen, and the latest of them, each as its signals
	// and then its thresholds.
	Seen   int         `json:"seen"`
	Hits   uint64      `json:"hits"`
	Window [][]float64 `json:"window"`

	// Once settled: what each threshold was like on the average, and each signal;
	// behind the signals, how far thresholds were from that average.
	Pattern []float64 `json:"pattern"`
	Known   []known   `json:"known"`
	// The latest intervals, as rows of signals and thresholds, which are not part of
	// that yet.
	Late [][]float64 `json:"late"`
}

// known is a signal's past: how many intervals it is made of, their mean and
// variance, and what is held against the layer in either direction.
type known struct {
	Count    int     `json:"count"`
	Mean     float64 `json:"mean"`
	Variance float64 `json:"variance"`
	Above    float64 `json:"above"`
	Below    float64 `json:"below"`
}

// NewDetector makes a detector for layers of a configuration.
func NewDetector(layer feast.Config, p Params) (*Detector, error) {
	if err := errors.Join(layer.Validate(), p.Validate()); err != nil {
		return nil, fmt.Errorf("monitor: %w", err)
	}
	return &Detector{params: p, layer: layer}, nil
}

// Settled tells whether the layer has settled and not drifted since.
func (d *Detector) Settled() bool { return d.state.Settled }

// Last is the latest finding, None before the first.
func (d *Detector) Last() Finding { return d.state.Last }

// Observe takes the next interval, and tells what it showed. Intervals without
// learning, or without hits in every bank, show nothing, as thresholds rest then.
func (d *Detector) Observe(in Interval) Finding {
	signals := watched(d.layer, in)
	if !in.Learning || signals == nil {
		return Finding{}
	}
	if !d.state.Settled {
		return d.settle(in, signals)
	}
	signals = append(signals, signal{"thresholds", distance(in.Thresholds, d.state.Pattern), d.layer.DeltaI})
	for i, s := range signals {
		k := &d.state.Known[i]
		z := k.deviation(s)
		k.Above = max(0, k.Above+z-d.params.Slack)
		k.Below = max(0, k.Below-z-d.params.Slack)
		if max(k.Above, k.Below) > d.params.Bound {
			d.state = detectorState{Last: Finding{Change: Drift, At: in.To, Signal: s.name}}
			return d.state.Last
		}
	}
	row := make([]float64, 0, len(signals)+len(in.Thresholds))
	for _, s := range signals {
		row = append(row, s.value)
	}
	d.state.Late = append(d.state.Late, append(row, in.Thresholds...))
	if len(d.state.Late) > late {
		d.learn(d.state.Late[0], signals)
		d.state.Late = slices.Delete(d.state.Late, 0, 1)
	}
	return Finding{}
}

// late is how many intervals it takes until one of them is part of what is normal: a
// drift is found by then, or it is so small that it is hardly one. Else its own
// beginning would make the rest of it look normal.
const late = 8

// learn takes an interval in, a row of its signals and its thresholds.
func (d *Detector) learn(row []float64, signals []signal) {
	for i, s := range signals {
		s.value = row[i]
		d.state.Known[i].learn(s, d.params.Memory)
	}
	// What is unlike the others as a whole, by the last of the signals, teaches less.
	last := len(signals) - 1
	share := 1 / float64(d.state.Known[last].Count)
	if mean := d.state.Known[last].Mean; row[last] > mean {
		share *= mean / row[last]
	}
	for i, t := range row[len(signals):] {
		d.state.Pattern[i] += float64((t - d.state.Pattern[i]) * share)
	}
}

// settle compares the halves of the window.
func (d *Detector) settle(in Interval, signals []signal) Finding {
	row := make([]float64, 0, len(signals)+len(in.Thresholds))
	for _, s := range signals {
		row = append(row, s.value)
	}
	d.state.Seen++
	d.state.Hits += in.All.Hits
	d.state.Window = append(d.state.Window, append(row, in.Thresholds...))
	// An even number, as Window is.
	size := min(max(d.params.Window, d.state.Seen/4*2), d.params.Memory/2*2)
	if d.state.Seen < d.params.Window/3*4 || len(d.state.Window) < size {
		return Finding{}
	}
	w := slices.Clone(d.state.Window[len(d.state.Window)-size:])
	d.state.Window = w
	if float64(d.state.Hits)*d.layer.Eta < d.params.Learning*float64(d.layer.Features()) {
		return Finding{}
	}
	found := make([]known, len(signals)+1)
	for i, s := range signals {
		m1, v1 := moments(w[:size/2], i)
		m2, v2 := moments(w[size/2:], i)
		within := max((v1+v2)/2, float64(s.floor*s.floor))
		if math.Abs(m2-m1) > float64(d.params.Trend*math.Sqrt(within*4/float64(size))) {
			return Finding{}
		}
		mean, variance := moments(w, i)
		found[i] = known{Count: size, Mean: mean, Variance: variance}
	}
	between, noise := 0.0, 0.0
	for i := len(signals); i < len(w[0]); i++ {
		m1, v1 := moments(w[:size/2], i)
		m2, v2 := moments(w[size/2:], i)
		between += float64((m2 - m1) * (m2 - m1))
		noise += float64(max((v1+v2)/2, float64(d.layer.DeltaI*d.layer.DeltaI)) * (4 / float64(size)))
	}
	if between > float64(d.params.Pattern*noise) {
		return Finding{}
	}
	pattern := make([]float64, len(in.Thresholds))
	for i := range pattern {
		pattern[i], _ = moments(w, len(signals)+i)
	}
	// The distance of an interval from the mean of the others is that from the mean of
	// all of them, stretched.
	rows := make([][]float64, size)
	for i, r := range w {
		rows[i] = []float64{distance(r[len(signals):], pattern) * (float64(size) / float64(size-1))}
	}
	mean, variance := moments(rows, 0)
	found[len(signals)] = known{Count: size, Mean: mean, Variance: variance}
	d.state = detectorState{
		Settled: true, Pattern: pattern, Known: found, Last: Finding{Change: Settled, At: in.To},
	}
	return d.state.Last
}

// distance is the mean of the differences, all taken as positive.
func distance(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += math.Abs(v - b[i])
	}
	return sum / float64(len(a))
}

// moments are the mean and the unbiased variance of a column.
func moments(rows [][]float64, column int) (mean, variance float64) {
	for _, r := range rows {
		mean += r[column]
	}
	mean /= float64(len(rows))
	for _, r := range rows {
		e := r[column] - mean
		variance += float64(e * e)
	}
	return mean, variance / float64(len(rows)-1)
}

// deviation is how many standard deviations a value is from what is known, with what
// is not known of a mean and a variance from few intervals taken into account: a
// quantile of Student's distribution as that of a normal one, nearly.
func (k *known) deviation(s signal) float64 {
	variance := max(k.Variance, float64(s.floor*s.floor))
	t := (s.value - k.Mean) / math.Sqrt(variance*(1+1/float64(k.Count)))
	free := float64(k.Count - 1)
	return t * (1 - 1/(4*free)) / math.Sqrt(1+float64(t*t)/(2*free))
}

// unlike is the number of standard deviations beyond which a value does not teach
// what is normal: it may be the beginning of a drift.
const unlike = 2.5

// learn takes a value in, with equal weights until memory is reached, and then so
// that what is older fades. A value that is unlike the others counts as the next that
// is not.
func (k *known) learn(s signal, memory int) {
	most := unlike * math.Sqrt(max(k.Variance, float64(s.floor*s.floor)))
	e := min(max(s.value-k.Mean, -most), most)
	k.Count = min(k.Count+1, memory)
	n := float64(k.Count)
	k.Mean += e / n
	k.Variance = float64(k.Variance*(1-1/(n-1))) + float64(e*e)/n
}
