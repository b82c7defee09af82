package demo

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
)

// Shares, deviations and maps are those of the recordings, however a recording's
// events were cut into messages; what the layer has not is left out.
func TestActivity(t *testing.T) {
	g := events.Geometry{Width: 5, Height: 4}
	const features = 3
	event := rapid.Custom(func(t *rapid.T) bus.FeatureEvent {
		return bus.FeatureEvent{
			X: rapid.Uint16Range(0, 5).Draw(t, "x"), Y: rapid.Uint16Range(0, 4).Draw(t, "y"),
			Feature: rapid.Uint16Range(0, features).Draw(t, "feature"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		a := newActivity(g, features, 2)
		shares := map[string][][features]float64{}
		places := map[string]*[features][20]int64{"a": {}, "b": {}}
		for range rapid.IntRange(0, 8).Draw(t, "recordings") {
			class := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "class")
			list := rapid.SliceOfN(event, 0, 30).Draw(t, "events")
			cut := rapid.IntRange(0, len(list)).Draw(t, "cut")
			a.add(list[:cut])
			a.add(list[cut:])
			a.end(class)
			var wins [features]float64
			all := 0.0
			for _, f := range list {
				if f.X < 5 && f.Y < 4 && f.Feature < features {
					wins[f.Feature]++
					all++
					places[class][f.Feature][int(f.Y)*5+int(f.X)]++
				}
			}
			if all > 0 {
				for f := range wins {
					wins[f] /= all
				}
				shares[class] = append(shares[class], wins)
			}
		}
		total := a.places(0, features)
		for _, class := range []string{"a", "b"} {
			c := a.class(class)
			require.Equal(t, class, c.Label)
			require.Equal(t, len(shares[class]), c.Recordings)
			for f := range features {
				mean, squares, n := 0.0, 0.0, float64(len(shares[class]))
				for _, s := range shares[class] {
					mean += s[f] / n
				}
				for _, s := range shares[class] {
					squares += (s[f] - mean) * (s[f] - mean) / n
				}
				require.InDelta(t, mean, c.Mean[f], 1e-12)
				require.InDelta(t, math.Sqrt(squares), c.SD[f], 1e-7)
				for cell, n := range places[class][f] {
					if c.Recordings > 0 {
						require.Equal(t, n, c.Places[f][cell])
					}
					total[f][cell] -= n
				}
			}
		}
		for f := range total {
			require.Equal(t, make([]int64, 20), total[f], "together they are all")
		}
	})
}

// Whatever the sensor, the maps fit into memory.
func TestActivityIsBounded(t *testing.T) {
	a := newActivity(events.Geometry{Width: 34, Height: 34}, 32, 10)
	require.Equal(t, 1, a.field.Block)
	a = newActivity(events.Geometry{Width: 1280, Height: 720}, 32, 10)
	require.Equal(t, 20, a.field.Block)
	a = newActivity(events.Geometry{Width: 4096, Height: 4096}, 4096, 1000)
	require.LessOrEqual(t, a.field.Cells()*4096*1000, maxMapCounts)
}

func TestBankNames(t *testing.T) {
	for mode, want := range map[feast.Mode]int{feast.Split: 2, feast.Merged: 1, feast.On: 1, feast.Planes: 1} {
		require.Len(t, bankNames(mode), want, mode)
	}
	require.Equal(t, []string{"ON"}, bankNames(feast.On))
}
