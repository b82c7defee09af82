package readout

import "math"

// calibrate finds the inverse temperature beta at which softmax(beta * score) has
// the least log loss, and that loss in nats a sample. scores are n x classes.
//
// The loss is convex in beta, so its slope is bisected. Where every sample is
// right the loss falls for ever; the targets are therefore smoothed as if one
// sample more, of a class drawn at random, had been seen.
func calibrate(scores []float64, y []int, classes int) (beta, loss float64) {
	n := float64(len(y))
	smooth := 1 / (n + 1)
	p := make([]float64, classes)
	slope := func(beta float64) float64 {
		var sum float64
		for i, c := range y {
			s := scores[i*classes : (i+1)*classes]
			copy(p, s)
			softmax(p, beta)
			var expected, mean float64
			for k := range s {
				expected += p[k] * s[k]
				mean += s[k] / float64(classes)
			}
			sum += expected - (1-smooth)*s[c] - smooth*mean
		}
		return sum
	}
	if slope(0) < 0 {
		lo, hi := 0.0, 1.0
		for slope(hi) < 0 && hi < maxBeta/2 {
			lo, hi = hi, 2*hi
		}
		for hi-lo > 1e-6*hi {
			mid := lo + (hi-lo)/2
			if slope(mid) < 0 {
				lo = mid
			} else {
				hi = mid
			}
		}
		beta = lo + (hi-lo)/2
	}
	for i, c := range y {
		copy(p, scores[i*classes:(i+1)*classes])
		softmax(p, beta)
		loss -= math.Log(max(p[c], math.SmallestNonzeroFloat64)) / n
	}
	return beta, loss
}
