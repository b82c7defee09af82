package size

import "math"

// entropy is -sum(p*log2 p) in bits.
func entropy(p []float64) float64 {
	var h float64
	for _, v := range p {
		if v > 0 {
			h -= v * math.Log2(v)
		}
	}
	return h
}

// mixture is (1-share)*p + share*q.
func mixture(p, q []float64, share float64) []float64 {
	out := make([]float64, len(p))
	for i := range p {
		out[i] = (1-share)*p[i] + share*q[i]
	}
	return out
}

// divergence estimates, in bits, what a draw tells of which of two distributions it is
// from, where share of the draws are from q: H((1-s)p + s*q) - (1-s)*H(p) - s*H(q).
// With a share of one half that is the divergence of Jensen and Shannon; with the share
// that q has among the counts, the mutual information.
//
// The shares p and q are counted from n and m draws, which makes each entropy too small
// by half the sum of its terms' relative variances (Miller, "Note on the bias of
// information estimates", 1955, for a single distribution; here the variance of the
// mixture's terms is that of its two parts). The estimate is freed of that, and never
// negative.
func divergence(p, q []float64, n, m, share float64) float64 {
	if n == 0 || m == 0 {
		return 0
	}
	mixed := mixture(p, q, share)
	d := entropy(mixed) - (1-share)*entropy(p) - share*entropy(q)
	var bias float64
	for i := range p {
		ofP, ofQ := p[i]*(1-p[i])/n, q[i]*(1-q[i])/m
		if p[i] > 0 {
			bias += (1 - share) * ofP / p[i]
		}
		if q[i] > 0 {
			bias += share * ofQ / q[i]
		}
		if mixed[i] > 0 {
			bias -= ((1-share)*(1-share)*ofP + share*share*ofQ) / mixed[i]
		}
	}
	return max(0, d-bias/(2*math.Ln2))
}
