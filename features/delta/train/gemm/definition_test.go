package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// problem is a call of Mul: what its matrices are before, and what becomes of c by the definition.
type problem struct {
	m, n, k       int
	ta, tb, add   bool
	lda, ldb, ldc int
	a, b, c       []float32
}

func (p *problem) String() string {
	return fmt.Sprintf("m=%d n=%d k=%d ta=%v tb=%v add=%v lda=%d ldb=%d ldc=%d", p.m, p.n, p.k, p.ta, p.tb, p.add, p.lda, p.ldb, p.ldc)
}

// newProblem makes matrices whose rows are gap elements apart and whose slices end with the last row. Between rows
// lies what would be noticed in a sum.
func newProblem(rng *rand.Rand, m, n, k int, ta, tb, add bool, gap int, value func(*rand.Rand) float32) *problem {
	p := &problem{m: m, n: n, k: k, ta: ta, tb: tb, add: add}
	matrix := func(rows, cols int) ([]float32, int) {
		ld := cols + gap
		if rows == 0 || cols == 0 {
			return nil, ld
		}
		x := make([]float32, (rows-1)*ld+cols)
		for i := range x {
			x[i] = 1e30
			if i%ld < cols {
				x[i] = value(rng)
			}
		}
		return x, ld
	}
	if ta {
		p.a, p.lda = matrix(k, m)
	} else {
		p.a, p.lda = matrix(m, k)
	}
	if tb {
		p.b, p.ldb = matrix(n, k)
	} else {
		p.b, p.ldb = matrix(k, n)
	}
	p.c, p.ldc = matrix(m, n)
	return p
}

// want is the package comment's definition, word for word.
func (p *problem) want() []float32 {
	c := append([]float32(nil), p.c...)
	for i := range p.m {
		for j := range p.n {
			s := float32(0)
			if p.add {
				s = c[i*p.ldc+j] + zero
			}
			for q := range p.k {
				x, y := i*p.lda+q, q*p.ldb+j
				if p.ta {
					x = q*p.lda + i
				}
				if p.tb {
					y = j*p.ldb + q
				}
				product := float32(p.a[x] * p.b[y])
				s = float32(s + product)
			}
			c[i*p.ldc+j] = s
		}
	}
	return c
}

// zero is a variable, so that no compiler can leave a sum with it out.
var zero float32

// small are numbers of which no two sums in different orders are equal often.
func small(rng *rand.Rand) float32 { return float32(rng.NormFloat64()) }

// odd are numbers among which are all kinds, rarely Inf or NaN.
func odd(rng *rand.Rand) float32 {
	switch rng.IntN(24) {
	case 0, 1, 2:
		return 0
	case 3, 4, 5:
		return float32(math.Copysign(0, -1))
	case 6:
		return math.Float32frombits(rng.Uint32N(1 << 23)) // subnormal
	case 7:
		return -math.Float32frombits(rng.Uint32N(1 << 23))
	case 8:
		return 1e-30 * small(rng) // products are subnormal
	case 9:
		return 1e18 * small(rng)
	}
	return small(rng)
}

// wild are odd numbers, with Inf and NaN.
func wild(rng *rand.Rand) float32 {
	switch rng.IntN(200) {
	case 0:
		return float32(math.Inf(1 - 2*rng.IntN(2)))
	case 1:
		return float32(math.NaN())
	}
	return odd(rng)
}

// sameBits fails at the first element whose bits differ, where not both are NaN.
func sameBits(t require.TestingT, want, got []float32, format string, args ...any) {
	require.Len(t, got, len(want))
	for i, w := range want {
		if g := got[i]; math.Float32bits(w) != math.Float32bits(g) && !(isNaN(w) && isNaN(g)) {
			require.Fail(t, "different bits", "%s: element %d: want %g (%08x), got %g (%08x)",
				fmt.Sprintf(format, args...), i, w, math.Float32bits(w), g, math.Float32bits(g))
		}
	}
}

func isNaN(v float32) bool { return math.IsNaN(float64(v)) }

// kinds are all combinations of what is stored transposed and what is added to.
func kinds(f func(ta, tb, add bool)) {
	for i := range 8 {
		f(i&1 != 0, i&2 != 0, i&4 != 0)
	}
}

func eachUnit(t *testing.T, f func(t *testing.T, u unit)) {
	t.Helper()
	for _, u := range usable() {
		t.Run(u.String(), func(t *testing.T) { f(t, u) })
	}
}
