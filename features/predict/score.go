package predict

import (
	"context"
	"math"
)

// Score is how well classes can be told apart by activation patterns. Larger is
// better, and scores of the same recordings may be compared with each other; what
// accuracy they stand for depends on the data.
type Score struct {
	// Separability is the score: the mean over all patterns of the margin to the class
	// that a pattern is most easily taken for, over that margin's standard deviation,
	// in a metric that shortens the directions in which patterns vary within their
	// class. At most MaxScore, 0 for patterns that are all alike.
	Separability float64 `json:"separability"`

	// What follows is looked at in the same way, and predicts less well: doc.go has
	// what each of them gave.

	// Plain is Separability in the patterns' own space.
	Plain float64 `json:"plain"`
	// Pairs is the mean over pairs of classes of the mean of their margins over its
	// standard deviation, in the metric.
	Pairs float64 `json:"pairs"`
	// Scatter is the scatter between the classes' centroids over that within classes,
	// by their traces in the patterns' own space; both are unbiased, so that classes
	// without any difference have 0 on the average.
	Scatter float64 `json:"scatter"`
	// Hardest is the pair of classes of the fewest spreads between them, and how many.
	Hardest Pair `json:"hardest"`
}

// Pair is a class and another that it may be taken for.
type Pair struct {
	Is      string  `json:"is"`
	Like    string  `json:"like"`
	Spreads float64 `json:"spreads"` // mean margin over its standard deviation
}

// Of scores activation patterns. It trains nothing. Every label needs two patterns or
// more. Time is O(n^2 d + n^3) for n patterns of length d: about a second for 800 of
// length 3,136. It looks at ctx between its steps.
//
// The score does not change when all patterns are moved or scaled alike, nor by their
// order; it depends neither on the number of cores nor on their scheduling. As with
// training, the last bits may differ between architectures.
func Of(ctx context.Context, p Patterns) (Score, error) {
	s, err := newSet(p)
	if err != nil {
		return Score{}, err
	}
	g, err := s.gram(ctx)
	if err != nil {
		return Score{}, err
	}
	plain := s.plain(g)
	var out Score
	out.Scatter = s.scatter(plain)
	out.Plain = inSpreads(s.nearest(s.margins(plain)))
	metric, err := s.shrunk(ctx, g, plain)
	if err != nil {
		return Score{}, err
	}
	margins := s.margins(metric)
	out.Separability = inSpreads(s.nearest(margins))
	out.Pairs, out.Hardest = s.summary(s.pairs(margins))
	if math.IsNaN(out.Separability + out.Plain + out.Pairs + out.Scatter) {
		return Score{}, errNoNumbers
	}
	return out, nil
}

// summary is the mean over pairs of classes, and the smallest of them, of equals the
// first.
func (s *set) summary(pairs []float64) (mean float64, hardest Pair) {
	k := len(s.classes)
	hardest.Spreads = math.Inf(1)
	for c := range k {
		for b := range k {
			if b == c {
				continue
			}
			v := pairs[c*k+b]
			mean += v / float64(k*(k-1))
			if v < hardest.Spreads {
				hardest = Pair{Is: s.classes[c], Like: s.classes[b], Spreads: v}
			}
		}
	}
	return mean, hardest
}

// scatter is half the mean squared distance between two classes' centroids, which is
// their variance, over the variance within classes, at most MaxScore.
func (s *set) scatter(p products) float64 {
	k := len(s.classes)
	between := s.between(p)
	within := make([]float64, k) // the variance of each class, over all dimensions
	for i, c := range s.y {
		within[c] += p.own[i] / (s.count[c] - 1)
	}
	all, freedom := 0.0, 0.0
	for c, n := range s.count {
		within[c] = max(0, within[c]-n/(n-1)*between[c*k+c])
		all += within[c] * (n - 1)
		freedom += n - 1
	}
	apart := 0.0
	for a := range k {
		for b := range a {
			// A distance of means is too large by the variances of the means.
			apart += between[a*k+a] + between[b*k+b] - 2*between[a*k+b] - within[a]/s.count[a] - within[b]/s.count[b]
		}
	}
	apart /= float64(k * (k - 1)) // of k(k-1)/2 pairs, and half of it
	if apart == 0 {
		return 0
	}
	return max(-MaxScore, min(apart/(all/freedom), MaxScore))
}
