package gemm

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// shapes are those of a training step of a network 1156-256-10 at 64 recordings a batch, and some that
// are not at all like them.
var shapes = []struct {
	name    string
	m, n, k int
	ta, tb  bool
}{
	{"forward", 64, 256, 1156, false, true},   // x W1'
	{"forward", 64, 256, 1156, false, false},  // x V1, with V1 = W1'
	{"forward", 64, 10, 256, false, true},     // h W2'
	{"gradient", 256, 1156, 64, true, false},  // d1' x
	{"gradient", 1156, 256, 64, true, false},  // x' d1
	{"gradient", 10, 256, 64, true, false},    // d2' h
	{"backward", 64, 256, 10, false, false},   // d2 W2
	{"backward", 64, 1156, 256, false, false}, // d1 W1
	{"convolution", 4096, 16, 25, false, true},
	{"convolution", 16, 25, 65536, true, false},
	{"square", 512, 512, 512, false, false},
	{"square", 1024, 1024, 1024, false, false},
	{"square", 1024, 1024, 1024, false, true},
	{"square", 1024, 1024, 1024, true, false},
}

func transposed(t bool) string { return map[bool]string{false: "N", true: "T"}[t] }

func BenchmarkMul(b *testing.B) {
	for _, s := range shapes {
		p := newProblem(rand.New(rand.NewPCG(1, 2)), s.m, s.n, s.k, s.ta, s.tb, false, 0, small)
		shape := fmt.Sprintf("%s/%dx%dx%d%s%s", s.name, s.m, s.n, s.k, transposed(s.ta), transposed(s.tb))
		measure := func(by string, do func()) {
			b.Run(shape+"/"+by, func(b *testing.B) {
				for b.Loop() {
					do()
				}
				gmacs(b, s.m*s.n*s.k)
			})
		}
		for _, u := range usable() {
			measure(u.String(), func() {
				u.mul(p.c, p.ldc, p.a, p.lda, p.ta, p.b, p.ldb, p.tb, p.m, p.n, p.k, false)
			})
		}
		measure("gonum", func() { gonum(p) })
	}
}

// gonum is the same product by gonum, which uses all processors that it may.
func gonum(p *problem) {
	op := map[bool]blas.Transpose{false: blas.NoTrans, true: blas.Trans}
	stored := func(t bool, rows, cols, stride int, data []float32) blas32.General {
		if t {
			rows, cols = cols, rows
		}
		return blas32.General{Rows: rows, Cols: cols, Stride: stride, Data: data}
	}
	blas32.Gemm(op[p.ta], op[p.tb], 1, stored(p.ta, p.m, p.k, p.lda, p.a), stored(p.tb, p.k, p.n, p.ldb, p.b), 0,
		blas32.General{Rows: p.m, Cols: p.n, Stride: p.ldc, Data: p.c})
}

// gmacs reports products a second, of which m*n*k are asked for.
func gmacs(b *testing.B, products int) {
	b.ReportMetric(float64(products)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GMAC/s")
}

func BenchmarkMulSparse(b *testing.B) {
	for _, s := range []struct {
		m, n, k int
		ta      bool
	}{{64, 16, 1156, false}, {64, 256, 1156, false}, {64, 1024, 1156, false}, {1156, 256, 64, true}, {1156, 256, 16, true}} {
		for _, share := range []float64{0.02, 0.1, 0.2, 0.5, 1} {
			rng := rand.New(rand.NewPCG(1, 2))
			p := newProblem(rng, s.m, s.n, s.k, s.ta, false, false, 0, small)
			p.thin(rng, share)
			for _, u := range usable() {
				b.Run(fmt.Sprintf("%dx%dx%d%s/share=%g/%v", s.m, s.n, s.k, transposed(s.ta), share, u), func(b *testing.B) {
					for b.Loop() {
						u.mulSparse(p.c, p.ldc, p.a, p.lda, p.ta, p.b, p.ldb, p.m, p.n, p.k, true)
					}
					gmacs(b, s.m*s.n*s.k)
				})
			}
		}
	}
}
