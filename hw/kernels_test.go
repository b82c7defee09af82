package hw_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/hw"
)

func TestContextLen(t *testing.T) {
	for n := range 5000 {
		got := hw.ContextLen(n)
		require.True(t, got >= n && got < n+32 && got%32 == 0, "%d elements: %d", n, got)
	}
}

// Norm is the exact integer square root, at every square and beside it too.
func TestNorm(t *testing.T) {
	check := func(t require.TestingT, sum uint32) {
		want := new(big.Int).Sqrt(new(big.Int).Lsh(big.NewInt(int64(sum)), 2*hw.NormFraction))
		require.Equal(t, uint32(want.Uint64()), hw.Norm(sum), "sum of squares %d", sum)
	}
	for root := range int64(1 << 16) {
		for _, beside := range []int64{-1, 0, 1} {
			if sum := root*root + beside; sum >= 0 && root%17 == 0 {
				check(t, uint32(sum))
			}
		}
	}
	check(t, math.MaxUint32)
	rapid.Check(t, func(t *rapid.T) { check(t, rapid.Uint32().Draw(t, "sum")) })
}

// A context divided by its length is a vector of length one, to what the
// formats hold.
func TestNormalised(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		side := 2*rapid.IntRange(0, 31).Draw(t, "radius") + 1
		n := side * side
		peak := int16(1) << hw.PeakBits(n)
		c := make([]int16, n)
		seed := rapid.SliceOfN(rapid.Int16Range(0, peak), 1, 64).Draw(t, "values")
		for i := range c {
			c[i] = seed[i*7%len(seed)]
		}
		c[n/2] = peak
		var sum uint32
		for _, v := range c {
			sum += uint32(v) * uint32(v)
		}
		norm := hw.Norm(sum)
		reciprocal := hw.Reciprocal(norm)
		length := math.Sqrt(float64(sum))
		require.InEpsilon(t, math.Exp2(hw.MasterFraction+6)/length, float64(reciprocal), 1e-4)
		var square float64
		for _, v := range c {
			got := hw.Normalised(v, reciprocal)
			want := float64(v) / length
			require.InDelta(t, want, float64(got)/(1<<hw.MasterFraction), 1e-4*want+1e-7, "value %d of a context of length %v", v, length)
			require.LessOrEqual(t, uint64(v)*uint64(reciprocal), uint64(1)<<30+1<<20, "the product fits in 32 bits with room")
			square += float64(got) * float64(got)
		}
		require.InDelta(t, 1, math.Sqrt(square)/(1<<hw.MasterFraction), 1e-4)
	})
	// A context of the event alone is a one exactly.
	for p := 1; p <= hw.MaxPeakBits; p++ {
		norm := hw.Norm(1 << (2 * p))
		require.Equal(t, uint32(1)<<(p+hw.NormFraction), norm)
		require.Equal(t, int32(1)<<hw.MasterFraction, hw.Normalised(1<<p, hw.Reciprocal(norm)))
	}
}

func TestMulHigh(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, f := rapid.Int32().Draw(t, "a"), rapid.Int32().Draw(t, "factor")
		// floor(a*f/2^32 + 1/2)
		product := new(big.Int).Mul(big.NewInt(int64(a)), big.NewInt(int64(f)))
		product.Add(product, big.NewInt(1<<31)).Rsh(product, 32)
		require.Equal(t, product.Int64(), int64(hw.MulHigh(a, f)))
	})
	require.Equal(t, int32(1), hw.MulHigh(1, math.MaxInt32)+hw.MulHigh(2, 1<<30), "halves are rounded up")
	require.Equal(t, int32(0), hw.MulHigh(-2, 1<<30))
}

// The Newton step brings a vector whose length is off by d to one that is off by
// about 3/2 d^2.
func TestRenormal(t *testing.T) {
	const one = 1 << hw.MasterFraction
	for _, off := range []float64{-0.2, -0.01, -0.001, -1e-5, 0, 1e-5, 0.001, 0.0035} {
		m := []float64{0.6 * one * (1 + off), -0.8 * one * (1 + off)}
		var sum int64
		for _, v := range m {
			sum += int64(v) * int64(v)
		}
		factor := hw.Renormal(sum)
		var after float64
		for _, v := range m {
			w := float64(int32(v) + hw.MulHigh(int32(v), factor))
			after += w * w
		}
		require.InDelta(t, 1, math.Sqrt(after)/one, 1.6*off*off+2e-7, "off by %v", off)
	}
	require.Zero(t, hw.Renormal(one*one))
	require.Equal(t, int32(math.MaxInt32), hw.Renormal(0), "half, as far as the format goes")
	require.Equal(t, int32(math.MinInt32), hw.Renormal(1<<62))
}

func TestMatchWeight(t *testing.T) {
	for master, want := range map[int32]int16{
		0: 0, 255: 0, 256: 1, 511: 1, 767: 1, 768: 2, -255: 0, -256: 0, -257: -1, -768: -1, -769: -2,
		1 << 24: math.MaxInt16, 1<<24 - 256: math.MaxInt16, 1<<24 - 257: math.MaxInt16, 1<<24 - 769: math.MaxInt16 - 1,
		-1 << 24: math.MinInt16, -1<<24 - 300: math.MinInt16, 1 << 25: math.MaxInt16, -1 << 25: math.MinInt16,
	} {
		require.Equal(t, want, hw.MatchWeight(master), "master weight %d", master)
	}
	rapid.Check(t, func(t *rapid.T) {
		master := rapid.Int32Range(-1<<25, 1<<25).Draw(t, "master")
		want := math.Floor(float64(master)/(1<<(hw.MasterFraction-hw.WeightFraction)) + 0.5)
		require.Equal(t, int16(max(min(want, math.MaxInt16), math.MinInt16)), hw.MatchWeight(master))
	})
}

// MatchShift makes the two sides of the threshold test equal for equal cosines.
func TestMatchShift(t *testing.T) {
	const length, cosine = 1 << 12, 0.75
	dot := int64(length * cosine * (1 << hw.WeightFraction))
	threshold, norm := int64(cosine*(1<<hw.ThresholdFraction)), int64(length<<hw.NormFraction)
	require.Equal(t, dot<<hw.MatchShift, threshold*norm)
}
