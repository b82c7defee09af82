package hwtest

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/saccade-dev/saccade/hw"
)

// levels is a kernel that turns sums into levels.
type levels func(list []hw.Delta, levels, sums []int32, first int32, l *hw.Levelling) (n, nonzero int)

func testLevels(t *testing.T, kernel levels) {
	t.Run("lengths", func(t *testing.T) { testLevelLengths(t, kernel) })
	t.Run("rounding", func(t *testing.T) { testLevelRounding(t, kernel) })
	t.Run("misuse", func(t *testing.T) { testLevelMisuse(t, kernel) })
	t.Run("allocations", func(t *testing.T) {
		l, err := hw.NewLevelling([]int32{1 << 30}, []int32{33}, 0, 127, 0)
		if err != nil {
			t.Fatal(err)
		}
		out, sums, list := make([]int32, 100), make([]int32, 100), make([]hw.Delta, 100)
		step := int32(0)
		if got := testing.AllocsPerRun(10, func() { step++; sums[step] = 9 * step; kernel(list, out, sums, 0, l) }); got != 0 {
			t.Errorf("expected no allocation, found %v a call", got)
		}
	})
}

// defineLevel rounds in numbers of any length.
func defineLevel(v, mul, shift int32) *big.Int {
	p := new(big.Int).Mul(big.NewInt(int64(v)), big.NewInt(int64(mul)))
	p.Add(p, new(big.Int).Lsh(big.NewInt(1), uint(shift)-1))
	return p.Rsh(p, uint(shift)) // of a big.Int it rounds down
}

func defineLevels(before, sums []int32, first int32, l *hw.Levelling) (after []int32, c changed) {
	after = slices.Clone(before)
	low, high := big.NewInt(int64(l.Low)), big.NewInt(int64(l.High))
	for i, v := range sums {
		k := 0
		if len(l.Mul) > 1 {
			k = int(first) + i
		}
		exact := defineLevel(v, l.Mul[k], l.Shift[k])
		if exact.Cmp(low) < 0 {
			exact = low
		} else if exact.Cmp(high) > 0 {
			exact = high
		}
		level := int32(exact.Int64())
		// What was there may be no level at all: the difference is one modulo 2^32.
		d := level - before[i]
		if apart := max(int64(d), -int64(d)); apart > int64(l.Threshold) {
			c.add(first+int32(i), before[i], level)
			after[i] = level
		}
	}
	return after, c
}

// levelling makes one of a kind, for so many sums, or one multiplier for all of them.
func levelling(t testing.TB, rng *rand.Rand, kind, many int) *hw.Levelling {
	t.Helper()
	mul, shift := make([]int32, many), make([]int32, many)
	for i := range mul {
		mul[i], shift[i] = 1<<30+rng.Int32N(1<<30), 1+rng.Int32N(hw.MaxLevelShift)
		switch kind % 4 {
		case 0: // as networks have: levels of small sums
			shift[i] = 28 + rng.Int32N(20)
		case 1:
			mul[i] = []int32{math.MaxInt32, math.MinInt32, -1, 0, 1, 1 << 30}[rng.IntN(6)]
		case 2:
			mul[i], shift[i] = int32(rng.Uint32()), []int32{1, 2, 31, 32, 33, 61, 62}[rng.IntN(7)]
		}
	}
	high := []int32{1, 127, 255, hw.MaxLevel}[rng.IntN(4)]
	low := []int32{0, -high}[rng.IntN(2)]
	l, err := hw.NewLevelling(mul, shift, low, high, []int32{0, 0, 1, 3, 40, high}[rng.IntN(6)])
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// checkLevels runs a kernel on slices between guards and compares.
func checkLevels(t testing.TB, a *arena, rng *rand.Rand, kernel levels, n, spare int, first int32, f valueFill, l *hw.Levelling, at placement) {
	t.Helper()
	what := fmt.Sprintf("%d sums %s, %d multipliers, levels %d to %d, threshold %d, %s", n, f.name, len(l.Mul), l.Low, l.High, l.Threshold, at.name)
	before := slot[int32](t, a, theLevels, n, at)
	sums := slot[int32](t, a, theSums, n, at)
	list := slot[hw.Delta](t, a, theDeltas, n+spare, at)
	guarded := *l
	guarded.Mul, guarded.Shift = slotOf(t, a, theMultipliers, l.Mul, at), slotOf(t, a, theShifts, l.Shift, at)
	for i := range sums {
		sums[i] = f.value(rng)
	}
	// Mostly the levels that the sums have already, and near to them; some of any kind.
	copy(before, defined(sums, first, l))
	for i := range before {
		switch rng.IntN(6) {
		case 0:
			before[i] = f.value(rng)
		case 1:
			before[i] += rng.Int32N(5) - 2
		case 2:
			before[i] = 0
		}
	}
	after, want := defineLevels(before, sums, first, l)
	same := slices.Clone(sums)
	var got changed
	a.run(t, what, func() {
		var k int
		k, got.nonzero = kernel(list, before, sums, first, &guarded)
		got.list = list[:k]
	})
	want.equal(t, what, got)
	if !slices.Equal(before, after) {
		t.Fatalf("%s: other levels than defined", what)
	}
	if !slices.Equal(sums, same) || !slices.Equal(guarded.Mul, l.Mul) || !slices.Equal(guarded.Shift, l.Shift) {
		t.Fatalf("%s: the sums or the multipliers were written", what)
	}
}

// defined are the levels of sums, whatever was there.
func defined(sums []int32, first int32, l *hw.Levelling) []int32 {
	all := *l
	all.Threshold = 0
	out, _ := defineLevels(make([]int32, len(sums)), sums, first, &all)
	return out
}

func testLevelLengths(t *testing.T, kernel levels) {
	a, rng := new(arena), rand.New(rand.NewPCG(42, 42))
	for _, n := range sizes() {
		for turn, f := range valueFills {
			at := placements[(n+turn)%len(placements)]
			checkLevels(t, a, rng, kernel, n, turn%2, rng.Int32N(1<<20), f, levelling(t, rng, n+turn, 1), at)
			if n > 1 {
				first := rng.Int32N(20)
				checkLevels(t, a, rng, kernel, n, turn%2, first, f, levelling(t, rng, n+turn/2, n+int(first)+turn%2), at)
			}
		}
	}
}

// testLevelRounding takes sums that lie on and beside every half of a few levels, for
// every shift.
func testLevelRounding(t *testing.T, kernel levels) {
	for shift := int32(1); shift <= hw.MaxLevelShift; shift++ {
		for _, mul := range []int32{1, 3, 1 << 30, math.MaxInt32, -1, math.MinInt32} {
			var sums []int32
			for half := int64(-9); half <= 9; half++ {
				at := new(big.Int).Lsh(big.NewInt(half), uint(shift)-1)
				at.Quo(at, big.NewInt(int64(mul)))
				if !at.IsInt64() || at.Int64() > math.MaxInt32-2 || at.Int64() < math.MinInt32+2 {
					continue
				}
				for d := int32(-2); d <= 2; d++ {
					sums = append(sums, int32(at.Int64())+d)
				}
			}
			sums = append(sums, math.MinInt32, math.MaxInt32)
			l, err := hw.NewLevelling([]int32{mul}, []int32{shift}, -hw.MaxLevel, hw.MaxLevel, 0)
			if err != nil {
				t.Fatal(err)
			}
			got, list := make([]int32, len(sums)), make([]hw.Delta, len(sums))
			kernel(list, got, sums, 0, l)
			want := defined(sums, 0, l)
			for i := range want {
				if got[i] != want[i] {
					t.Fatalf("sum %d times %d, shifted by %d: expected level %d, found %d", sums[i], mul, shift, want[i], got[i])
				}
			}
		}
	}
}

func testLevelMisuse(t *testing.T, kernel levels) {
	r, rng := new(rig), rand.New(rand.NewPCG(43, 43))
	for _, n := range []int{2, 5, 16, 40} {
		for what, c := range map[string]struct{ list, levels, sums, first, multipliers, shifts int }{
			"a list that is too short":      {n - 1, n, n, 0, 1, 1},
			"levels that are too few":       {n, n - 1, n, 0, 1, 1},
			"levels that are too many":      {n + 1, n + 1, n, 0, 1, 1},
			"too few multipliers":           {n, n, n, 3, n + 2, n + 2},
			"other shifts than multipliers": {n, n, n, 0, n + 1, n},
			"no multipliers":                {n, n, n, 0, 0, 0},
			"a first below zero":            {n, n, n, -1, n, n},
		} {
			l := *levelling(t, rng, 0, max(c.multipliers, 1))
			l.Mul = slotOf(t, &r.arena, theMultipliers, l.Mul[:c.multipliers], placements[0])
			l.Shift = slotOf(t, &r.arena, theShifts, l.Shift[:min(c.shifts, len(l.Shift))], placements[0])
			before := slot[int32](t, &r.arena, theLevels, c.levels, placements[0])
			sums := slot[int32](t, &r.arena, theSums, c.sums, placements[0])
			list := slot[hw.Delta](t, &r.arena, theDeltas, c.list, placements[0])
			r.refuses(t, fmt.Sprintf("%s, of %d sums", what, n), func() { kernel(list, before, sums, int32(c.first), &l) })
		}
	}
	l := levelling(t, rng, 0, 1)
	protect(t, "nothing at all", nil, func() { kernel(nil, nil, nil, 0, l) })
}

func fuzzLevels(t testing.TB, in *fuzzedDelta, kernel levels, at placement) {
	t.Helper()
	rng := rand.New(rand.NewPCG(in.seed, 5))
	values := in.values()
	f := valueFill{"of the fuzzer", func(rng *rand.Rand) int32 { return values[rng.IntN(len(values))] }}
	many := 1
	if in.places%2 == 0 {
		many = max(in.length+in.gap, 2)
	}
	l := levelling(t, rng, in.places, many)
	for i := range l.Mul {
		if rng.IntN(3) == 0 {
			l.Mul[i] = values[rng.IntN(len(values))]
		}
	}
	checkLevels(t, new(arena), rng, kernel, in.length, in.gap, int32(min(in.gap, max(many-in.length, 0))), f, l, at)
}
