package hw_test

import (
	"math"
	"math/big"
	"math/rand/v2"
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

// A context divided by its length is a vector of length one, to what 16 bits hold.
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
		shift, factor := hw.Scale(norm)
		require.GreaterOrEqual(t, factor, uint16(1)<<15, "all bits are used")
		length := math.Sqrt(float64(sum))
		for _, v := range c {
			require.Zero(t, uint32(v)<<shift>>16, "the first factor has 16 bits")
			got := hw.Normalised(v, shift, factor)
			want := float64(v) / length * (1 << hw.WeightFraction)
			require.GreaterOrEqual(t, got, int16(0))
			require.InDelta(t, want, float64(got), 1.01+1e-4*want, "value %d of a context of length %v", v, length)
		}
	})
}

// No element of any context, whatever its length, leaves 16 bits.
func TestScale(t *testing.T) {
	for norm := uint32(1); norm < 1<<20; norm += 1 + norm>>9 {
		shift, factor := hw.Scale(norm)
		most := int16(min(norm>>hw.NormFraction, 1<<hw.MaxPeakBits)) // no element is longer than the whole
		require.Less(t, uint64(most)<<shift, uint64(1)<<16, "norm %d", norm)
		for _, v := range []int16{0, most / 3, most / 2, most} {
			exact := float64(v) * (1 << (hw.NormFraction + hw.WeightFraction)) / float64(norm)
			got := float64(hw.Normalised(v, shift, factor))
			require.True(t, got <= exact && got > exact*(1-1./(1<<15))-1, "norm %d, value %d: %v and not %v", norm, v, got, exact)
		}
	}
	// A context of the event alone is as good as a one.
	for p := 1; p <= hw.MaxPeakBits; p++ {
		norm := hw.Norm(1 << (2 * p))
		require.Equal(t, uint32(1)<<(p+hw.NormFraction), norm)
		shift, factor := hw.Scale(norm)
		require.Equal(t, int16(math.MaxInt16), hw.Normalised(1<<p, shift, factor))
	}
	shift, factor := hw.Scale(0)
	require.Zero(t, hw.Normalised(0, shift, factor))
}

func TestDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int16().Draw(t, "a"), rapid.Int16().Draw(t, "b")
		require.Equal(t, int16(max(min(int(a)-int(b), math.MaxInt16), math.MinInt16)), hw.Difference(a, b))
	})
}

// Rate is eta to 15 bits, and its product with a difference fits in 32.
func TestRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		eta := rapid.OneOf(rapid.Int32Range(0, 1<<10), rapid.Int32Range(0, math.MaxInt32)).Draw(t, "eta")
		factor, shift := hw.Rate(eta)
		require.GreaterOrEqual(t, factor, int16(0))
		require.True(t, shift >= 7 && shift <= 21, "shift %d", shift)
		got := math.Ldexp(float64(factor), -int(shift)) / (1 << (hw.MasterFraction - hw.WeightFraction))
		want := math.Ldexp(float64(eta), -hw.EtaFraction)
		require.InDelta(t, want, got, want/(1<<14)+math.Ldexp(1, -30), "eta %v", want)
	})
}

// learn is the learning step of hw.Kernels, element by element.
func learn(master []int32, weights, c []int16, p hw.Pull) (squares uint32) {
	for i := range master {
		d := hw.Difference(hw.Normalised(c[i], p.Shift, p.Factor), weights[i])
		master[i] += (int32(d)*int32(p.Rate) + int32(weights[i])*int32(p.Renormal) + 1<<(p.Drop-1)) >> p.Drop
		weights[i] = hw.MatchWeight(master[i])
		squares += uint32(int32(weights[i]) * int32(weights[i]))
	}
	return squares
}

// Whatever is learned, and however fast, weights come to have the length one and
// keep it, and end as the context that they are shown.
func TestNewPull(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{1, 9, 25, 121, 169}).Draw(t, "elements")
		eta := int32(rapid.SampledFrom([]float64{0.25, 0.1, 0.01, 0.001}).Draw(t, "eta") * (1 << hw.EtaFraction))
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		peak := int32(1) << hw.PeakBits(n)
		master, weights, c := make([]int32, n), make([]int16, n), make([]int16, n)
		show := func() (norm uint32, dot int32) {
			var sum uint32
			for i, v := range c {
				sum += uint32(v) * uint32(v)
				dot += int32(v) * int32(weights[i])
			}
			return hw.Norm(sum), dot
		}
		var square float64
		for i := range master {
			master[i] = 1 + rng.Int32N(1<<20)
			square += float64(master[i]) * float64(master[i])
		}
		var squares uint32
		for i, m := range master {
			master[i] = int32(float64(m) * (1 << hw.MasterFraction) / math.Sqrt(square))
			weights[i] = hw.MatchWeight(master[i])
			squares += uint32(int32(weights[i]) * int32(weights[i]))
		}
		length := func() (sum float64) {
			for _, m := range master {
				sum += math.Pow(math.Ldexp(float64(m), -hw.MasterFraction), 2)
			}
			return math.Sqrt(sum)
		}
		for range 200 {
			for i := range c {
				c[i] = int16(rng.Int32N(peak + 1))
			}
			c[n/2] = int16(peak)
			norm, dot := show()
			squares = learn(master, weights, c, hw.NewPull(norm, dot, squares, eta))
			// The one is 1-2^-15; what is left of a Newton step is of second order.
			require.InDelta(t, 1, length(), 2e-4+0.3*math.Pow(math.Ldexp(float64(eta), -hw.EtaFraction), 2))
		}
		for range int(10 / math.Ldexp(float64(eta), -hw.EtaFraction)) {
			norm, dot := show()
			squares = learn(master, weights, c, hw.NewPull(norm, dot, squares, eta))
		}
		norm, _ := show()
		shift, factor := hw.Scale(norm)
		for i, w := range weights {
			require.InDelta(t, hw.Normalised(c[i], shift, factor), w, 8+float64(w)/2000)
		}
		require.InDelta(t, 1, length(), 2e-4)
	})
	// A neuron with the greatest weight alone stays as it is when it sees itself, for
	// ever; one that is longer becomes shorter, one that is shorter longer.
	const most = math.MaxInt16
	for p := 1; p <= hw.MaxPeakBits; p++ {
		for _, eta := range []int32{1 << 10, 4_294_967, 1 << 30} {
			master, weights, c := []int32{1 << hw.MasterFraction}, []int16{most}, []int16{1 << p}
			pull := hw.NewPull(1<<(p+hw.NormFraction), most<<p, most*most, eta)
			require.Equal(t, uint32(most*most), learn(master, weights, c, pull))
			require.Equal(t, int32(1<<hw.MasterFraction), master[0], "scale 2^%d, eta %d", p, eta)
		}
	}
	require.Negative(t, hw.NewPull(1<<16, most<<12, most*most+1<<20, 1<<22).Renormal)
	require.Positive(t, hw.NewPull(1<<16, most<<12, most*most-1<<20, 1<<22).Renormal)
	require.Equal(t, int16(math.MaxInt16), hw.NewPull(1<<16, 0, 0, 1<<22).Renormal, "saturated")
	require.Equal(t, int16(math.MinInt16), hw.NewPull(1<<16, 0, math.MaxUint32, 1<<22).Renormal, "saturated")
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
