package readout

import "math"

// softmax replaces scores by exp(beta * score) / sum, with the same bits on every
// machine, and gives the index of the largest, the first of equals.
func softmax(scores []float64, beta float64) (best int) {
	for c, s := range scores {
		if s > scores[best] {
			best = c
		}
	}
	top := scores[best]
	var sum float64
	for c, s := range scores {
		scores[c] = exp(float64(beta * (s - top)))
		sum += scores[c]
	}
	for c := range scores {
		scores[c] /= sum
	}
	return best
}

// exp is e^x for x <= 0, to within two units in the last place. Below -708, where
// the result would be subnormal, it is 0. Every product is rounded before it is
// added to anything, which math.Exp does not do on every machine.
func exp(x float64) float64 {
	if x < -708 {
		return 0
	}
	const (
		log2e = math.Log2E
		// ln 2 in two parts; k * ln2Hi is exact for any k that occurs here.
		ln2Hi = 6.93147180369123816490e-01
		ln2Lo = 1.90821492927058770002e-10
	)
	k := math.Floor(float64(x*log2e) + 0.5)
	r := (x - float64(k*ln2Hi)) - float64(k*ln2Lo) // |r| <= ln(2)/2
	p := taylor[0]
	for _, c := range taylor[1:] {
		p = float64(p*r) + c
	}
	return math.Ldexp(p, int(k))
}

// taylor are the coefficients 1/13! to 1/0!; the next term is below 5e-18.
var taylor = [...]float64{
	1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320,
	1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 1.0 / 2, 1, 1,
}
