package hw_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/hw"
)

// decayTaus holds the least and the greatest time constant, those that cameras
// are used with, and those whose horizon lies just below a power of two.
var decayTaus = []int64{
	1, 2, 3, 4, 5, 10, 21, 22, 45, 90, 100, 182, 365, 731, 732, 1000, 1465, 2930, 2931, 5862, 10_000, 20_000,
	50_000, 100_000, 1_000_000, 59_999_999, hw.MaxTau,
}

// checkDecay walks all ages of a decay: where several have the same number of
// units, and so the same value, the first and the last of them.
func checkDecay(t require.TestingT, tau int64, peakBits int) {
	d, err := hw.NewDecay(tau, peakBits)
	require.NoError(t, err)
	what := fmt.Sprintf("tau %d us, scale 2^%d", tau, peakBits)
	peak := float64(int(1) << peakBits)

	require.Equal(t, int16(peak), d.Value(0), "%s: age 0", what)
	for _, age := range []uint32{d.Horizon, d.Horizon + 1, 1 << 31, math.MaxUint32} {
		require.Zero(t, d.Value(age), "%s: age %d, and the horizon is %d", what, age, d.Horizon)
	}
	// From the horizon on the exact value rounds to zero, and not much before it.
	require.Less(t, peak*math.Exp(-float64(d.Horizon)/float64(tau)), 0.5, what)
	require.Less(t, float64(d.Horizon), float64(tau)*math.Ln2*(float64(peakBits)+1.1)+4, what)
	require.LessOrEqual(t, d.Horizon, uint32(1)<<30, "%s: twice the horizon fits in 31 bits", what)
	last := d.Units(d.Horizon)
	require.Less(t, last, uint32(1)<<16, what)
	require.Equal(t, last, d.Units(math.MaxUint32), what)
	require.Less(t, d.Rate, uint32(1)<<16, what)

	for units := last; units < 1<<16; units++ {
		if d.ValueOfUnits(units) != 0 || d.Table[units] != 0 {
			require.Failf(t, "a value behind the horizon", "%s: at %d units", what, units)
		}
	}

	most := 1.0
	if peakBits == 13 {
		most = 2
	}
	before := int16(math.MaxInt16)
	for units := range last + 1 {
		v := d.ValueOfUnits(units)
		if table := d.Table[units]; table != v {
			require.Equal(t, v, table, "%s: table at %d units", what, units)
		}
		if v > before && (peakBits >= 6 || v > before+1) {
			require.Failf(t, "the value rises with age", "%s: at %d units: %d behind %d", what, units, v, before)
		}
		before = v
		first, end := (int64(units)<<d.Right-int64(d.Round))>>d.Left, ((int64(units)+1)<<d.Right-int64(d.Round))>>d.Left
		if d.Left > 0 {
			if units%(1<<d.Left) != 0 {
				continue // no age has this number of units
			}
			end = first + 1
		}
		for _, age := range []int64{max(first, 0), min(end-1, int64(d.Horizon))} {
			if got := d.Units(uint32(age)); got != units {
				require.Equal(t, units, got, "%s: units of age %d", what, age)
			}
			exact := peak * math.Exp(-float64(age)/float64(tau))
			if math.Abs(float64(d.Value(uint32(age)))-math.RoundToEven(exact)) > most {
				require.Failf(t, "the value is off", "%s: age %d: %d and not %v", what, age, d.Value(uint32(age)), exact)
			}
		}
	}
}

func TestDecay(t *testing.T) {
	for _, tau := range decayTaus {
		// Contexts have scales from 2^10 on.
		for _, p := range []int{1, 4, 6, 10, 11, 12, 13} {
			if p >= 10 || tau%3 != 0 {
				checkDecay(t, tau, p)
			}
		}
	}
}

// The decay is a definition: it stays as it is, to the last unit.
func TestDecayNeverChanges(t *testing.T) {
	h := sha256.New()
	for _, tau := range decayTaus {
		for p := 10; p <= hw.MaxPeakBits; p++ {
			d, err := hw.NewDecay(tau, p)
			require.NoError(t, err)
			require.NoError(t, binary.Write(h, binary.LittleEndian, []uint32{d.Horizon, uint32(d.Left), uint32(d.Right), d.Round, d.Rate}))
			require.NoError(t, binary.Write(h, binary.LittleEndian, d.Table[:]))
		}
	}
	require.Equal(t, "5557abc7176685f0", hex.EncodeToString(h.Sum(nil)[:8]))
}

func TestDecayOfAnyTau(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tau := rapid.OneOf(rapid.Int64Range(1, 6_000), rapid.Int64Range(1, hw.MaxTau)).Draw(t, "tau")
		checkDecay(t, tau, rapid.IntRange(10, hw.MaxPeakBits).Draw(t, "peak bits"))
	})
}

// A decay for every horizon below 2^16, the range in which its units are a
// fraction of a microsecond and must still end below 2^16: there a pixel that
// never fired once had the value of one that fires now.
func TestDecayEndsInItsTable(t *testing.T) {
	for p := 10; p <= hw.MaxPeakBits; p++ {
		for tau := int64(1); tau <= 6_000; tau++ {
			// Closely around the powers of two, and some of the others.
			near := false
			for octave := range 16 {
				horizon := float64(tau) * math.Ln2 * (float64(p) + 1 + 1./64)
				near = near || math.Abs(horizon-math.Exp2(float64(octave+1))) < 2.5
			}
			if !near && tau%199 != 0 {
				continue
			}
			d, err := hw.NewDecay(tau, p)
			require.NoError(t, err)
			require.Zero(t, d.Table[uint16(d.Units(d.Horizon))], "tau %d us, scale 2^%d", tau, p)
			require.Less(t, d.Units(d.Horizon), uint32(1)<<16, "tau %d us, scale 2^%d", tau, p)
		}
	}
}

func TestNewDecayRefuses(t *testing.T) {
	for _, tau := range []int64{math.MinInt64, -1, 0, hw.MaxTau + 1, math.MaxInt64} {
		_, err := hw.NewDecay(tau, 12)
		require.ErrorContains(t, err, fmt.Sprintf("time constant %d us: expected 1 to %d us", tau, hw.MaxTau))
	}
	for _, p := range []int{-1, 0, hw.MaxPeakBits + 1} {
		_, err := hw.NewDecay(20_000, p)
		require.ErrorContains(t, err, fmt.Sprintf("surface scale 2^%d", p))
	}
}

func TestPeakBits(t *testing.T) {
	fits := func(n, p int) bool {
		// The sum of squares of a context of only peaks, and its dot product with a
		// vector of length one, with 1/64 to spare.
		sum := float64(n) * math.Exp2(2*float64(p))
		return sum*(1+1./64) < 1<<32 && math.Sqrt(sum*(1+1./128))*(1<<hw.WeightFraction) < 1<<31
	}
	for n := 1; n <= 4096; n++ {
		p := hw.PeakBits(n)
		require.True(t, p >= 1 && p <= hw.MaxPeakBits, "%d elements: %d", n, p)
		require.True(t, fits(n, p), "%d elements: 2^%d is too large", n, p)
		if p < hw.MaxPeakBits {
			require.GreaterOrEqual(t, float64(n)*math.Exp2(2*float64(p+1))*(1+1./64), math.Exp2(32), "%d elements: 2^%d could be larger", n, p)
		}
	}
	require.Equal(t, 13, hw.PeakBits(49))
	require.Equal(t, 12, hw.PeakBits(121))
	require.Equal(t, 10, hw.PeakBits(63*63))
	require.Zero(t, hw.PeakBits(math.MaxInt32))
}

// A linear decay is a straight line to zero at tau, and zero behind it.
func TestLinearDecay(t *testing.T) {
	taus := []int64{1, 2, 3, 7, 100, 1000, 5862, 20_000, 65_535, 65_536, 1_000_000, hw.MaxTau}
	for _, tau := range taus {
		for p := 1; p <= hw.MaxPeakBits; p++ {
			d, err := hw.NewLinearDecay(tau, p)
			require.NoError(t, err)
			require.True(t, d.Linear)
			what := fmt.Sprintf("tau %d, scale 2^%d", tau, p)
			peak := float64(int(1) << p)
			require.Equal(t, int16(peak), d.Value(0), what)
			require.Less(t, d.Rate, uint32(1)<<16, what)
			before := int16(math.MaxInt16)
			for step := range int64(2000) {
				age := step * (tau + 1999) / 2000
				v := d.Value(uint32(age))
				require.InDelta(t, peak*max(1-float64(age)/float64(tau), 0), float64(v), 1.5, "%s: age %d", what, age)
				require.LessOrEqual(t, v, before, "%s: age %d", what, age)
				require.Equal(t, v, d.Table[d.Units(uint32(age))])
				before = v
			}
			for _, age := range []int64{tau, tau + 1, 2 * tau, math.MaxUint32} {
				require.Zero(t, d.Value(uint32(age)), "%s: age %d", what, age)
			}
			for units := d.Units(d.Horizon); units < 1<<16; units++ {
				require.Zero(t, d.ValueOfUnits(units), "%s: %d units", what, units)
			}
			require.Zero(t, d.Value(d.Horizon), what)
			require.LessOrEqual(t, int64(d.Horizon), tau+2<<d.Right+2, what)
		}
	}
	for _, tau := range []int64{0, hw.MaxTau + 1} {
		_, err := hw.NewLinearDecay(tau, 12)
		require.ErrorContains(t, err, "time constant")
	}
}
