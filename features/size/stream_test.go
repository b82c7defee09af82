package size_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/size"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
)

// constructed are streams whose contexts are known: the sensor is one patch, so that
// only its middle pixel competes, and what fires before it is the context.
type constructed struct {
	patterns [][]int // the pixels of each that fire before the middle
}

const (
	side   = 7
	pixels = side * side
	middle = pixels / 2
)

func newConstructed(patterns int, seed uint64) constructed {
	rng := rand.New(rand.NewPCG(seed, 1))
	var c constructed
	for range patterns {
		pattern := rng.Perm(pixels - 1)[:pixels/4]
		for i := range pattern {
			pattern[i] = around(pattern[i])
		}
		c.patterns = append(c.patterns, pattern)
	}
	return c
}

// around counts the pixels without the middle.
func around(i int) int {
	if i >= middle {
		i++
	}
	return i
}

// at is an event of a pixel, counted row by row.
func at(t int64, pixel int) events.Event {
	return events.Event{T: t, X: uint16(pixel % side), Y: uint16(pixel / side), P: events.On}
}

// stream gives n events of the middle pixel. A share of them is noise: one other pixel
// fired before, at random, a while ago. The others follow a pattern, all as often.
func (c constructed) stream(n int, share float64, seed uint64) size.Stream {
	return func(ctx context.Context, fresh func(), do func([]events.Event, []bool) error) error {
		rng := rand.New(rand.NewPCG(seed, 2))
		fresh()
		for i := range n {
			if err := ctx.Err(); err != nil {
				return err
			}
			t := int64(i+1) * 1_000_000
			noise := rng.Float64() < share
			var in []events.Event
			if noise {
				in = append(in, at(t-8000, around(rng.IntN(pixels-1))))
			} else {
				for _, pixel := range c.patterns[rng.IntN(len(c.patterns))] {
					in = append(in, at(t-int64(rng.IntN(2000)), pixel))
				}
			}
			known := make([]bool, len(in)+1)
			known[len(in)] = noise
			if err := do(append(in, at(t, middle)), known); err != nil {
				return err
			}
		}
		return nil
	}
}

func config(neurons int, seed uint64) feast.Config {
	c := feast.Default()
	c.Width, c.Height, c.Radius, c.Mode = side, side, side/2, feast.Merged
	c.Neurons, c.Tau, c.Seed = neurons, 20*time.Millisecond, seed
	c.Eta, c.DeltaI, c.DeltaE = 0.01, 0.005, 0.015
	return c
}

func find(t require.TestingT, name string) hw.Target {
	target, err := hw.Find(name)
	require.NoError(t, err)
	return target
}

// curve tries sizes on a constructed stream, of which a share is noise.
func (c constructed) curve(t *testing.T, share float64, sizes ...int) size.Curve {
	t.Helper()
	var trials []size.Trial
	for _, n := range sizes {
		for seed := range uint64(2) {
			trial, err := size.Try(t.Context(), config(n, seed), find(t, hw.Auto), c.stream(5000, share, 10+seed), c.stream(1500, share, 20+seed))
			require.NoError(t, err)
			trials = append(trials, trial)
		}
	}
	curve, err := size.NewCurve(trials)
	require.NoError(t, err)
	return curve
}

// Of K patterns and noise as frequent as one of them, the size chosen is the smallest
// tried that has a neuron for each.
func TestPatternsAndNoise(t *testing.T) {
	for _, c := range []struct {
		patterns int
		want     int
	}{{3, 4}, {6, 8}, {12, 16}} {
		curve := newConstructed(c.patterns, 5).curve(t, 1/float64(c.patterns+1), 2, 4, 8, 16, 32)
		choice := curve.Choose()
		require.Equal(t, c.want, choice.Neurons, "%+v", choice)
		require.True(t, choice.Clear, "%v", choice.Doubts)
		for _, p := range curve {
			m := p.Banks[0].Mean
			if p.Neurons >= c.want {
				require.Greater(t, m.Separation, 0.95, "%d patterns, %d neurons", c.patterns, p.Neurons)
				require.Greater(t, m.StructureCosine, 0.98)
				require.GreaterOrEqual(t, m.Taken, 1.0)
				require.Greater(t, m.Caught, 0.95)
				require.Less(t, m.Lost, 0.02)
			}
		}
	}
}

// Without noise, with nothing but noise, and where what is called noise is like the
// rest, there is no answer, and it says why.
func TestNoAnswer(t *testing.T) {
	c := newConstructed(4, 5)
	for name, share := range map[string]float64{"0 noise events and 1500 others": 0, "1500 noise events and 0 others": 1} {
		choice := c.curve(t, share, 2, 4, 8).Choose()
		require.Zero(t, choice.Neurons)
		require.False(t, choice.Clear)
		require.Equal(t, []int{0}, choice.Banks)
		require.Len(t, choice.Doubts, 1)
		require.Contains(t, choice.Doubts[0], name)
	}

	// The labels are drawn anew, so that they say nothing.
	mislabelled := func(n int, seed uint64) size.Stream {
		return func(ctx context.Context, fresh func(), do func([]events.Event, []bool) error) error {
			rng := rand.New(rand.NewPCG(seed, 3))
			return c.stream(n, 0.2, seed)(ctx, fresh, func(in []events.Event, noise []bool) error {
				noise[len(noise)-1] = rng.Float64() < 0.2
				return do(in, noise)
			})
		}
	}
	var trials []size.Trial
	for _, n := range []int{2, 4, 8, 16} {
		trial, err := size.Try(t.Context(), config(n, 1), find(t, hw.Auto), mislabelled(4000, 1), mislabelled(2000, 2))
		require.NoError(t, err)
		trials = append(trials, trial)
	}
	curve, err := size.NewCurve(trials)
	require.NoError(t, err)
	choice := curve.Choose()
	require.Zero(t, choice.Neurons)
	require.Contains(t, choice.Doubts[0], "noise is told from structure at no size")
}
