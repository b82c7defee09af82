package train

import "math"

// The functions of this file give the same bits on every machine: the standard library's are
// assembly on some, and compilers may fuse a product with the sum that it goes into
// unless it is rounded explicitly.

// exp is e^x for x <= 0, to within two units in the last place; 0 below -708.
func exp(x float64) float64 {
	if !(x >= -708) {
		if math.IsNaN(x) {
			return x
		}
		return 0
	}
	const (
		// ln 2 in two parts; k times the first is exact.
		high = 6.93147180369123816490e-01
		low  = 1.90821492927058770002e-10
	)
	k := math.Floor(float64(x*math.Log2E) + 0.5)
	r := (x - float64(k*high)) - float64(k*low) // within ln(2)/2 of zero
	p := 1.0
	for i := 13; i > 0; i-- { // Horner: 1 + r/1 (1 + r/2 (1 + ...))
		p = 1 + float64(float64(r/float64(i))*p)
	}
	return math.Ldexp(p, int(k))
}

// log is the natural logarithm of a finite x > 0, to within 1e-14 of itself or absolutely.
func log(x float64) float64 {
	m, e := math.Frexp(x) // x = m 2^e
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	// ln m = 2 artanh((m-1)/(m+1)), a series in odd powers of at most 0.172.
	s := (m - 1) / (m + 1)
	z := float64(s * s)
	p := 0.0
	for i := 21; i > 0; i -= 2 {
		p = 1/float64(i) + float64(z*p)
	}
	return float64(2*s*p) + float64(float64(e)*math.Ln2)
}

// cosine is cos(pi x) for 0 <= x <= 1, to within 1e-14.
func cosine(x float64) float64 {
	if x > 0.5 {
		return -cosine(1 - x)
	}
	z := float64(x*math.Pi) * float64(x*math.Pi)
	p := 1.0
	for i := 22; i > 0; i -= 2 {
		p = 1 - float64(float64(z/float64(i*(i-1)))*p)
	}
	return p
}
