package command

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// usage is how often features won of late: what is older counts less, to half in
// half a minute.
type usage struct {
	wins []float64 // by feature
	at   time.Time // what they were brought up to
}

const usageHalf = 30 * time.Second

func (u *usage) add(now time.Time, list []bus.FeatureEvent) {
	// By the second: a message more or less does not matter, and there are many.
	if since := now.Sub(u.at); since >= time.Second {
		factor := math.Exp2(-since.Seconds() / usageHalf.Seconds())
		for f := range u.wins {
			u.wins[f] *= factor
		}
		u.at = now
	}
	for _, f := range list {
		if n := int(f.Feature) + 1; n > len(u.wins) {
			u.wins = slices.Grow(u.wins, n-len(u.wins))[:n]
		}
		u.wins[f.Feature]++
	}
}

// used is a feature and its share of the wins.
type used struct {
	feature int
	share   float64
}

// top gives the features that won most, the most first.
func (u *usage) top(most int) []used {
	all := 0.0
	for _, n := range u.wins {
		all += n
	}
	if all <= 0 {
		return nil
	}
	out := make([]used, 0, len(u.wins))
	for f, n := range u.wins {
		if n > 0 {
			out = append(out, used{f, n / all})
		}
	}
	slices.SortStableFunc(out, func(a, b used) int { return cmp.Compare(b.share, a.share) })
	return out[:min(len(out), most)]
}
