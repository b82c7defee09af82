package size

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// drawn makes a curve of one bank from separations, one row a size and one column a run.
func drawn(sizes []int, separations ...[]float64) Curve {
	var c Curve
	for i, n := range sizes {
		p := Point{Neurons: n}
		for _, s := range separations[i] {
			m := Measure{Structure: 10_000, Noise: 1000, Separation: s, StructureCosine: 0.7}
			if s >= 0.15 {
				m.Taken = 1
			}
			p.Runs = append(p.Runs, []Measure{m})
		}
		p.Banks = summaries(p.Runs)
		c = append(c, p)
	}
	return c
}

func row(v ...float64) []float64 { return v }

var octaves = []int{2, 4, 8, 16, 32}

func TestChooseTheBend(t *testing.T) {
	c := drawn(octaves, row(0.01), row(0.05), row(0.3), row(0.31), row(0.32))
	require.Equal(t, Choice{Neurons: 8, Clear: true, Doubts: []string{}, Banks: []int{8}, Runs: []int{8}, Loose: 8, Strict: 8}, c.Choose())

	// A dip behind the bend does not matter, and a bend further on does.
	require.Equal(t, 8, drawn(octaves, row(0.01), row(0.05), row(0.3), row(0.2), row(0.3)).Choose().Neurons)
	require.Equal(t, 32, drawn(octaves, row(0.01), row(0.3), row(0.3), row(0.3), row(0.7)).Choose().Neurons)
	// What rises by less than a fifth a doubling is left at its foot.
	require.Equal(t, 8, drawn(octaves, row(0.01), row(0.05), row(0.3), row(0.35), row(0.43)).Choose().Neurons)
	// Two sizes within a doubling may lie as far apart as two a doubling apart.
	require.Equal(t, 8, drawn([]int{2, 4, 8, 9, 16}, row(0.01), row(0.05), row(0.3), row(0.35), row(0.35)).Choose().Neurons)
}

// A curve tried further on has the same bend.
func TestChooseWhateverComesBehind(t *testing.T) {
	short := drawn(octaves, row(0.01), row(0.05), row(0.3), row(0.34), row(0.37))
	long := drawn(append(octaves, 64, 128, 256), row(0.01), row(0.05), row(0.3), row(0.34), row(0.37), row(0.4), row(0.43), row(0.46))
	require.Equal(t, short.Choose().Neurons, long.Choose().Neurons)
}

func TestChooseWaitsForTheStructure(t *testing.T) {
	c := drawn(octaves, row(0.4), row(0.4), row(0.4), row(0.4), row(0.4))
	for i, cosine := range []float64{0.5, 0.7, 0.85, 0.98, 0.985} {
		c[i].Runs[0][0].StructureCosine = cosine
		c[i].Banks = summaries(c[i].Runs)
	}
	require.Equal(t, 16, c.Choose().Neurons)
	// From 0.99 on it is good enough.
	for i, cosine := range []float64{0.5, 0.7, 0.991, 0.9999, 0.99999} {
		c[i].Runs[0][0].StructureCosine = cosine
		c[i].Banks = summaries(c[i].Runs)
	}
	require.Equal(t, 8, c.Choose().Neurons)
}

func TestChooseNone(t *testing.T) {
	for says, c := range map[string]Curve{
		"three sizes or more":              drawn([]int{2, 4}, row(0.3), row(0.3)),
		"told from structure at no size":   drawn(octaves, row(0.01), row(0.02), row(0.02), row(0.04), row(0.04)),
		"a feature of its own at no size":  drawn(octaves, row(0.08), row(0.1), row(0.12), row(0.14), row(0.14)),
		"less well than elsewhere":         lessWell(),
		"12 noise events and 10000 others": rare(),
	} {
		choice := c.Choose()
		require.Zero(t, choice.Neurons, says)
		require.False(t, choice.Clear)
		require.Len(t, choice.Doubts, 1)
		require.Contains(t, choice.Doubts[0], says)
	}
}

// lessWell has a feature of noise where separation is poor, and none at its best.
func lessWell() Curve {
	c := drawn(octaves, row(0.2), row(0.2), row(0.4), row(0.6), row(0.6))
	for i := 2; i < len(c); i++ {
		c[i].Runs[0][0].Taken = 0
		c[i].Banks = summaries(c[i].Runs)
	}
	return c
}

func rare() Curve {
	c := drawn(octaves, row(0.2), row(0.2), row(0.4), row(0.6), row(0.6))
	c[2].Runs[0][0].Noise = 12
	c[2].Banks = summaries(c[2].Runs)
	return c
}

func TestChooseWithDoubts(t *testing.T) {
	noisy := drawn(octaves, row(0.01), row(0.05), row(0.3), row(0.3), row(0.3))
	for i := range noisy {
		noisy[i].Runs[0][0].Noise = 20_000
		noisy[i].Banks = summaries(noisy[i].Runs)
	}
	for says, c := range map[string]struct {
		curve Curve
		want  int
	}{
		"the most that were tried":   {drawn(octaves, row(0.01), row(0.02), row(0.1), row(0.2), row(0.4)), 32},
		"the fewest that were tried": {drawn(octaves, row(0.4), row(0.4), row(0.4), row(0.4), row(0.4)), 2},
		"one would have chosen 4 neurons, another 16": {drawn(octaves,
			row(0.01, 0.01, 0.01), row(0.4, 0.02, 0.02), row(0.4, 0.2, 0.4), row(0.4, 0.4, 0.4), row(0.4, 0.4, 0.4)), 8},
		"a run on its own would have chosen none": {drawn(octaves,
			row(0.01, 0.01, 0.01), row(0.02, 0.02, 0.02), row(0.4, 0.03, 0.4), row(0.4, 0.03, 0.4), row(0.4, 0.03, 0.4)), 8},
		"no sharp bend":                      {drawn(octaves, row(0.16), row(0.18), row(0.22), row(0.27), row(0.33)), 0},
		"more events are known noise than a": {noisy, 8},
	} {
		choice := c.curve.Choose()
		require.False(t, choice.Clear, says)
		require.Contains(t, strings.Join(choice.Doubts, "; "), says)
		if c.want > 0 {
			require.Equal(t, c.want, choice.Neurons, says)
		}
	}
}

// TestChooseOfTwoBanks takes the larger, and says where they are far apart.
func TestChooseOfTwoBanks(t *testing.T) {
	pair := func(a, b Curve) Curve {
		for i := range a {
			for r := range a[i].Runs {
				a[i].Runs[r] = append(a[i].Runs[r], b[i].Runs[r]...)
			}
			a[i].Banks = summaries(a[i].Runs)
		}
		return a
	}
	early := func() Curve { return drawn(octaves, row(0.01), row(0.3), row(0.3), row(0.3), row(0.3)) }
	late := drawn(octaves, row(0.01), row(0.02), row(0.1), row(0.3), row(0.3))
	choice := pair(early(), late).Choose()
	require.Equal(t, []int{4, 16}, choice.Banks)
	require.Equal(t, 16, choice.Neurons)
	require.Equal(t, []string{"the banks differ: one asks for 4 neurons, another for 16"}, choice.Doubts)

	never := drawn(octaves, row(0.01), row(0.01), row(0.01), row(0.01), row(0.01))
	choice = pair(early(), never).Choose()
	require.Zero(t, choice.Neurons)
	require.Equal(t, []int{4, 0}, choice.Banks)
	require.Contains(t, choice.Doubts[0], "bank 1: noise is told from structure at no size")
	require.Contains(t, pair(early(), never).Choose("OFF", "ON").Doubts[0], "ON: noise is told from structure at no size")
}

func TestNewCurve(t *testing.T) {
	trial := func(neurons, banks int, noise uint64) Trial {
		tr := Trial{Neurons: neurons}
		for range banks {
			tr.Banks = append(tr.Banks, tally([kinds]uint64{100, 0}, [kinds]uint64{0, noise}))
		}
		return tr
	}
	_, err := NewCurve(nil)
	require.ErrorContains(t, err, "no trials")
	_, err = NewCurve([]Trial{trial(2, 2, 1), trial(4, 1, 1)})
	require.ErrorContains(t, err, "trial 1: expected 2 banks, found 1")
	_, err = NewCurve([]Trial{{Neurons: 2}})
	require.ErrorContains(t, err, "trial 0")
	_, err = NewCurve([]Trial{trial(2, 1, 1), trial(2, 1, 1), trial(4, 1, 1)})
	require.ErrorContains(t, err, "runs of each size")

	c, err := NewCurve([]Trial{trial(8, 2, 10), trial(2, 2, 20), trial(8, 2, 40), trial(2, 2, 20)})
	require.NoError(t, err)
	require.Equal(t, 2, c.Runs())
	require.Equal(t, []int{2, 8}, []int{c[0].Neurons, c[1].Neurons})
	require.Len(t, c[1].Banks, 2)
	require.Equal(t, 25.0, c[1].Banks[1].Mean.Noise)
	require.InDelta(t, 21.2132, c[1].Banks[1].Spread.Noise, 1e-4)
	require.Zero(t, c[0].Banks[0].Spread.Noise)
	require.Equal(t, 10.0, c[1].Runs[0][0].Noise, "in the order given")
	require.Equal(t, 40.0, c.run(1)[1].Banks[0].Mean.Noise)
}
