package monitor

import (
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
)

// Options say how a layer is looked at.
type Options struct {
	// Sample is how many events there are from one sample of the thresholds to the next.
	Sample int `json:"sample_events" yaml:"sample_events"`
	// Interval is how many events signals are made of, a multiple of Sample.
	Interval int `json:"interval_events" yaml:"interval_events"`
	// Points is how many intervals each half of the history holds, an even number.
	Points int `json:"points" yaml:"points"`
	// Detector are the bounds of what has settled and what drifts.
	Detector Params `json:"detector" yaml:"detector"`
}

// DefaultOptions are for a layer: a sample every 4,096 events, and intervals of 16
// samples, more where thresholds are so slow that they could not cross half their
// range meanwhile: 0.5/dI hits a feature.
func DefaultOptions(layer feast.Config) Options {
	const sample, samples, most = 4096, 16, MaxInterval / 4096
	n := samples
	if layer.DeltaI > 0 {
		n = int(min(most, max(samples, math.Ceil(0.5*float64(layer.Features())/layer.DeltaI/sample))))
	}
	return Options{Sample: sample, Interval: n * sample, Points: 256, Detector: DefaultParams()}
}

// The bounds of options.
const (
	MinSample   = 16
	MaxInterval = 1 << 28
	MaxSamples  = 1 << 16 // in an interval
)

// Validate returns an error that names the first option out of its range.
func (o Options) Validate() error {
	switch {
	case o.Sample < MinSample || o.Sample > MaxInterval:
		return fmt.Errorf("sample_events %d: expected %d to %d", o.Sample, MinSample, MaxInterval)
	case o.Interval < o.Sample || o.Interval > MaxInterval || o.Interval%o.Sample != 0 || o.Interval/o.Sample > MaxSamples:
		return fmt.Errorf("interval_events %d: expected a multiple of sample_events, %d, up to %d times and %d",
			o.Interval, o.Sample, MaxSamples, MaxInterval)
	case o.Points < MinPoints || o.Points > MaxPoints || o.Points%2 != 0:
		return fmt.Errorf("points %d: expected an even number from %d to %d", o.Points, MinPoints, MaxPoints)
	}
	return o.Detector.Validate()
}

// Monitor looks at a layer while events go through it: signals, their history and
// a detector. It is used by one goroutine at a time, the layer's.
type Monitor struct {
	layer    feast.Config
	options  Options
	samples  []Sample // of the interval that is not complete, its beginning first
	left     int      // events until the next sample
	weights  []int32  // at the interval's beginning, where they are compared
	series   *Series
	detector *Detector
}

// New makes a monitor for layers of a configuration.
func New(layer feast.Config, o Options) (*Monitor, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("monitor: %w", err)
	}
	detector, err := NewDetector(layer, o.Detector)
	if err != nil {
		return nil, err
	}
	return &Monitor{layer: layer, options: o, series: NewSeries(o.Points), detector: detector}, nil
}

// Process takes events through the layer in the caller's stead, and looks at it
// where a sample is due: at the same events, however the stream was cut into packets.
// It returns what the detector has found meanwhile, mostly nothing.
//
// Between samples that costs a comparison a packet; a sample copies counters and
// thresholds.
func (m *Monitor) Process(l Layer, in []events.Event, winners []int16) ([]Finding, error) {
	if len(in) != len(winners) {
		panic(PanicLengths)
	}
	if m.samples == nil {
		m.observe(l)
	}
	var found []Finding
	for len(in) > 0 {
		n := min(len(in), m.left)
		if err := l.Process(in[:n], winners[:n]); err != nil {
			return found, err
		}
		in, winners = in[n:], winners[n:]
		if m.left -= n; m.left > 0 {
			break
		}
		if f := m.observe(l); f.Change != None {
			found = append(found, f)
		}
	}
	return found, nil
}

// The panics of a monitor.
const (
	PanicLengths = "monitor: Process needs one result for each event"
	PanicLayer   = "monitor: the layer has another configuration"
)

// weightedLayer is one whose weights can be looked at.
type weightedLayer interface{ Weights() feast.Weights }

// maxWeights bounds what comparing weights costs: they are copied at the end of an
// interval, and are part of the state.
const maxWeights = 1 << 18

// compared are the weights that a layer has now, nil where they are not compared.
func (m *Monitor) compared(l Layer) []int32 {
	w, ok := l.(weightedLayer)
	if !ok || m.layer.Features()*m.layer.Elements() > maxWeights {
		return nil
	}
	return w.Weights().Master
}

// observe takes a sample in.
func (m *Monitor) observe(l Layer) Finding {
	s := Take(l)
	if s.validate(m.layer) != nil {
		panic(PanicLayer)
	}
	m.left = m.options.Sample - int(s.Counters.Events()%uint64(m.options.Sample))
	if len(m.samples) > 0 && !s.follows(m.samples[len(m.samples)-1]) {
		// An older state was put back into the layer: what was seen since is not its past.
		m.samples = nil
	}
	if len(m.samples) == 0 {
		m.weights = m.compared(l)
	}
	m.samples = append(m.samples, s)
	if len(m.samples) <= m.options.Interval/m.options.Sample {
		return Finding{}
	}
	in := Measure(m.layer, m.samples)
	if now := m.compared(l); now != nil && m.weights != nil {
		in.WeightChange = new(WeightChange(m.layer, feast.Weights{Master: m.weights}, feast.Weights{Master: now}))
		m.weights = now
	}
	m.samples = append(m.samples[:0], s)
	m.series.Add(in)
	return m.detector.Observe(in)
}

// Latest gives the signals of the latest interval, and false before the first.
func (m *Monitor) Latest() (Interval, bool) {
	recent := m.series.state.Recent
	if len(recent) == 0 {
		return Interval{}, false
	}
	return recent[len(recent)-1], true
}

// Balance checks the latest interval of all banks; it is [Unknown] before the first.
func (m *Monitor) Balance() Balance {
	in, ok := m.Latest()
	return CheckBalance(m.layer, in.All, ok && in.Learning)
}

// IntervalEvents is how many events an interval has: the first is complete after them.
func (m *Monitor) IntervalEvents() int { return m.options.Interval }

// Series is the history; reading it is not safe beside Process.
func (m *Monitor) Series() *Series { return m.series }

// Settled tells whether the layer has settled and not drifted since.
func (m *Monitor) Settled() bool { return m.detector.Settled() }

// Last is the detector's latest finding.
func (m *Monitor) Last() Finding { return m.detector.Last() }
