package feast_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
)

func digest(values ...[]int32) string {
	h := sha256.New()
	for _, v := range values {
		// A hash's Write never returns an error, by its contract.
		_ = binary.Write(h, binary.LittleEndian, v)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// The initial weights of a seed are part of what a run is repeated by: they are
// the same for ever and on every machine.
func TestRandomWeightsNeverChange(t *testing.T) {
	c := feast.Default()
	w := feast.RandomWeights(c)
	require.Equal(t, "591531fe955585d2", digest(w.Master, w.Thresholds))
	c.Seed, c.Mode, c.Neurons, c.Radius, c.InitialThreshold = 12345, feast.Merged, 100, 6, -0.25
	w = feast.RandomWeights(c)
	require.Equal(t, "6a57fcd5adf94ce5", digest(w.Master, w.Thresholds))
}

func TestRandomWeights(t *testing.T) {
	for _, c := range configs() {
		w := feast.RandomWeights(c)
		require.NoError(t, w.Validate(c), describe(c))
		requireLengthOne(t, c, w, 1e-5)
		for _, m := range w.Master {
			require.Positive(t, m)
		}
		for _, threshold := range w.Thresholds {
			require.InDelta(t, c.InitialThreshold, float64(threshold)/(1<<hw.ThresholdFraction), 1e-7)
		}
	}
	a, b := feast.Default(), feast.Default()
	b.Seed++
	require.NotEqual(t, feast.RandomWeights(a).Master, feast.RandomWeights(b).Master, "of another seed")
}

// requireLengthOne looks at the length of every feature's weights.
func requireLengthOne(t *testing.T, c feast.Config, w feast.Weights, within float64) {
	t.Helper()
	n := c.Elements()
	weights, _ := w.Float()
	for f := range c.Features() {
		var square float64
		for _, v := range weights[f*n : (f+1)*n] {
			square += v * v
		}
		require.InDelta(t, 1, math.Sqrt(square), within, "length of feature %d", f)
	}
}

func TestWeightsValidate(t *testing.T) {
	c := feast.Default()
	n := c.Elements()
	const one = 1 << 24
	for says, change := range map[string]func(w *feast.Weights){
		"": func(*feast.Weights) {},
		"weights: expected 3872 (32 features of 121), found 3871": func(w *feast.Weights) { w.Master = w.Master[1:] },
		"weights: expected 3872 (32 features of 121), found 0":    func(w *feast.Weights) { w.Master = nil },
		"thresholds: expected 32, found 33":                       func(w *feast.Weights) { w.Thresholds = append(w.Thresholds, 0) },
		"weights of feature 1: expected a vector of length one, found a longer one": func(w *feast.Weights) {
			clear(w.Master[n : 2*n])
			w.Master[n] = one + one/128
		},
		"weights of feature 31: expected": func(w *feast.Weights) {
			for i := range n {
				w.Master[31*n+i] = math.MinInt32 // the sum leaves 64 bits
			}
		},
		"threshold of feature 3: expected a cosine, found 2.0":  func(w *feast.Weights) { w.Thresholds[3] = 2*one + 1 },
		"threshold of feature 4: expected a cosine, found -128": func(w *feast.Weights) { w.Thresholds[4] = math.MinInt32 },
	} {
		w := feast.RandomWeights(c)
		change(&w)
		err := w.Validate(c)
		if says == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, says)
		target, err := hw.Find("purego")
		require.NoError(t, err)
		_, err = feast.NewWithWeights(c, target, w)
		require.ErrorContains(t, err, "feast: "+says)
	}
}

func TestWeightsFloat(t *testing.T) {
	c := feast.Default()
	w := feast.RandomWeights(c)
	w.Thresholds[1], w.Thresholds[2] = -1<<24, 3
	weights, thresholds := w.Float()
	require.Equal(t, w, feast.FromFloat(weights, thresholds), "there and back")
	require.InDelta(t, -1, thresholds[1], 0)

	got := feast.FromFloat([]float64{0.5, -0.25, 1e-9, 1.0 / (1 << 25), 3.0 / (1 << 25)}, []float64{7, -7, math.Inf(1), math.Inf(-1)})
	require.Equal(t, []int32{1 << 23, -1 << 22, 0, 0, 2}, got.Master, "rounded to even")
	require.Equal(t, []int32{1 << 25, -1 << 25, 1 << 25, -1 << 25}, got.Thresholds, "saturated where no cosine reaches")

	// What is not a number is refused, on every machine.
	weights[5] = math.NaN()
	require.ErrorContains(t, feast.FromFloat(weights, thresholds).Validate(c), "weights of feature 0")
	weights[5], thresholds[7] = 0, math.NaN()
	require.ErrorContains(t, feast.FromFloat(weights, thresholds).Validate(c), "threshold of feature 7")
}

// A layer keeps nothing of the weights that it was made from or gives away.
func TestWeightsAreCopied(t *testing.T) {
	c := feast.Default()
	target, err := hw.Find("purego")
	require.NoError(t, err)
	w := feast.RandomWeights(c)
	l, err := feast.NewWithWeights(c, target, w)
	require.NoError(t, err)
	want := l.Weights()
	clear(w.Master)
	clear(w.Thresholds)
	given := l.Weights()
	require.Equal(t, want, given)
	clear(given.Master)
	require.Equal(t, want, l.Weights())
}
