package gemm

// What a caller can do wrong. Mul and MulSparse panic with one of these: which matrix is
// meant is known where they are called, and no input from outside gets there unchecked.
const (
	// PanicSize: m, n or k is negative.
	PanicSize = "gemm: a negative size"
	// PanicStride: a row stride is shorter than a stored row.
	PanicStride = "gemm: a row stride shorter than the row"
	// PanicLength: a slice ends before its matrix does.
	PanicLength = "gemm: a slice shorter than its matrix"
)

// Mul computes c = op(a) op(b), or c += op(a) op(b) where add is set, in float32.
//
// All matrices are row-major. op(a) is m x k: a itself, or its transpose where ta is set, so
// that a is stored as m rows of k or as k rows of m elements. op(b) is k x n in the same way,
// and c is m x n. lda, ldb and ldc are the distances in elements between the starts of rows as
// stored; what lies between the end of a row and the start of the next is neither read nor
// written. c must not overlap a or b.
//
// The bits of every element are those of the definition in the package's comment, on every
// machine. Sizes may be zero: with k = 0 the products are sums of nothing, so c becomes 0, or
// stays what it was where add is set.
//
// It panics with PanicSize, PanicStride or PanicLength on sizes that do not fit.
func Mul(c []float32, ldc int, a []float32, lda int, ta bool, b []float32, ldb int, tb bool, m, n, k int, add bool) {
	check(c, ldc, a, lda, ta, b, ldb, tb, m, n, k)
	if m == 0 || n == 0 {
		return
	}
	best.mul(c, ldc, a, lda, ta, b, ldb, tb, m, n, k, add)
}

// check panics where the three matrices are not in their slices.
func check(c []float32, ldc int, a []float32, lda int, ta bool, b []float32, ldb int, tb bool, m, n, k int) {
	if m < 0 || n < 0 || k < 0 {
		panic(PanicSize)
	}
	checkMatrix(c, ldc, m, n)
	if ta {
		checkMatrix(a, lda, k, m)
	} else {
		checkMatrix(a, lda, m, k)
	}
	if tb {
		checkMatrix(b, ldb, n, k)
	} else {
		checkMatrix(b, ldb, k, n)
	}
}

// checkMatrix panics unless rows of cols elements, ld apart, are all within x.
func checkMatrix(x []float32, ld, rows, cols int) {
	if rows == 0 || cols == 0 {
		return
	}
	if ld < cols {
		panic(PanicStride)
	}
	// Written as a division, because (rows-1)*ld may be more than an int holds.
	if len(x) < cols || rows-1 > (len(x)-cols)/ld {
		panic(PanicLength)
	}
}
