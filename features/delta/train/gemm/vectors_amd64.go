//go:build !purego

package gemm

import (
	"github.com/klauspost/cpuid/v2"

	"github.com/saccade-dev/saccade/hw"
)

//go:generate go run -C _asm . -out ../kernels_amd64.s -stubs ../kernels_amd64.go -pkg gemm

// usable are the instructions that the machine has and nobody has switched off, best first.
func usable() []unit {
	var units []unit
	if cpuid.CPU.Supports(cpuid.AVX2) && hw.SwitchedOff("avx512") == nil &&
		cpuid.CPU.Supports(cpuid.AVX512F, cpuid.AVX512DQ, cpuid.POPCNT) {
		units = append(units, unitAVX512)
	}
	if cpuid.CPU.Supports(cpuid.AVX2) && hw.SwitchedOff("avx2") == nil {
		units = append(units, unitAVX2)
	}
	return append(units, unitGo)
}

// What a block of a product is. Its part of a, of 512 KiB, stays in the second cache while the panels of
// b, of at most 64 KiB, go by. A call of a kernel takes a fraction of a millisecond: Go cannot
// stop assembly to collect garbage.
const (
	blockRows  = 256
	blockDepth = 512
	mostWide   = 32 // columns of a panel

	// apart is what lies between copied steps of a: steps whose distance is a power of two would
	// share few lines of a cache.
	apart = 16

	// How many columns, or rows, a part of a or of b must serve to be worth a copy: measured on Zen 4.
	copyLeftFor  = 128
	copyRightFor = 128
)

// work is where parts of a and b are copied to.
type work struct {
	left  [blockDepth * (blockRows + apart)]float32
	right [blockDepth * mostWide]float32
}

var works pool[work]

// mul is Mul in vectors.
//
// Elements of a are broadcast one by one, so a can be as it is stored. A panel of b must have its columns side by
// side. What is read often, and from many pages of memory, is copied close together first.
func (u unit) mul(c []float32, ldc int, a []float32, lda int, ta bool, b []float32, ldb int, tb bool, m, n, k int, add bool) {
	if u == unitGo || k == 0 {
		portable(c, ldc, a, lda, ta, b, ldb, tb, m, n, k, add)
		return
	}
	w := works.get()
	defer works.put(w)
	wide := 2 * u.lanes()
	for i := 0; i < m; i += blockRows {
		rows := min(blockRows, m-i)
		for p := 0; p < k; p += blockDepth {
			steps := min(blockDepth, k-p)
			left, row, step := leftBlock(w, a, lda, ta, i, p, rows, steps, n >= copyLeftFor)
			goOn := 0
			if add || p > 0 {
				goOn = 1
			}
			for j := 0; j < n; j += wide {
				cols := min(wide, n-j)
				right, ld := u.rightPanel(w, b, ldb, tb, j, p, cols, steps, rows >= copyRightFor)
				if u == unitAVX512 {
					panelAVX512(&c[i*ldc+j], ldc, left, row, step, right, ld, rows, cols, steps, goOn)
				} else {
					panelAVX2(&c[i*ldc+j], ldc, left, row, step, right, ld, rows, cols, steps, goOn)
				}
			}
		}
	}
}

// leftBlock is the block of op(a) from row i and step p on, and the distances of its rows and steps.
func leftBlock(w *work, a []float32, lda int, ta bool, i, p, rows, steps int, copied bool) (at *float32, row, step int) {
	if !ta {
		return &a[i*lda+p], lda, 1
	}
	a = a[p*lda+i:]
	if !copied {
		return &a[0], 1, lda
	}
	const distance = blockRows + apart
	for s := range steps {
		copy(w.left[s*distance:][:rows], a[s*lda:])
	}
	return &w.left[0], 1, distance
}

// rightPanel is the panel of op(b) from column j and step p on, and the distance of its steps.
func (u unit) rightPanel(w *work, b []float32, ldb int, tb bool, j, p, cols, steps int, copied bool) (at *float32, step int) {
	wide := 2 * u.lanes()
	switch {
	case tb:
		turn(w.right[:], wide, b[j*ldb+p:], ldb, cols, steps)
	case !copied:
		return &b[p*ldb+j], ldb
	case u == unitAVX512:
		liftAVX512(&w.right[0], &b[p*ldb+j], ldb, cols, steps)
	default:
		liftAVX2(&w.right[0], &b[p*ldb+j], ldb, cols, steps)
	}
	return &w.right[0], wide
}

// lanes is how many elements a register holds.
func (u unit) lanes() int {
	if u == unitAVX512 {
		return 16
	}
	return 8
}

// turn is to[p*wide+l] = from[l*ld+p] for l below rows and p below steps. Squares of eight are turned
// in registers; what is left beside them is covered by squares that overlap others.
func turn(to []float32, wide int, from []float32, ld, rows, steps int) {
	const square = 8
	if rows < square || steps < square {
		for l := range rows {
			for p, v := range from[l*ld:][:steps] {
				to[p*wide+l] = v
			}
		}
		return
	}
	for l := 0; l < rows; l += square {
		l = min(l, rows-square)
		transposeAVX2(&to[l], wide, &from[l*ld], ld, steps/square)
		if p := steps - square; steps%square != 0 {
			transposeAVX2(&to[p*wide+l], wide, &from[l*ld+p], ld, 1)
		}
	}
}
