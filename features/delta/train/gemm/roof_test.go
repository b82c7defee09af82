//go:build amd64 && !purego

package gemm

import "testing"

// BenchmarkRoof is what the kernels reach where memory does not matter: all strides are 0, so every row of a and
// of b is the same one in the first cache.
func BenchmarkRoof(b *testing.B) {
	x, c := make([]float32, mostWide), make([]float32, 256*mostWide)
	for _, u := range usable() {
		if u == unitGo {
			continue
		}
		wide := 2 * u.lanes()
		b.Run(u.String(), func(b *testing.B) {
			for b.Loop() {
				if u == unitAVX512 {
					panelAVX512(&c[0], wide, &x[0], 0, 0, &x[0], 0, 256, wide, blockDepth, 0)
				} else {
					panelAVX2(&c[0], wide, &x[0], 0, 0, &x[0], 0, 256, wide, blockDepth, 0)
				}
			}
			gmacs(b, 256*wide*blockDepth)
		})
	}
}
