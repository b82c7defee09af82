package hwtest

import (
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/saccade-dev/saccade/hw"
)

// The slices that the kernels of delta networks take.
const (
	theSums         = "the sums"
	theDeltas       = "the deltas"
	theTaps         = "the taps"
	theDeltaWeights = "the delta network's weights"
	theFrame        = "the frame"
	theFrameBefore  = "the frame before"
	theLevels       = "the levels"
	theMultipliers  = "the multipliers"
	theShifts       = "the shifts"
)

// testDelta checks the kernels of delta networks of a target.
func testDelta(t *testing.T, k *hw.Kernels) { Delta(t, &k.Delta) }

// Delta checks kernels of delta networks against their definition.
func Delta(t *testing.T, k *hw.DeltaKernels) {
	if k.Columns8 == nil || k.Columns16 == nil || k.Taps8 == nil || k.Taps16 == nil || k.Changes == nil || k.Levels == nil {
		t.Fatal("a kernel of delta networks is missing")
	}
	t.Run("columns8", func(t *testing.T) { testColumns(t, k.Columns8) })
	t.Run("columns16", func(t *testing.T) { testColumns(t, k.Columns16) })
	t.Run("taps8", func(t *testing.T) { testTaps(t, k.Taps8) })
	t.Run("taps16", func(t *testing.T) { testTaps(t, k.Taps16) })
	t.Run("changes", func(t *testing.T) { testChanges(t, k.Changes) })
	t.Run("levels", func(t *testing.T) { testLevels(t, k.Levels) })
}

// deltaWeight is a format of weights of delta networks.
type deltaWeight interface{ int8 | int16 }

// mostWeight is the largest weight of a format; the least is -mostWeight-1.
func mostWeight[W deltaWeight]() W {
	var zero W
	most := 1<<(8*unsafe.Sizeof(zero)-1) - 1
	return W(most)
}

// A valueFill makes the values of deltas.
type valueFill struct {
	name  string
	value func(rng *rand.Rand) int32
}

// Kernels take values apart into digits of 8 or 16 bits with signs: what matters is
// where a value needs one more, and which of them are zero.
var valueFills = []valueFill{
	{"small", func(rng *rand.Rand) int32 { return rng.Int32N(21) - 10 }},
	{"of 8 bits", func(rng *rand.Rand) int32 { return int32(int8(rng.Uint32())) }},
	{"around 8 bits", oneOf(127, 128, 129, 255, 256, -127, -128, -129, -255, -256, -257)},
	{"of 16 bits", func(rng *rand.Rand) int32 { return int32(int16(rng.Uint32())) }},
	{"around 16 bits", oneOf(32_639, 32_640, 32_767, 32_768, 32_769, 65_535, 65_536, -32_767, -32_768, -32_769, -32_896, -32_897, -65_536)},
	{"around 24 bits", oneOf(8_355_711, 8_355_712, 8_388_607, 8_388_608, -8_388_608, -8_388_609, -8_421_504, -8_421_505)},
	{"extremes", oneOf(math.MaxInt32, math.MinInt32, math.MaxInt32-1, math.MinInt32+1, 0x7f7f7f7f, 0x7f7f7f80, -0x7f7f7f80, -0x7f7f7f81)},
	{"one digit of many", oneOf(1<<8, 1<<16, 1<<24, -1<<8, -1<<16, -1<<24, 127<<8, -128<<8, 127<<16, 127<<24, -128<<24)},
	{"anything", func(rng *rand.Rand) int32 { return int32(rng.Uint32()) }},
	{"some larger", func(rng *rand.Rand) int32 { return int32(rng.Uint32()) >> (24 - rng.IntN(6)/5*rng.IntN(25)) }},
	{"zero", func(*rand.Rand) int32 { return 0 }},
}

func oneOf(values ...int32) func(rng *rand.Rand) int32 {
	return func(rng *rand.Rand) int32 { return values[rng.IntN(len(values))] }
}

// fillWeights makes weights, at random or at the ends of their format, so that what
// is summed up before it is widened would overflow.
func fillWeights[W deltaWeight](rng *rand.Rand, weights []W) {
	most := mostWeight[W]()
	switch kind := rng.IntN(6); kind {
	case 0, 1:
		for i := range weights {
			weights[i] = []W{most, -most - 1, -most, 0, 1, -1}[rng.IntN(6)]
		}
	case 2:
		for i := range weights {
			weights[i] = -most - 1
		}
	default:
		for i := range weights {
			weights[i] = W(rng.Uint32())
		}
	}
}

// fillSums makes sums that already hold something, so that adding differs from
// storing.
func fillSums(rng *rand.Rand, z []int32) {
	for i := range z {
		z[i] = int32(rng.Uint32())
	}
}

// sizes are the lengths that every kernel is run with: all up to 130, of which -short
// takes some, and such around several registers and blocks of them.
func sizes() []int {
	var out []int
	for n := range 131 {
		if !testing.Short() || n < 35 || n%16 < 2 {
			out = append(out, n)
		}
	}
	out = append(out, 191, 192, 193, 255, 256, 257)
	if !testing.Short() {
		out = append(out, 319, 320, 321, 383, 447, 511, 512, 513, 1000, 1024)
	}
	return out
}
