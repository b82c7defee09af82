package float16_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta/float16"
)

// byHand are numbers whose bits stand in the standard's tables and in every description.
var byHand = map[uint16]float64{
	0x0000: 0, 0x0001: 0x1p-24, 0x03ff: 0x1.ff8p-15, 0x0400: 0x1p-14, 0x3555: 0.333251953125,
	0x3bff: 0.99951171875, 0x3c00: 1, 0x3c01: 1.0009765625, 0x4248: 3.140625, 0x7bff: 65504,
	0x8001: -0x1p-24, 0xc000: -2, 0xfbff: -65504, 0x7c00: math.Inf(1), 0xfc00: math.Inf(-1),
}

func TestNumbers(t *testing.T) {
	for bits, want := range byHand {
		require.Equal(t, want, float16.Float64(bits), "%#04x", bits)
	}
	require.True(t, math.Signbit(float16.Float64(0x8000)), "the sign of a zero")
	require.Zero(t, float16.Float64(0x8000))
	for _, bits := range []uint16{0x7c01, 0x7e00, 0xffff} {
		require.True(t, math.IsNaN(float16.Float64(bits)), "%#04x", bits)
	}
}

// All 65,536 numbers are what the definition says, (-1)^s * 2^(e-15) * (1 + f/1024), in
// rational numbers; and they rise with their bits.
func TestAllNumbers(t *testing.T) {
	before := math.Inf(-1)
	for bits := range uint16(1 << 15) {
		exponent, fraction := int64(bits>>10), int64(bits&1023)
		if exponent == 31 {
			break
		}
		numerator := big.NewInt(fraction)
		if exponent > 0 {
			numerator.Add(numerator, big.NewInt(1024))
		}
		numerator.Lsh(numerator, uint(max(exponent, 1))-1)
		want := new(big.Rat).SetFrac(numerator, new(big.Int).Lsh(big.NewInt(1), 24))
		got := float16.Float64(bits)
		require.Zero(t, want.Cmp(new(big.Rat).SetFloat64(got)), "%#04x", bits)
		require.Equal(t, -got, float16.Float64(bits|1<<15), "%#04x", bits)
		require.Greater(t, got, before)
		before = got
	}
	require.Equal(t, 65504.0, before)
}

func TestBrain(t *testing.T) {
	for bits, want := range map[uint16]float64{
		0x3f80: 1, 0xbf80: -1, 0x4049: 3.140625, 0x0001: 0x1p-133, 0x7f7f: 0x1.fep127, 0xff80: math.Inf(-1),
	} {
		require.Equal(t, want, float16.Brain(bits), "%#04x", bits)
	}
	require.True(t, math.IsNaN(float16.Brain(0x7fc0)))
}
