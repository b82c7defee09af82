package survey

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
)

// Shares, deviations and maps are those of the recordings whose events
// are told of; what the layer has not is left out.
func TestCounts(t *testing.T) {
	g := events.Geometry{Width: 5, Height: 4}
	const features = 3
	type win struct{ x, y, feature uint16 }
	event := rapid.Custom(func(t *rapid.T) win {
		return win{
			x: rapid.Uint16Range(0, 5).Draw(t, "x"), y: rapid.Uint16Range(0, 4).Draw(t, "y"),
			feature: rapid.Uint16Range(0, features).Draw(t, "feature"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		a := NewCounts(g, features, 2)
		tally := a.Tally()
		shares := map[string][][features]float64{}
		places := map[string]*[features][20]int64{"a": {}, "b": {}}
		for range rapid.IntRange(0, 8).Draw(t, "recordings") {
			class := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "class")
			list := rapid.SliceOfN(event, 0, 30).Draw(t, "events")
			for _, e := range list {
				tally.Won(e.x, e.y, int(e.feature))
			}
			a.Add(class, tally)
			var wins [features]float64
			all := 0.0
			for _, f := range list {
				if f.x < 5 && f.y < 4 && f.feature < features {
					wins[f.feature]++
					all++
					places[class][f.feature][int(f.y)*5+int(f.x)]++
				}
			}
			if all > 0 {
				for f := range wins {
					wins[f] /= all
				}
				shares[class] = append(shares[class], wins)
			}
		}
		total := a.Places(0, features)
		for _, class := range []string{"a", "b"} {
			c := a.Class(class)
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
func TestCountsAreBounded(t *testing.T) {
	a := NewCounts(events.Geometry{Width: 34, Height: 34}, 32, 10)
	require.Equal(t, 1, a.Field().Block)
	a = NewCounts(events.Geometry{Width: 1280, Height: 720}, 32, 10)
	require.Equal(t, 20, a.Field().Block)
	a = NewCounts(events.Geometry{Width: 4096, Height: 4096}, 4096, 1000)
	require.LessOrEqual(t, a.Field().Cells()*4096*1000, maxMapCounts)
}
