package survey

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/stack"
)

func layered(t require.TestingT, first feast.Config, behind ...stack.Config) ([]stack.Config, []feast.Weights) {
	layers, err := stack.Complete(stack.Of(first, behind...))
	require.NoError(t, err)
	var weights []feast.Weights
	for _, c := range layers {
		weights = append(weights, feast.RandomWeights(c.Feast))
	}
	return layers, weights
}

func upper(neurons, radius, pool int) stack.Config {
	c := feast.Default()
	c.Neurons, c.Radius, c.Seed, c.Border = neurons, radius, 9, feast.BorderZero
	return stack.Config{Feast: c, Pool: pool}
}

// Every pixel of a sum is what its definition says, pixel by pixel of the sensor.
func TestSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := feast.Default()
		first.Mode = rapid.SampledFrom([]feast.Mode{feast.Split, feast.Merged, feast.On}).Draw(t, "mode")
		first.Neurons, first.Radius = rapid.IntRange(1, 3).Draw(t, "neurons"), rapid.IntRange(0, 2).Draw(t, "radius")
		second := upper(rapid.IntRange(1, 3).Draw(t, "neurons behind"), rapid.IntRange(0, 2).Draw(t, "radius behind"), rapid.IntRange(1, 3).Draw(t, "pool"))
		layers, weights := layered(t, first, second)
		got := sums(layers, weights)
		require.Equal(t, BankNames(first.Mode), got[1].surfaces)
		side, step := layers[1].Feast.Side(), second.Pool
		require.Equal(t, first.Side()+(side-1)*step, got[1].side)
		below, _ := weights[0].Float()
		w, _ := weights[1].Float()
		for f, picture := range got[1].of {
			for i, v := range picture {
				surface, y, x := i/(got[1].side*got[1].side), i/got[1].side%got[1].side, i%got[1].side
				want := 0.0
				for plane := range layers[1].Feast.Planes {
					if plane/first.Neurons != surface {
						continue // its weights are of another surface
					}
					for at := range side * side {
						px, py := x-at%side*step, y-at/side*step
						if px >= 0 && py >= 0 && px < first.Side() && py < first.Side() {
							want += w[(f*layers[1].Feast.Planes+plane)*side*side+at] * below[(plane*first.Side()+py)*first.Side()+px]
						}
					}
				}
				require.InDelta(t, want, v, 1e-9, "feature %d, surface %d, x %d, y %d", f, surface, x, y)
			}
		}
	})
}

// A third layer is a sum of sums, its pixels as far apart as all pooling makes them.
func TestSumsOfSums(t *testing.T) {
	first := feast.Default()
	first.Neurons, first.Radius = 2, 1
	layers, weights := layered(t, first, upper(3, 1, 2), upper(2, 1, 3))
	got := sums(layers, weights)
	require.Equal(t, 3, got[0].side)
	require.Equal(t, 3+2*2, got[1].side)
	require.Equal(t, 7+2*6, got[2].side)
	// The middle weight of the only plane that has any shows the feature below it alone.
	clear(weights[2].Master)
	c := layers[2].Feast
	weights[2].Master[c.Elements()+2*9+4] = 1 << 24 // neuron 1, plane 2, the middle
	got = sums(layers, weights)
	for i, v := range got[2].of[1] {
		s, y, x := i/(19*19), i/19%19-6, i%19-6
		want := 0.0
		if x >= 0 && y >= 0 && x < 7 && y < 7 {
			want = got[1].of[2][(s*7+y)*7+x]
		}
		require.InDelta(t, want, v, 0)
	}
	for _, v := range got[2].of[0] {
		require.Zero(t, v)
	}
}

// What would be too large is left off, with all behind it.
func TestSumsAreBounded(t *testing.T) {
	first := feast.Default()
	first.Width, first.Height = 1024, 1024
	first.Neurons, first.Radius = 8, 2
	layers, weights := layered(t, first, upper(4, 3, 64), upper(4, 1, 8), upper(4, 0, 1))
	got := sums(layers, weights)
	require.Equal(t, 5+6*64, got[1].side)
	require.NotNil(t, got[1].of)
	require.Nil(t, got[2].of, "389+2*512 pixels a side")
	require.Nil(t, got[3].of)
}

// A layer whose planes are given to it from outside has a surface a plane.
func TestSumsOfPlanes(t *testing.T) {
	first := feast.Default()
	first.Mode, first.Planes, first.Neurons, first.Radius = feast.Planes, 2, 3, 1
	layers, weights := layered(t, first, upper(2, 1, 1))
	got := sums(layers, weights)
	require.Equal(t, []string{"plane 0", "plane 1"}, got[1].surfaces)
	w, _ := weights[0].Float()
	require.Equal(t, w[18:36], got[0].of[1])
	first.Planes = maxSurfaces + 1
	layers, weights = layered(t, first, upper(2, 1, 1))
	require.Nil(t, sums(layers, weights)[1].of)
}
