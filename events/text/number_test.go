package text

import (
	"fmt"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// exactly computes what scaled promises with rationals.
func exactly(s string, power int) (v int64, whole, ok bool) {
	r, parsed := new(big.Rat).SetString(s)
	if !parsed {
		return 0, false, false
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(power, -power))), nil)
	if power >= 0 {
		r.Mul(r, new(big.Rat).SetInt(scale))
	} else {
		r.Quo(r, new(big.Rat).SetInt(scale))
	}
	// Half away from zero: floor(2|r| + 1) / 2.
	num := new(big.Int).Abs(r.Num())
	num.Mul(num, big.NewInt(2)).Add(num, r.Denom())
	num.Quo(num, new(big.Int).Mul(r.Denom(), big.NewInt(2)))
	if r.Sign() < 0 {
		num.Neg(num)
	}
	return num.Int64(), r.IsInt(), num.IsInt64()
}

func TestScaledIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[+-]?([0-9]{1,22}(\.[0-9]{0,25})?|\.[0-9]{1,25})([eE][+-]?[0-9]{1,2})?`).Draw(t, "number")
		power := rapid.SampledFrom([]int{-3, 0, 3, 6}).Draw(t, "power")
		want, wholeWant, okWant := exactly(s, power)
		got, whole, ok := scaled([]byte(s), power)
		require.Equal(t, okWant, ok, s)
		if ok {
			require.Equal(t, want, got, s)
			require.Equal(t, wholeWant, whole, s)
		}
	})
}

func TestScaled(t *testing.T) {
	for s, want := range map[string]int64{
		"0.003811000": 3811, "0.003820001": 3820, "0.0038199995": 3820, "0.0038194999": 3819, "0.0000005": 1, "-0.0000005": -1, "0.00000049": 0,
		"1.468939993000000000e+09": 1468939993000000, "1e-6": 1, "5e-7": 1, "4e-7": 0, "1e-999999999": 0, "0e999999999": 0,
		"9223372036854.775807": math.MaxInt64, "-9223372036854.775808": math.MinInt64, "1.": 1000000, ".5": 500000, "+2": 2000000, "0.1": 100000,
		"1633953690.975950": 1633953690975950, "16.000001": 16000001, "4294967.296001": 4294967296001,
	} {
		got, _, ok := scaled([]byte(s), 6)
		require.True(t, ok, s)
		require.Equal(t, want, got, s)
		l := &layout{power: 6}
		fast, end, ok := l.time([]byte(s+" 1 2 0"), 0)
		require.True(t, ok, s)
		require.Equal(t, want, fast, s)
		require.Equal(t, len(s), end)
	}
	for _, s := range []string{"", ".", "-", "+", "e5", "1e", "1e+", "1.2.3", "0x10", "1_000", "nan", "inf", "--1", "1 ", "1e5x", "9223372036854.775808", "1e30", "99999999999999999999", "-9223372036854.775809"} {
		_, _, ok := scaled([]byte(s), 6)
		require.False(t, ok, "%q", s)
	}
}

func TestTimesOfEveryUnit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching(`-?[0-9]{1,19}(\.[0-9]{0,12})?`).Draw(t, "number")
		unit := rapid.SampledFrom([]Unit{Seconds, Milliseconds, Microseconds, Nanoseconds}).Draw(t, "unit")
		want, _, okWant := exactly(digits, unit.power())
		l := &layout{power: unit.power(), separator: ','}
		got, end, ok := l.time(fmt.Append(nil, digits, ","), 0)
		require.Equal(t, okWant, ok)
		require.Equal(t, len(digits), end)
		if ok {
			require.Equal(t, want, got)
		}
	})
}
