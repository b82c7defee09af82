package predict

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// margins is the n x classes matrix of how far a pattern lies on its own class's side
// of the plane between two centroids, its own class's m taken without the pattern
// itself and the other's m':
//
//	(x - (m+m')/2) (m-m')
//
// It is negative for a pattern that is nearer to the other's centroid, and +Inf for
// the pattern's own class, which stands for no margin.
func (s *set) margins(p products) []float64 {
	k := len(s.classes)
	between := s.between(p)
	out := make([]float64, len(s.y)*k)
	for i, c := range s.y {
		n, toOwn := s.count[c], p.centroid[i*k+c]
		// Products of the pattern with the centroid without it, and of that with itself.
		own := (n*toOwn - p.own[i]) / (n - 1)
		length := (n*n*between[c*k+c] - 2*n*toOwn + p.own[i]) / ((n - 1) * (n - 1))
		for b := range k {
			out[i*k+b] = own - p.centroid[i*k+b] - (length-between[b*k+b])/2
		}
		out[i*k+c] = math.Inf(1)
	}
	return out
}

// nearest is each pattern's smallest margin: to the class that it is most easily
// taken for.
func (s *set) nearest(margins []float64) []float64 {
	k := len(s.classes)
	out := make([]float64, len(s.y))
	for i := range out {
		out[i] = math.Inf(1)
		for _, m := range margins[i*k : (i+1)*k] {
			out[i] = min(out[i], m)
		}
	}
	return out
}

// pairs is the classes x classes matrix of the means of a class's margins over their
// standard deviations; what stands on the diagonal means nothing.
func (s *set) pairs(margins []float64) []float64 {
	k := len(s.classes)
	members := make([][]float64, k)
	out := make([]float64, k*k)
	for b := range k {
		for c := range members {
			members[c] = members[c][:0]
		}
		for i, c := range s.y {
			members[c] = append(members[c], margins[i*k+b])
		}
		for c := range members {
			if c != b {
				out[c*k+b] = inSpreads(members[c])
			}
		}
	}
	return out
}

// MaxScore is the score of classes without any spread, and bounds every score.
const MaxScore = 1e6

// inSpreads is the mean of values over their standard deviation, 0 where both are,
// and at most MaxScore either way.
func inSpreads(v []float64) float64 {
	mean, std := stat.MeanStdDev(v, nil)
	if mean == 0 {
		return 0
	}
	return max(-MaxScore, min(mean/std, MaxScore))
}
