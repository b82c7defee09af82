package report

import (
	"cmp"
	"math"
	"slices"
)

// telling is how far a feature tells a class from the others.
type telling struct {
	feature        int
	share, others  float64 // its mean share of the wins in the class's recordings, and in all others'
	apart          float64 // share - others in standard deviations
	class, against int     // recordings
}

// mostApart bounds what is said of a share that never varies.
const mostApart = 999

// tellings orders the features by how many standard deviations their share of a
// recording's wins is higher in a class than in the recordings of all others,
//
//	(m - m') / sqrt((s^2 + s'^2)/2)
//
// which is Cohen's d with the two groups' variances weighted alike. Features that
// the class has no more of are left out.
func tellings(a Activation, class int) []telling {
	c := a.Classes[class]
	others := 0
	for i, o := range a.Classes {
		if i != class {
			others += o.Recordings
		}
	}
	if c.Recordings == 0 || others == 0 {
		return nil
	}
	var out []telling
	for f, m := range c.Mean {
		sum, squares := 0.0, 0.0
		for i, o := range a.Classes {
			if i != class {
				n := float64(o.Recordings)
				sum += n * o.Mean[f]
				squares += n * (o.SD[f]*o.SD[f] + o.Mean[f]*o.Mean[f])
			}
		}
		mean := sum / float64(others)
		variance := max(squares/float64(others)-mean*mean, 0)
		if m <= mean {
			continue
		}
		t := telling{feature: f, share: m, others: mean, apart: mostApart, class: c.Recordings, against: others}
		if sd := math.Sqrt((c.SD[f]*c.SD[f] + variance) / 2); sd > 0 {
			t.apart = min((m-mean)/sd, mostApart)
		}
		out = append(out, t)
	}
	slices.SortStableFunc(out, func(x, y telling) int { return cmp.Compare(y.apart, x.apart) })
	return out
}
