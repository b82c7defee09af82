package gemm

// side is the edge of the tile of c that portable Go holds in registers: sixteen sums, each of which waits
// for itself alone, so four rows and four columns are loaded for sixteen products. That is for arm64 and its
// 32 registers; amd64, which has 16, has kernels of its own.
const side = 4

// What portable packs at once: 256 KiB of a, 8 KiB of b.
const (
	portableRows  = 128
	portableDepth = 512
)

// portableWork is what portable packs into, panels of four rows or columns.
type portableWork struct {
	a [portableRows * portableDepth]float32
	b [side * portableDepth]float32
}

var portableWorks pool[portableWork]

// portable is Mul for machines without kernels of their own.
func portable(c []float32, ldc int, a []float32, lda int, ta bool, b []float32, ldb int, tb bool, m, n, k int, add bool) {
	w := portableWorks.get()
	defer portableWorks.put(w)
	for i := 0; i < m; i += portableRows {
		rows := min(portableRows, m-i)
		// k = 0 still takes one round, which writes the empty sums.
		for p := 0; p == 0 || p < k; p += portableDepth {
			steps := min(portableDepth, k-p)
			size := side * steps // of a panel
			for r := 0; r < rows; r += side {
				pack(w.a[r*steps:][:size], a, lda, !ta, i+r, min(side, rows-r), p, steps)
			}
			for j := 0; j < n; j += side {
				cols := min(side, n-j)
				pack(w.b[:size], b, ldb, tb, j, cols, p, steps)
				for r := 0; r < rows; r += side {
					tile(c[(i+r)*ldc+j:], ldc, w.a[r*steps:][:size], w.b[:size], min(side, rows-r), cols, add || p > 0)
				}
			}
		}
	}
}

// pack puts lanes (at most four) of a matrix into dst, step after step: dst[4 p + l] is element
// (from+l, first+p) of x where lanes are x's rows (byRow), or (first+p, from+l) where they are its
// columns. Lanes that there are not become zero.
func pack(dst, x []float32, ld int, byRow bool, from, lanes, first, steps int) {
	if lanes < side {
		clear(dst)
	}
	if steps == 0 {
		return
	}
	if byRow {
		for l := range lanes {
			row := x[(from+l)*ld+first:][:steps]
			for p, v := range row {
				dst[side*p+l] = v
			}
		}
		return
	}
	for p := range steps {
		copy(dst[side*p:side*p+lanes], x[(first+p)*ld+from:])
	}
}

// tile computes rows x cols elements of c, both at most four, from two packed panels. The sums
// start at c + 0 where add is set, and at 0 otherwise.
func tile(c []float32, ldc int, a, b []float32, rows, cols int, add bool) {
	var s [side][side]float32
	if add {
		for i := range rows {
			for j, v := range c[i*ldc:][:cols] {
				s[i][j] = v + 0
			}
		}
	}
	products(&s, a, b)
	for i := range rows {
		copy(c[i*ldc:], s[i][:cols])
	}
}

// products adds the products of two packed panels to s, step after step. The conversions keep the
// compiler from fusing a product and a sum into one rounding, which the language allows it otherwise
// (The Go Programming Language Specification, "Floating-point operators") and which it does on arm64.
func products(s *[side][side]float32, a, b []float32) {
	s00, s01, s02, s03 := s[0][0], s[0][1], s[0][2], s[0][3]
	s10, s11, s12, s13 := s[1][0], s[1][1], s[1][2], s[1][3]
	s20, s21, s22, s23 := s[2][0], s[2][1], s[2][2], s[2][3]
	s30, s31, s32, s33 := s[3][0], s[3][1], s[3][2], s[3][3]
	for len(a) >= side && len(b) >= side {
		b0, b1, b2, b3 := b[0], b[1], b[2], b[3]
		x := a[0]
		s00 += float32(x * b0)
		s01 += float32(x * b1)
		s02 += float32(x * b2)
		s03 += float32(x * b3)
		x = a[1]
		s10 += float32(x * b0)
		s11 += float32(x * b1)
		s12 += float32(x * b2)
		s13 += float32(x * b3)
		x = a[2]
		s20 += float32(x * b0)
		s21 += float32(x * b1)
		s22 += float32(x * b2)
		s23 += float32(x * b3)
		x = a[3]
		s30 += float32(x * b0)
		s31 += float32(x * b1)
		s32 += float32(x * b2)
		s33 += float32(x * b3)
		a, b = a[side:], b[side:]
	}
	s[0] = [side]float32{s00, s01, s02, s03}
	s[1] = [side]float32{s10, s11, s12, s13}
	s[2] = [side]float32{s20, s21, s22, s23}
	s[3] = [side]float32{s30, s31, s32, s33}
}
