package roof

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// eachUnit runs a test on every unit of the machine.
func eachUnit(t *testing.T, f func(t *testing.T, u *Unit)) {
	for _, u := range Units() {
		t.Run(u.Name, func(t *testing.T) { f(t, u) })
	}
}

func TestLoadLoadsEverything(t *testing.T) {
	eachUnit(t, func(t *testing.T, u *Unit) {
		rapid.Check(t, func(t *rapid.T) {
			p := newBlocks(rapid.IntRange(1, 9).Draw(t, "blocks"))
			rounds := rapid.IntRange(1, 5).Draw(t, "rounds")
			var want, got vector
			lanes := u.Bits / 32
			for i, v := range p {
				want[i%lanes] += int32(v * uint32(rounds))
			}
			u.load(&got, p, rounds)
			require.Equal(t, want, got)
		})
	})
}

func TestStoreStoresEverythingAndNoMore(t *testing.T) {
	eachUnit(t, func(t *testing.T, u *Unit) {
		rapid.Check(t, func(t *rapid.T) {
			all := newBlocks(rapid.IntRange(3, 9).Draw(t, "blocks"))
			value := rapid.Uint32().Draw(t, "value")
			want := slices.Clone(all)
			inner := want[blockWords : len(want)-blockWords]
			for i := range inner {
				inner[i] = value
			}
			u.store(all[blockWords:len(all)-blockWords], rapid.IntRange(1, 3).Draw(t, "rounds"), value)
			require.Equal(t, want, all)
		})
	})
}

func TestProductsAreAllMade(t *testing.T) {
	eachUnit(t, func(t *testing.T, u *Unit) {
		for _, l := range u.products {
			t.Run(l.resource.String()+"/"+l.name, func(t *testing.T) {
				rapid.Check(t, func(t *rapid.T) {
					rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
					x, y := newVector(rng.Uint64()), newVector(rng.Uint64())
					rounds := rapid.IntRange(1, 40).Draw(t, "rounds")
					var got vector
					l.run(&got, x, y, rounds)
					require.Equal(t, productsOf(l, u.Bits, x, y, rounds), got)
				})
			})
		}
	})
}

// productsOf is what the comment on [productLoop] says, word by word.
func productsOf(l productLoop, bits int, x, y *vector, rounds int) vector {
	var sums vector
	switch l.resource {
	case MulAdd16:
		a, b := x.int16s(), y.int16s()
		for i := range bits / 32 {
			for range l.times * rounds {
				sums[i] += int32(a[2*i])*int32(b[2*i]) + int32(a[2*i+1])*int32(b[2*i+1])
			}
		}
	case Mul16:
		for i := range bits / 16 {
			p := x.int16s()[i]
			for range rounds {
				p *= y.int16s()[i]
			}
			sums.int16s()[i] = int16(l.times) * p
		}
	case Mul32:
		for i := range bits / 32 {
			p := x[i]
			for range rounds {
				p *= y[i]
			}
			sums[i] = int32(l.times) * p
		}
	}
	return sums
}

func TestEveryUnitHasAWayToEveryPeak(t *testing.T) {
	eachUnit(t, func(t *testing.T, u *Unit) {
		for r := range resources {
			p := u.Peak(r, 1)
			require.NotEmpty(t, p.ways, r)
			for _, w := range p.ways {
				require.Positive(t, w.amount, r)
			}
			require.Same(t, p, u.Peak(r, 1), "a peak is not forgotten")
		}
	})
}

func TestMisuseOfLoops(t *testing.T) {
	eachUnit(t, func(t *testing.T, u *Unit) {
		var v vector
		whole := newBlocks(1)
		for _, p := range [][]uint32{nil, whole[:blockWords-1], whole[:0]} {
			require.PanicsWithValue(t, PanicBlocks, func() { u.load(&v, p, 1) })
			require.PanicsWithValue(t, PanicBlocks, func() { u.store(p, 1, 1) })
		}
		require.PanicsWithValue(t, PanicRounds, func() { u.load(&v, whole, 0) })
		require.PanicsWithValue(t, PanicRounds, func() { u.store(whole, 0, 1) })
		for _, l := range u.products {
			require.PanicsWithValue(t, PanicRounds, func() { l.run(&v, &v, &v, -1) })
		}
	})
}
