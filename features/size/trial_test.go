package size_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/size"
	"github.com/saccade-dev/saccade/hw"
)

// What is measured event by event is what a frozen layer answers in packets.
func TestTallyIsOfWhatWins(t *testing.T) {
	c := newConstructed(5, 3)
	const neurons = 6
	learn, measure := c.stream(2000, 0.2, 1), c.stream(1000, 0.2, 2)
	trial, err := size.Try(t.Context(), config(neurons, 1), find(t, hw.Auto), learn, measure)
	require.NoError(t, err)
	require.Equal(t, neurons, trial.Neurons)
	require.Len(t, trial.Banks, 1)

	layer, err := feast.New(config(neurons, 1), find(t, hw.Auto))
	require.NoError(t, err)
	winners := make([]int16, 100)
	require.NoError(t, learn(t.Context(), layer.Reset, func(in []events.Event, _ []bool) error {
		return layer.Process(in, winners[:len(in)])
	}))
	layer.SetLearning(false)
	hits := make([][2]uint64, neurons)
	var untaken [2]uint64
	require.NoError(t, measure(t.Context(), layer.Reset, func(in []events.Event, noise []bool) error {
		require.NoError(t, layer.Process(in, winners[:len(in)]))
		for i := range in {
			kind := 0
			if noise[i] {
				kind = 1
			}
			if winners[i] < 0 {
				untaken[kind]++
			} else {
				hits[winners[i]][kind]++
			}
		}
		return nil
	}))
	for i, h := range hits {
		require.Equal(t, h, trial.Banks[0].Hits[i])
	}
	require.Equal(t, untaken, trial.Untaken)
	require.Equal(t, uint64(1000), trial.Banks[0].Events(size.Structure)+trial.Banks[0].Events(size.Noise))
}

func TestTargetsAgree(t *testing.T) {
	c := newConstructed(5, 3)
	var want size.Trial
	for i, target := range hw.Targets() {
		if target.Usable() != nil {
			continue
		}
		got, err := size.Try(t.Context(), config(6, 1), target, c.stream(1000, 0.2, 1), c.stream(500, 0.2, 2))
		require.NoError(t, err)
		if i == 0 {
			want = got
		}
		require.Equal(t, want, got, target.Name())
	}
}

// The cosine is that of the context, as the paper has it, with the winner's weights.
func TestCosine(t *testing.T) {
	c := config(1, 1)
	pattern := []events.Event{at(1000, 3), at(9000, 30), at(20_000, 41), at(21_000, middle)}
	one := func(_ context.Context, fresh func(), do func([]events.Event, []bool) error) error {
		fresh()
		return do(pattern, []bool{false, false, false, true})
	}
	nothing := func(context.Context, func(), func([]events.Event, []bool) error) error { return nil }
	trial, err := size.Try(t.Context(), c, find(t, hw.Auto), nothing, one)
	require.NoError(t, err)

	weights, _ := feast.RandomWeights(c).Float()
	var dot, length float64
	for _, e := range pattern {
		v := math.Exp(float64(e.T-21_000) / float64(c.Tau.Microseconds()))
		dot += v * weights[int(e.Y)*side+int(e.X)]
		length += v * v
	}
	require.Equal(t, uint64(1), trial.Banks[0].Events(size.Noise))
	require.InDelta(t, dot/math.Sqrt(length), trial.Banks[0].Measure().NoiseCosine, 1e-3)
	require.Zero(t, trial.Banks[0].Measure().StructureCosine)
	require.Equal(t, uint64(3), trial.Untaken[size.Structure])
}

func TestTryPassesErrorsOn(t *testing.T) {
	c := newConstructed(2, 1)
	damaged := errors.New("damaged")
	fails := func(context.Context, func(), func([]events.Event, []bool) error) error { return damaged }
	_, err := size.Try(t.Context(), config(2, 1), find(t, hw.Auto), fails, c.stream(10, 0, 1))
	require.ErrorIs(t, err, damaged)
	_, err = size.Try(t.Context(), config(2, 1), find(t, hw.Auto), c.stream(10, 0, 1), fails)
	require.ErrorIs(t, err, damaged)
	_, err = size.Try(t.Context(), config(0, 1), find(t, hw.Auto), c.stream(10, 0, 1), c.stream(10, 0, 1))
	require.ErrorContains(t, err, "neurons 0")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = size.Try(ctx, config(2, 1), find(t, hw.Auto), c.stream(10, 0, 1), c.stream(10, 0, 1))
	require.ErrorIs(t, err, context.Canceled)
}
