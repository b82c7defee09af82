package gemm

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// thin makes all elements of a zero, of either sign, but for a share of them.
func (p *problem) thin(rng *rand.Rand, share float64) {
	width := p.k
	if p.ta {
		width = p.m
	}
	for i := range p.a {
		if i%p.lda < width && rng.Float64() >= share {
			p.a[i] = float32(math.Copysign(0, rng.Float64()-0.5))
		}
	}
}

func TestSparseHasTheBitsOfMul(t *testing.T) {
	eachUnit(t, func(t *testing.T, u unit) {
		rng := rand.New(rand.NewPCG(9, 10))
		r := newRunner(t, 1<<18)
		for n := range 140 {
			kinds(func(ta, tb, add bool) {
				if tb {
					return
				}
				share := []float64{0, 0.1, 0.5, 1}[rng.IntN(4)]
				m, k := rng.IntN(9), rng.IntN(70)
				switch {
				case n == 130:
					m = 130
				case n > 130:
					k = 500 + rng.IntN(600)
				}
				p := newProblem(rng, m, n, k, ta, false, add, rng.IntN(4), odd)
				p.thin(rng, share)
				want := p.want()
				behind := rng.IntN(2) == 0
				a, b, c := r.a.place(p.a, behind), r.b.place(p.b, behind), r.c.place(p.c, behind)
				fault := faults(func() {
					if m > 0 && n > 0 {
						u.mulSparse(c, p.ldc, a, p.lda, p.ta, b, p.ldb, m, n, k, add)
					}
				})
				require.Nil(t, fault, "%v behind=%v: touched memory outside of its slices", p, behind)
				sameBits(t, want, c, "%v share=%g", p, share)
			})
		}
	})
}

// TestSparseKeepsNaN is about a, whose Inf and NaN are no zeros; those of b count where a has something.
func TestSparseKeepsNaN(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	eachUnit(t, func(t *testing.T, u unit) {
		a := make([]float32, 40)
		a[3], a[37] = nan, 1
		b := make([]float32, 40)
		c := make([]float32, 1)
		u.mulSparse(c, 1, a, 40, false, b, 1, 1, 1, 40, false)
		require.True(t, math.IsNaN(float64(c[0])))
		a[3], b[4] = 0, inf
		u.mulSparse(c, 1, a, 40, false, b, 1, 1, 1, 40, false)
		require.Zero(t, c[0], "a zero of a leaves an Inf of b out")
		b[37] = inf
		u.mulSparse(c, 1, a, 40, false, b, 1, 1, 1, 40, false)
		require.Equal(t, inf, c[0])
	})
}

// TestEmptySumsStartAtPlusZero is what makes leaving products out exact.
func TestEmptySumsStartAtPlusZero(t *testing.T) {
	eachUnit(t, func(t *testing.T, u unit) {
		for _, k := range []int{0, 3, 30} {
			for _, ta := range []bool{false, true} {
				lda := k
				if ta {
					lda = 1
				}
				c := []float32{float32(math.Copysign(0, -1)), 2}
				u.mulSparse(c, 2, make([]float32, k), lda, ta, make([]float32, 2*k), 2, 1, 2, k, true)
				sameBits(t, []float32{0, 2}, c, "k=%d ta=%v", k, ta)
			}
		}
	})
}

func TestSparseIsMul(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		share := rapid.Float64Range(0, 1).Draw(t, "share")
		m, n := rapid.IntRange(0, 80).Draw(t, "m"), rapid.IntRange(0, 150).Draw(t, "n")
		p := newProblem(rng, m, n, rapid.IntRange(0, 600).Draw(t, "k"), rapid.Bool().Draw(t, "ta"), false, rapid.Bool().Draw(t, "add"), 0, odd)
		p.thin(rng, share)
		dense, sparse := append([]float32(nil), p.c...), append([]float32(nil), p.c...)
		Mul(dense, p.ldc, p.a, p.lda, p.ta, p.b, p.ldb, false, m, n, p.k, p.add)
		do := MulSparse
		if p.ta {
			do = MulSparseT
		}
		do(sparse, p.ldc, p.a, p.lda, p.b, p.ldb, m, n, p.k, p.add)
		sameBits(t, dense, sparse, "%v", p)
	})
}
