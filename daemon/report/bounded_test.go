package report

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/monitor"
)

// However much a run brings, of what cannot be compressed, the page can be sent.
func TestPageIsBounded(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const neurons = 300
	f := FieldOf(events.Geometry{Width: 640, Height: 640}, 64)
	noise := func() [][]int64 {
		out := make([][]int64, neurons)
		for k := range out {
			out[k] = make([]int64, f.Cells())
			for i := range out[k] {
				out[k][i] = rng.Int64N(1000)
			}
		}
		return out
	}
	run := Run{Layer: Layer{Radius: 5, DeltaI: 0.001, DeltaE: 0.003, Field: f}}
	for b := range 2 {
		bank := Bank{Name: fmt.Sprint("bank ", b), Places: noise(), Wins: make([]int64, neurons)}
		for range neurons {
			w := make([]float64, 121)
			for i := range w {
				w[i] = rng.Float64()
			}
			bank.Weights = append(bank.Weights, w)
		}
		for i := range 260 {
			s := Sample{Events: int64(i) * 1000, Missed: int64(i) * 20, Thresholds: make([]float64, neurons)}
			for k := range s.Thresholds {
				s.Thresholds[k] = rng.Float64()
			}
			bank.History = append(bank.History, s)
		}
		run.Layer.Banks = append(run.Layer.Banks, bank)
	}
	for i := range 256 {
		s := monitor.Signals{Hits: 10, MissesPerHit: rng.Float64(), ThresholdMean: rng.Float64(), ThresholdMax: 1, ThresholdChange: rng.Float64(), UsageRelative: rng.Float64()}
		run.Layer.Course.Intervals = append(run.Layer.Course.Intervals, monitor.Interval{From: uint64(i), To: uint64(i + 1), All: s, Banks: []monitor.Signals{s, s}})
	}
	for range maxRasters {
		r := Raster{}
		for range 2500 {
			r.Events = append(r.Events, Win{T: rng.Int64N(1e6), Feature: rng.IntN(2 * neurons), P: events.Polarity(rng.IntN(2))})
		}
		run.Rasters = append(run.Rasters, r)
	}
	places := append(noise(), noise()...)
	for i := range 45 {
		c := Class{Label: fmt.Sprint("class ", i), Recordings: 5, Mean: make([]float64, 2*neurons), SD: make([]float64, 2*neurons), Places: places}
		for k := range c.Mean {
			c.Mean[k], c.SD[k] = rng.Float64()/neurons, rng.Float64()/neurons
		}
		run.Activation.Classes = append(run.Activation.Classes, c)
	}
	for range 12 {
		r := Recording{Geometry: f.Geometry, Frames: 12}
		for range 20_000 {
			r.Events = append(r.Events, events.Event{T: rng.Int64N(1e6), X: uint16(rng.IntN(640)), Y: uint16(rng.IntN(640)), P: events.Polarity(rng.IntN(2))})
		}
		run.Recordings = append(run.Recordings, r)
	}
	files, err := render(run)
	require.NoError(t, err)
	html := files[len(files)-1].data
	t.Logf("%d bytes", len(html))
	require.Less(t, len(html), 3_000_000)
	text := parse(t, html).text
	for _, want := range []string{"further features are not drawn", "further recordings are not drawn", "further classes are not drawn", "are drawn, evenly spread", "64 of 300"} {
		if !strings.Contains(text, want) { // the text is too long to be shown
			t.Errorf("the page does not say %q", want)
		}
	}
}
