package monitor_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/monitor"
	"github.com/saccade-dev/saccade/hw"
)

// small is a layer of two banks of two neurons.
func small() feast.Config {
	c := feast.Default()
	c.Width, c.Height, c.Neurons, c.Radius = 12, 12, 2, 1
	return c
}

func q24(v float64) int32 { return int32(math.Ldexp(v, hw.ThresholdFraction)) }

// sample makes a sample with learning on; Hits and Missed are the sums.
func sample(wins, missed []uint64, border uint64, thresholds ...float64) monitor.Sample {
	s := monitor.Sample{Learning: true}
	s.Counters = feast.Counters{Wins: wins, BankMissed: missed, Border: border}
	for _, n := range wins {
		s.Counters.Hits += n
	}
	for _, n := range missed {
		s.Counters.Missed += n
	}
	for _, t := range thresholds {
		s.Thresholds = append(s.Thresholds, q24(t))
	}
	return s
}

func TestMeasure(t *testing.T) {
	in := monitor.Measure(small(), []monitor.Sample{
		sample([]uint64{10, 0, 5, 5}, []uint64{2, 2}, 6, 0.5, 0.5, 0.5, 0.5),
		sample([]uint64{20, 20, 20, 20}, []uint64{7, 7}, 6, 0.25, 0.75, 0.5, 0.5), // sampled in between
		sample([]uint64{110, 100, 105, 5}, []uint64{12, 22}, 46, 0.5, 1, 0.5, 0.75),
	})
	require.Equal(t, uint64(30), in.From)
	require.Equal(t, uint64(400), in.To)
	require.Equal(t, uint64(370), in.Events)
	require.True(t, in.Learning)
	require.Len(t, in.Banks, 2)

	b := in.Banks[0]
	require.Equal(t, uint64(200), b.Hits)
	require.Equal(t, uint64(10), b.Missed)
	require.Equal(t, 10.0/210, b.MissedRate)
	require.Equal(t, 0.05, b.MissesPerHit)
	require.Equal(t, (0.5+0.75)/2, b.ThresholdMean)
	require.Equal(t, 0.25, b.ThresholdSD)
	require.Equal(t, 0.25, b.ThresholdMin)
	require.Equal(t, 1.0, b.ThresholdMax)
	// Each of two neurons moved by 0.25 twice.
	require.InEpsilon(t, 1000*0.5/370, b.ThresholdChange, 1e-12)
	require.Equal(t, 1.0, b.UsageEntropy)
	require.Equal(t, 1.0, b.UsageRelative)
	require.Zero(t, b.UsageCV)
	require.Equal(t, 0.5, b.UsageLeast)
	require.Equal(t, 0.5, b.UsageMost)

	b = in.Banks[1]
	require.Equal(t, uint64(100), b.Hits)
	require.Equal(t, uint64(20), b.Missed)
	require.Zero(t, b.UsageEntropy)
	require.Equal(t, 1.0, b.UsageCV) // one feature has all: 100 and 0 about 50
	require.Zero(t, b.UsageLeast)
	require.Equal(t, 1.0, b.UsageMost)

	require.Equal(t, uint64(300), in.All.Hits)
	require.Equal(t, 0.1, in.All.MissesPerHit)
	require.InEpsilon(t, math.Log2(3), in.All.UsageEntropy, 1e-12)
	require.InEpsilon(t, math.Log2(3)/2, in.All.UsageRelative, 1e-12)
	require.Equal(t, []float64{0.375, 0.875, 0.5, 0.625}, in.Thresholds)

	require.PanicsWithValue(t, monitor.PanicSamples, func() { monitor.Measure(small(), nil) })
}

func TestMeasureNothing(t *testing.T) {
	s := sample([]uint64{1, 2, 3, 4}, []uint64{5, 6}, 7, 0.25, 0.75, 0.5, 0.5)
	in := monitor.Measure(small(), []monitor.Sample{s, s})
	require.Zero(t, in.Events)
	require.Equal(t, monitor.Signals{
		ThresholdMean: 0.5, ThresholdSD: in.All.ThresholdSD, ThresholdMin: 0.25, ThresholdMax: 0.75,
	}, in.All)
	s.Learning = false
	require.False(t, monitor.Measure(small(), []monitor.Sample{s, s}).Learning)
}

// samples draws samples of the small layer, each after the one before.
func samples(t *rapid.T, least int) []monitor.Sample {
	n := rapid.IntRange(least, 5).Draw(t, "samples")
	wins, missed := make([]uint64, 4), make([]uint64, 2)
	var border uint64
	out := make([]monitor.Sample, n)
	for i := range out {
		wins, missed = append([]uint64(nil), wins...), append([]uint64(nil), missed...)
		for k := range wins {
			wins[k] += rapid.SampledFrom([]uint64{0, 0, 1, 7, 1000, 1 << 40}).Draw(t, "wins")
		}
		for k := range missed {
			missed[k] += rapid.SampledFrom([]uint64{0, 0, 1, 50, 1 << 30}).Draw(t, "missed")
		}
		border += rapid.Uint64Range(0, 3).Draw(t, "border")
		out[i] = sample(wins, missed, border)
		out[i].Learning = rapid.IntRange(0, 5).Draw(t, "learning") > 0
		out[i].Thresholds = rapid.SliceOfN(rapid.Int32Range(-2<<hw.ThresholdFraction, 2<<hw.ThresholdFraction), 4, 4).Draw(t, "thresholds")
	}
	return out
}

// check that signals are what signals can be, and JSON.
func check(t require.TestingT, s monitor.Signals, features int) {
	between := func(low, v, high float64) {
		require.GreaterOrEqual(t, v, low) // which NaN is not
		require.LessOrEqual(t, v, high)
	}
	bits := math.Log2(float64(features))
	between(0, s.MissedRate, 1)
	between(0, s.MissesPerHit, math.MaxFloat64)
	between(s.ThresholdMin, s.ThresholdMean, s.ThresholdMax)
	between(0, s.ThresholdSD, s.ThresholdMax-s.ThresholdMin)
	between(0, s.ThresholdChange, math.MaxFloat64)
	between(0, s.UsageEntropy, bits+1e-12)
	between(0, s.UsageRelative, 1)
	between(0, s.UsageCV, math.Sqrt(float64(features))+1e-12)
	between(0, s.UsageLeast, 1/float64(features)+1e-12)
	between(s.UsageLeast, s.UsageMost, 1)
	text, err := json.Marshal(s)
	require.NoError(t, err)
	var again monitor.Signals
	require.NoError(t, json.Unmarshal(text, &again))
	require.Equal(t, s, again)
}

func TestMeasureIsAlwaysSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := samples(t, 2)
		in := monitor.Measure(small(), list)
		check(t, in.All, 4)
		for _, b := range in.Banks {
			check(t, b, 2)
		}
		require.Equal(t, in.All.Hits, in.Banks[0].Hits+in.Banks[1].Hits)
		require.Equal(t, in.All.Missed, in.Banks[0].Missed+in.Banks[1].Missed)
		require.Equal(t, list[len(list)-1].Counters.Events()-list[0].Counters.Events(), in.Events)
	})
}
