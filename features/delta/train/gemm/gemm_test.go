package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// runner runs problems between guard pages and compares them with the definition.
type runner struct {
	a, b, c *guarded
}

func newRunner(t *testing.T, floats int) *runner {
	t.Helper()
	return &runner{newGuarded(t, floats), newGuarded(t, floats), newGuarded(t, floats)}
}

// run demands the definition's bits, in c and between its rows, and that nothing beyond a slice is touched.
func (r *runner) run(t require.TestingT, u unit, p *problem, want []float32, behind bool) {
	a, b, c := r.a.place(p.a, behind), r.b.place(p.b, behind), r.c.place(p.c, behind)
	fault := faults(func() {
		if p.m > 0 && p.n > 0 {
			u.mul(c, p.ldc, a, p.lda, p.ta, b, p.ldb, p.tb, p.m, p.n, p.k, p.add)
		}
	})
	require.Nil(t, fault, "%v behind=%v: touched memory outside of its slices", p, behind)
	sameBits(t, want, c, "%v behind=%v", p, behind)
}

// faults is what f panics with, a fault included.
func faults(f func()) (panicked any) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { panicked = recover() }()
	f()
	return nil
}

func TestAllSmallSizes(t *testing.T) {
	most := 40
	if testing.Short() {
		most = 20
	}
	eachUnit(t, func(t *testing.T, u unit) {
		rng := rand.New(rand.NewPCG(1, 2))
		r := newRunner(t, most*(most+3))
		sizes := []int{0, 1, 2, 3, 5, 8, 9, 17, 40}
		for m := range most + 1 {
			for n := range most + 1 {
				k := sizes[rng.IntN(len(sizes))]
				kinds(func(ta, tb, add bool) {
					p := newProblem(rng, m, n, k, ta, tb, add, rng.IntN(4), odd)
					r.run(t, u, p, p.want(), rng.IntN(2) == 0)
				})
			}
		}
	})
}

func TestBlocksBegin(t *testing.T) {
	// One more and one less than what is packed, turned or held at once.
	sizes := [][3]int{
		{1, 1, 511},
		{1, 1, 513},
		{3, 33, 1025},
		{7, 65, 513},
		{127, 5, 514},
		{129, 3, 17},
		{255, 4, 9},
		{257, 34, 8},
		{258, 9, 520},
		{64, 10, 256},
		{10, 256, 64},
		{13, 47, 1156},
	}
	eachUnit(t, func(t *testing.T, u unit) {
		rng := rand.New(rand.NewPCG(3, 4))
		r := newRunner(t, 1<<18)
		for _, s := range sizes {
			kinds(func(ta, tb, add bool) {
				p := newProblem(rng, s[0], s[1], s[2], ta, tb, add, rng.IntN(4), odd)
				want := p.want()
				r.run(t, u, p, want, true)
				r.run(t, u, p, want, false)
			})
		}
	})
}

func TestInfAndNaNGoThrough(t *testing.T) {
	eachUnit(t, func(t *testing.T, u unit) {
		rng := rand.New(rand.NewPCG(5, 6))
		r := newRunner(t, 1<<13)
		nans := 0
		for range 200 {
			kinds(func(ta, tb, add bool) {
				p := newProblem(rng, 1+rng.IntN(20), 1+rng.IntN(40), 1+rng.IntN(20), ta, tb, add, rng.IntN(3), wild)
				want := p.want()
				for _, v := range want {
					if isNaN(v) {
						nans++
					}
				}
				r.run(t, u, p, want, true)
			})
		}
		require.Positive(t, nans)
	})
}

// TestNoFusedProducts multiplies what a fused sum would round otherwise: (1+e)^2 - 1 - 2e is e^2 in one
// rounding, and 0 in two.
func TestNoFusedProducts(t *testing.T) {
	const e = 1.0 / (1 << 12)
	a := []float32{-1 - 2*e, 1 + e}
	b := []float32{1, 1 + e}
	eachUnit(t, func(t *testing.T, u unit) {
		c := make([]float32, 1)
		u.mul(c, 1, a, 2, false, b, 1, false, 1, 1, 2, false)
		require.Zero(t, c[0])
		u.mul(c, 1, a, 2, false, b, 2, true, 1, 1, 2, false)
		require.Zero(t, c[0])
	})
}

func TestSumsGoOnWhereTheyStopped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		size := rapid.IntRange(1, 50)
		m, n, k := size.Draw(t, "m"), size.Draw(t, "n"), rapid.IntRange(1, 1200).Draw(t, "k")
		first := rapid.IntRange(0, k).Draw(t, "first")
		p := newProblem(rng, m, n, k, false, false, false, 0, odd)
		whole, parts := make([]float32, m*n), make([]float32, m*n)
		Mul(whole, n, p.a, k, false, p.b, n, false, m, n, k, false)
		Mul(parts, n, p.a, k, false, p.b, n, false, m, n, first, false)
		if first < k {
			Mul(parts, n, p.a[first:], k, false, p.b[first*n:], n, false, m, n, k-first, true)
		}
		sameBits(t, whole, parts, "m=%d n=%d k=%d first=%d", m, n, k, first)
	})
}

func TestAnythingIsTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		size, flag := rapid.IntRange(0, 90), rapid.Bool()
		p := newProblem(rng, size.Draw(t, "m"), size.Draw(t, "n"), rapid.IntRange(0, 1100).Draw(t, "k"),
			flag.Draw(t, "ta"), flag.Draw(t, "tb"), flag.Draw(t, "add"), rapid.IntRange(0, 40).Draw(t, "gap"), wild)
		c := append([]float32(nil), p.c...)
		Mul(c, p.ldc, p.a, p.lda, p.ta, p.b, p.ldb, p.tb, p.m, p.n, p.k, p.add)
		sameBits(t, p.want(), c, "%v", p)
	})
}

func TestNothingEscapes(t *testing.T) {
	p := newProblem(rand.New(rand.NewPCG(7, 8)), 20, 40, 30, false, true, false, 0, small)
	Mul(p.c, p.ldc, p.a, p.lda, false, p.b, p.ldb, true, p.m, p.n, p.k, false)
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() {
		Mul(p.c, p.ldc, p.a, p.lda, false, p.b, p.ldb, true, p.m, p.n, p.k, false)
	}), 0.5) // a collection may empty the pool
}

func TestManyAtOnce(t *testing.T) {
	var all sync.WaitGroup
	for seed := range uint64(8) {
		p := newProblem(rand.New(rand.NewPCG(seed, 11)), 70, 70, 600, true, true, true, 1, odd)
		want := p.want()
		q := newProblem(rand.New(rand.NewPCG(seed, 12)), 70, 70, 600, true, false, false, 1, odd)
		wantSparse := q.want()
		all.Go(func() {
			for range 5 {
				c := append([]float32(nil), p.c...)
				Mul(c, p.ldc, p.a, p.lda, true, p.b, p.ldb, true, p.m, p.n, p.k, true)
				sameBits(assertions{t}, want, c, "%v", p)
				MulSparseT(q.c, q.ldc, q.a, q.lda, q.b, q.ldb, q.m, q.n, q.k, false)
				sameBits(assertions{t}, wantSparse, q.c, "%v", q)
			}
		})
	}
	all.Wait()
}

// assertions reports failures without ending the goroutine, which a test may do in its own only.
type assertions struct{ *testing.T }

func (assertions) FailNow() {}

func TestMisusePanics(t *testing.T) {
	x := make([]float32, 12)
	mul := func(c []float32, ldc int, a []float32, lda int, ta bool, b []float32, ldb int, tb bool, m, n, k int) func() {
		return func() { Mul(c, ldc, a, lda, ta, b, ldb, tb, m, n, k, false) }
	}
	for i, c := range []struct {
		want string
		do   func()
	}{
		{PanicSize, mul(x, 3, x, 3, false, x, 3, false, -1, 3, 3)},
		{PanicSize, mul(x, 3, x, 3, false, x, 3, false, 3, -1, 3)},
		{PanicSize, mul(x, 3, x, 3, false, x, 3, false, 3, 3, -1)},
		{PanicStride, mul(x, 2, x, 3, false, x, 3, false, 3, 3, 3)},
		{PanicStride, mul(x, 3, x, 2, false, x, 3, false, 3, 3, 3)},
		{PanicStride, mul(x, 3, x, 3, false, x, 2, false, 3, 3, 3)},
		{PanicStride, mul(x, 4, x, 2, true, x, 4, false, 3, 4, 2)},
		{PanicLength, mul(x[:8], 3, x, 3, false, x, 3, false, 3, 3, 3)},
		{PanicLength, mul(x, 3, x[:8], 3, false, x, 3, false, 3, 3, 3)},
		{PanicLength, mul(x, 3, x, 3, false, x[:8], 3, false, 3, 3, 3)},
		{PanicLength, mul(nil, 1, x, 1, false, x, 1, false, 1, 1, 1)},
		{PanicLength, mul(x, 3, x, math.MaxInt/2, false, x, 3, false, 3, 3, 3)}, // whose product is more than an int
		{PanicLength, func() { MulSparse(x, 3, x, 3, x[:8], 3, 3, 3, 3, false) }},
		{PanicSize, func() { MulSparse(x, 3, x, 3, x, 3, 3, 3, -1, false) }},
	} {
		require.PanicsWithValue(t, c.want, c.do, fmt.Sprint(i))
	}
	require.NotPanics(t, mul(nil, 0, nil, 0, false, nil, 0, false, 0, 0, 5))
	require.NotPanics(t, mul(x[:9], 3, nil, 0, false, nil, 3, false, 3, 3, 0))
}
