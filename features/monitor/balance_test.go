package monitor_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/monitor"
	"github.com/saccade-dev/saccade/hw"
)

func TestCheckBalance(t *testing.T) {
	c := feast.Default() // misses/hits = 0.001/(16*0.003) = 1/48
	for _, test := range []struct {
		name         string
		hits, missed uint64
		learning     bool
		want         monitor.State
	}{
		{"as expected", 48_000, 1000, true, monitor.Balanced},
		{"a little more", 48_000, 1150, true, monitor.Balanced},
		{"far more", 48_000, 1600, true, monitor.Falling},
		{"far fewer", 48_000, 600, true, monitor.Rising},
		{"none at all", 48_000, 0, true, monitor.Rising},
		{"far more, but by chance", 480, 16, true, monitor.Unknown},
		{"none, but of few", 480, 0, true, monitor.Unknown},
		{"nothing", 0, 0, true, monitor.Unknown},
		{"only misses", 0, 5, true, monitor.Falling},
		{"frozen", 48_000, 0, false, monitor.Unknown},
	} {
		s := monitor.Signals{Hits: test.hits, Missed: test.missed}
		if test.hits > 0 {
			s.MissesPerHit = float64(test.missed) / float64(test.hits)
		}
		b := monitor.CheckBalance(c, s, test.learning)
		require.Equal(t, test.want, b.State, test.name)
		if test.learning && test.hits > 0 {
			require.InEpsilon(t, 1.0/48, b.Expected, 1e-12)
			require.InDelta(t, s.MissesPerHit*48, b.Ratio, 1e-9)
			require.LessOrEqual(t, b.Low, b.Ratio)
			require.Greater(t, b.High, b.Ratio)
		}
	}
	c.DeltaE = 0
	b := monitor.CheckBalance(c, monitor.Signals{Hits: 1000}, true)
	require.Equal(t, monitor.Balance{State: monitor.Unknown}, b)
}

// The claim behind the balance, exact in the layer's integers: the thresholds of a bank
// move by hits*dI - missed*N*dE in all.
func TestThresholdsMoveByTheBalance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := small()
		c.DeltaI = rapid.SampledFrom([]float64{0, 1.0 / 1024, 1.0 / 64}).Draw(t, "dI")
		c.DeltaE = rapid.SampledFrom([]float64{0, 1.0 / 512, 1.0 / 128}).Draw(t, "dE")
		layer := newLayer(t, c)
		in := moving(c, rapid.IntRange(1, 3000).Draw(t, "events"), rapid.Uint64().Draw(t, "seed"))
		before := monitor.Take(layer)
		require.NoError(t, layer.Process(in, make([]int16, len(in))))
		after := monitor.Take(layer)
		dI, dE := int64(c.DeltaI*(1<<hw.ThresholdFraction)), int64(c.DeltaE*(1<<hw.ThresholdFraction))
		for q, b := range monitor.Measure(c, []monitor.Sample{before, after}).Banks {
			var moved int64
			for i := q * c.Neurons; i < (q+1)*c.Neurons; i++ {
				moved += int64(after.Thresholds[i]) - int64(before.Thresholds[i])
			}
			require.Equal(t, int64(b.Hits)*dI-int64(b.Missed)*int64(c.Neurons)*dE, moved)
		}
	})
}

func TestWeightChange(t *testing.T) {
	c := small()
	a := feast.RandomWeights(c)
	require.InDelta(t, 0, monitor.WeightChange(c, a, a), 1e-12)
	c.Seed++
	b := feast.RandomWeights(c)
	change := monitor.WeightChange(c, a, b)
	require.Greater(t, change, 0.01)
	require.InEpsilon(t, change, monitor.WeightChange(c, b, a), 1e-9)

	// One feature of four turns by a right angle, one is lost.
	x, y := feast.Weights{Master: make([]int32, 4*9)}, feast.Weights{Master: make([]int32, 4*9)}
	for f := range 3 {
		x.Master[9*f], y.Master[9*f] = 1<<24, 1<<23
	}
	require.Zero(t, monitor.WeightChange(c, x, y))
	y.Master[9], y.Master[10] = 0, 1<<20
	require.Equal(t, 0.25, monitor.WeightChange(c, x, y))
	y.Master[18] = 0
	require.Equal(t, 0.5, monitor.WeightChange(c, x, y))
	require.PanicsWithValue(t, monitor.PanicWeights, func() { monitor.WeightChange(c, x, feast.Weights{}) })
}
