package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/monitor"
)

// synthetic makes a run like those of N-MNIST: two banks of bars and edges under a
// round window, thresholds that settle, a digit's worth of events in three sweeps.
func synthetic() Run {
	rng := rand.New(rand.NewPCG(7, 11))
	layer := Layer{Radius: 5, DeltaI: 0.001, DeltaE: 0.003}
	for _, name := range []string{"OFF", "ON"} {
		layer.Banks = append(layer.Banks, syntheticBank(rng, name, 16))
	}
	confusion := Confusion{}
	for i := range 10 {
		confusion.Labels = append(confusion.Labels, fmt.Sprint(i))
		row := make([]int, 10)
		row[i] = 15
		confusion.Counts = append(confusion.Counts, row)
	}
	confusion.Counts[3] = []int{0, 0, 0, 14, 0, 1, 0, 0, 0, 0}
	confusion.Counts[9] = []int{0, 0, 0, 0, 2, 0, 0, 0, 0, 13}
	latency := make([]time.Duration, 500)
	for i := range latency {
		latency[i] = time.Duration(100+2*i) * time.Microsecond
	}
	layer.Field = FieldOf(events.Geometry{Width: 34, Height: 30}, 64)
	layer.Course = syntheticCourse(layer)
	for i := range layer.Banks {
		layer.Banks[i].Places = syntheticPlaces(rng, layer.Field, 16)
	}
	return Run{
		Title:   "saccade demo",
		Started: time.Date(2026, 7, 31, 14, 3, 0, 0, time.UTC),
		Device:  "purego",
		Numbers: Numbers{
			Learned:         Accuracy{Measured(0.98), Measured(0.965)},
			Raw:             Accuracy{Measured(0.84), Measured(0.831)},
			TrainRecordings: 800, TestRecordings: 150, Events: 3990214, Duration: 41300 * time.Millisecond,
			EventsPerSecond: Measured(96615), MissedRate: Measured(0.0213),
			More: []Row{{"Readout", "ridge"}},
		},
		Layer:      layer,
		Rasters:    []Raster{syntheticRaster(rng, "3", 32), syntheticRaster(rng, "0", 32)},
		Activation: syntheticActivation(rng, layer),
		Confusion:  confusion,
		Recordings: []Recording{
			{Name: "00031.bin", Label: "3", Predicted: "5", Geometry: events.Geometry{Width: 34, Height: 34}, Events: syntheticEvents(rng)},
			{Name: "00042.bin", Label: "0", Predicted: "0", Events: syntheticEvents(rng), Frames: 6},
		},
		Latency:  Latency{What: "from publish to result", Samples: latency},
		Versions: []Row{{"Go", "go1.26"}},
		Notes:    []string{"The test half was not seen by any training."},
	}
}

// small makes a run that has every picture and takes little time to draw.
func small() Run {
	run := synthetic()
	rng := rand.New(rand.NewPCG(3, 5))
	run.Layer.Banks = []Bank{syntheticBank(rng, "OFF", 4), syntheticBank(rng, "ON", 4)}
	for i := range run.Layer.Banks {
		run.Layer.Banks[i].Places = syntheticPlaces(rng, run.Layer.Field, 4)
	}
	run.Rasters = []Raster{syntheticRaster(rng, "3", 8)}
	run.Activation = syntheticActivation(rng, run.Layer)
	for i := range run.Recordings {
		run.Recordings[i].Frames = 2
	}
	return run
}

// drawn is the synthetic run, drawn once for all tests that only look at it.
var drawn = sync.OnceValue(func() map[string][]byte {
	files, err := render(cleaned(synthetic()))
	if err != nil {
		panic(err)
	}
	out := map[string][]byte{}
	for _, f := range files {
		out[f.name] = f.data
	}
	return out
})

func syntheticBank(rng *rand.Rand, name string, n int) Bank {
	const side = 11
	b := Bank{Name: name}
	for k := range n {
		angle, phase := math.Pi*float64(k)/float64(n), math.Pi*float64(k%3)/3
		w := make([]float64, side*side)
		norm := 0.0
		for i := range w {
			x, y := float64(i%side-5), float64(i/side-5)
			v := math.Exp(-(x*x+y*y)/16) * (1 + math.Cos(x*math.Cos(angle)+y*math.Sin(angle)+phase))
			w[i] = v
			norm += v * v
		}
		for i := range w {
			w[i] /= math.Sqrt(norm)
		}
		b.Weights = append(b.Weights, w)
		b.Thresholds = append(b.Thresholds, 0.6+0.02*float64(k))
		b.Wins = append(b.Wins, 9000+rng.Int64N(2000))
	}
	var s Sample
	for i := range 200 {
		missed := 40 + rng.Int64N(3)
		if i < 5 {
			missed = 700 / int64(i+1)
		}
		s.Events, s.Missed = s.Events+2000, s.Missed+missed
		s.Thresholds = make([]float64, n)
		for k := range s.Thresholds {
			s.Thresholds[k] = b.Thresholds[k] - 0.3*math.Exp(-float64(i)/20) + 0.01*rng.NormFloat64()
		}
		b.History = append(b.History, s)
	}
	return b
}

func syntheticEvents(rng *rand.Rand) []events.Event {
	out := make([]events.Event, 0, 3000)
	for i := range 3000 {
		at := float64(i) / 3000
		sweep := math.Sin(at * 3 * math.Pi)
		a := rng.Float64() * 2 * math.Pi
		p := events.Off
		if math.Cos(a)*sweep > 0 {
			p = events.On
		}
		out = append(out, events.Event{
			T: 1000 + int64(300000*at),
			X: uint16(17 + 8*math.Cos(a) + 3*sweep),
			Y: uint16(17 + 10*math.Sin(a)),
			P: p,
		})
	}
	return out
}

// syntheticCourse settles after a third of its intervals, and drifts near the end.
func syntheticCourse(l Layer) Course {
	var c Course
	for i := range 30 {
		at := math.Exp(-float64(i) / 4)
		s := monitor.Signals{
			Hits: 60_000, Missed: uint64(1250 + 3000*at), ThresholdMean: 0.7 - 0.4*at, ThresholdSD: 0.1, ThresholdMin: 0.4 - 0.3*at, ThresholdMax: 0.95,
			ThresholdChange: 0.01 + 0.02*at, UsageEntropy: 3.9, UsageRelative: 1 - 0.1*at,
		}
		s.MissedRate, s.MissesPerHit = float64(s.Missed)/float64(s.Hits+s.Missed), float64(s.Missed)/float64(s.Hits)
		in := monitor.Interval{From: uint64(i) * 65_536, To: uint64(i+1) * 65_536, Events: 65_536, Learning: true, All: s}
		for range l.Banks {
			in.Banks = append(in.Banks, s)
		}
		c.Intervals = append(c.Intervals, in)
	}
	c.Findings = []monitor.Finding{
		{Change: monitor.Settled, At: 10 * 65_536},
		{Change: monitor.Drift, At: 27 * 65_536, Signal: "misses per hit"},
	}
	return c
}

func syntheticPlaces(rng *rand.Rand, f Field, features int) [][]int64 {
	out := make([][]int64, features)
	for k := range out {
		out[k] = make([]int64, f.Cells())
		for i := range out[k] {
			x, y := float64(i%f.Columns()-10-k%8), float64(i/f.Columns()-15)
			out[k][i] = int64(200*math.Exp(-(x*x+y*y)/30)) + rng.Int64N(2)
		}
	}
	return out
}

func syntheticRaster(rng *rand.Rand, label string, features int) Raster {
	r := Raster{Name: "Test/" + label + ".bin", Label: label, Predicted: label}
	for i := range 400 {
		r.Events = append(r.Events, Win{T: 5000 + 700*int64(i), Feature: rng.IntN(features), P: events.Polarity(i % 2)})
	}
	return r
}

// syntheticActivation has three classes, each of which likes a feature of its own.
func syntheticActivation(rng *rand.Rand, l Layer) Activation {
	n := l.neurons()
	a := Activation{What: "training recordings"}
	for c := range 3 {
		class := Class{Label: fmt.Sprint(c), Recordings: 80 + c, Places: syntheticPlaces(rng, l.Field, n)}
		for f := range n {
			share := 1 / float64(n+1)
			if f == c {
				share *= 2
			}
			class.Mean, class.SD = append(class.Mean, share), append(class.SD, 0.01)
		}
		a.Classes = append(a.Classes, class)
	}
	return a
}
