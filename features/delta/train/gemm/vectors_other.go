//go:build !amd64 || purego

package gemm

// usable is portable Go alone: no kernels are written for this processor, or they are left out.
func usable() []unit { return []unit{unitGo} }

func (unit) mul(c []float32, ldc int, a []float32, lda int, ta bool, b []float32, ldb int, tb bool, m, n, k int, add bool) {
	portable(c, ldc, a, lda, ta, b, ldb, tb, m, n, k, add)
}

func (unit) mulSparse(c []float32, ldc int, a []float32, lda int, ta bool, b []float32, ldb, m, n, k int, add bool) {
	portableSparse(c, ldc, a, lda, ta, b, ldb, m, n, k, add)
}
