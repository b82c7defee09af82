package size

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func tally(hits ...[kinds]uint64) Tally { return Tally{Hits: hits} }

func TestMeasureByHand(t *testing.T) {
	many := tally([kinds]uint64{600_000, 0}, [kinds]uint64{200_000, 0}, [kinds]uint64{0, 200_000})
	many.Cosines = [kinds]float64{720_000, 50_000}
	m := many.Measure()
	require.Equal(t, 800_000.0, m.Structure)
	require.Equal(t, 200_000.0, m.Noise)
	require.Equal(t, 1.0, m.Taken)
	require.Equal(t, 1.0, m.Caught)
	require.Zero(t, m.Lost)
	require.Equal(t, 1.0, m.Largest)
	require.InDelta(t, 1, m.NoiseFeatures, 1e-12)
	require.InDelta(t, math.Exp2(-0.75*math.Log2(0.75)-0.25*math.Log2(0.25)), m.StructureFeatures, 1e-12)
	require.InDelta(t, 1, m.Separation, 1e-5)
	require.InDelta(t, -0.8*math.Log2(0.8)-0.2*math.Log2(0.2), m.Information, 1e-5, "the label's own entropy")
	require.Equal(t, 0.9, m.StructureCosine)
	require.Equal(t, 0.25, m.NoiseCosine)

	same := tally([kinds]uint64{600, 60}, [kinds]uint64{200, 20})
	m = same.Measure()
	require.Zero(t, m.Separation)
	require.Zero(t, m.Information)
	require.Zero(t, m.Taken)

	// Three times the share is taken; a little less is not, nor are nine events.
	some := tally([kinds]uint64{700, 100}, [kinds]uint64{100, 59}, [kinds]uint64{100, 32}, [kinds]uint64{100, 9})
	require.Zero(t, some.Measure().Taken) // 29.5 %, 16 %, 4.5 % of the noise against 10 %
	some.Hits[1][Noise] = 84              // 225 noise events: 37 %
	m = some.Measure()
	require.Equal(t, 1.0, m.Taken)
	require.InDelta(t, 84.0/225, m.Caught, 1e-12)
	require.InDelta(t, 0.1, m.Lost, 1e-12)
	few := tally([kinds]uint64{1000, 9}, [kinds]uint64{0, 9})
	require.Zero(t, few.Measure().Taken)

	empty := tally([kinds]uint64{})
	require.Equal(t, Measure{NoiseFeatures: 1, StructureFeatures: 1}, empty.Measure())
}

// Whatever the counts, the numbers are within their bounds, and no order of features
// changes them.
func TestMeasureBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "features")
		tl := newTally(n)
		for i := range n {
			tl.Hits[i] = [kinds]uint64{rapid.Uint64Range(0, 1e6).Draw(t, "structure"), rapid.Uint64Range(0, 1e4).Draw(t, "noise")}
		}
		m := tl.Measure()
		require.True(t, m.Separation >= 0 && m.Separation <= 1+1e-9, "separation %v", m.Separation)
		label := 0.0
		if m.Structure+m.Noise > 0 {
			share := m.Noise / (m.Structure + m.Noise)
			label = entropy([]float64{share, 1 - share})
		}
		require.True(t, m.Information >= 0 && m.Information <= label+1e-9, "information %v of %v", m.Information, label)
		for _, features := range []float64{m.NoiseFeatures, m.StructureFeatures} {
			require.True(t, features >= 1 && features <= float64(n)+1e-9, "%v of %d", features, n)
		}
		require.True(t, m.Caught <= 1+1e-9 && m.Caught >= m.Lost*TakenLift-1e-9)
		slices.Reverse(tl.Hits)
		again := tl.Measure()
		want, got := m.fields(), again.fields()
		for i := range want {
			require.InDelta(t, *want[i], *got[i], 1e-9)
		}
	})
}

// Draws from one distribution separate nothing: uncorrected, the estimate would say so
// only of many, and the more so the more features there are.
func TestDivergenceIsUnbiased(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const features, structure, noise = 64, 20_000, 400
	var mean, plain, info, plainInfo float64
	const repeats = 200
	for range repeats {
		tl := newTally(features)
		for range structure {
			tl.Hits[rng.IntN(features)][Structure]++
		}
		for range noise {
			tl.Hits[rng.IntN(features)][Noise]++
		}
		p, q := tl.shares(Structure), tl.shares(Noise)
		mean += divergence(p, q, structure, noise, 0.5) / repeats
		plain += (entropy(mixture(p, q, 0.5)) - (entropy(p)+entropy(q))/2) / repeats
		const share = noise / (noise + structure + 0.0)
		info += divergence(p, q, structure, noise, share) / repeats
		plainInfo += (entropy(mixture(p, q, share)) - (1-share)*entropy(p) - share*entropy(q)) / repeats
	}
	require.Greater(t, plain, 0.025)
	require.Less(t, mean, plain/5) // not 0, as what would be below 0 counts as 0
	require.Greater(t, plainInfo, 1.5e-3)
	require.Less(t, info, plainInfo/5)
}
