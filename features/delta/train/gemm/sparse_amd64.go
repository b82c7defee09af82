//go:build !purego

package gemm

// What a block of a sparse product is: the part of b that its rows share, of 64 KiB, stays in the second cache.
const (
	sparseRows  = 64
	sparseDepth = 256
	strip       = 64 // columns that the kernels take at once
	spare       = 16 // lanes that they may write behind a list
)

// lists are what the rows of a block have that is not zero.
type lists struct {
	indices [sparseRows][sparseDepth + spare]int32
	values  [sparseRows][sparseDepth + spare]float32
	counts  [sparseRows]int
	turned  [sparseRows * sparseDepth]float32 // rows of a that is stored transposed
}

var listPool pool[lists]

// mulSparse is MulSparse and, where ta is set, MulSparseT in vectors.
func (u unit) mulSparse(c []float32, ldc int, a []float32, lda int, ta bool, b []float32, ldb, m, n, k int, add bool) {
	if u == unitGo || k == 0 {
		portableSparse(c, ldc, a, lda, ta, b, ldb, m, n, k, add)
		return
	}
	l := listPool.get()
	defer listPool.put(l)
	for i := 0; i < m; i += sparseRows {
		rows := min(sparseRows, m-i)
		for p := 0; p < k; p += sparseDepth {
			steps := min(sparseDepth, k-p)
			left, ld := l.turned[:], sparseDepth
			if ta {
				turn(left, ld, a[p*lda+i:], lda, steps, rows)
			} else {
				left, ld = a[i*lda+p:], lda
			}
			for r := range rows {
				l.counts[r] = u.list(&l.indices[r], &l.values[r], left[r*ld:][:steps])
			}
			goOn := 0
			if add || p > 0 {
				goOn = 1
			}
			for j := 0; j < n; j += strip {
				cols := min(strip, n-j)
				for r := range rows {
					to, right := &c[(i+r)*ldc+j], &b[p*ldb+j]
					if u == unitAVX512 {
						rowsAVX512(to, right, ldb, cols, &l.indices[r][0], &l.values[r][0], l.counts[r], goOn)
					} else {
						rowsAVX2(to, right, ldb, cols, &l.indices[r][0], &l.values[r][0], l.counts[r], goOn)
					}
				}
			}
		}
	}
}

// list lists what is not zero of at most sparseDepth elements.
func (u unit) list(indices *[sparseDepth + spare]int32, values *[sparseDepth + spare]float32, x []float32) int {
	n, groups := 0, len(x)/u.lanes()
	if groups > 0 {
		if u == unitAVX512 {
			n = listAVX512(&indices[0], &values[0], &x[0], groups)
		} else {
			n = listAVX2(&indices[0], &values[0], &x[0], groups)
		}
	}
	for p := groups * u.lanes(); p < len(x); p++ {
		if x[p] != 0 {
			indices[n], values[n] = int32(p), x[p]
			n++
		}
	}
	return n
}
