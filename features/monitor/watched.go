package monitor

import (
	"math"

	"github.com/saccade-dev/saccade/features/feast"
)

// signal is one of the numbers that a detector watches.
type signal struct {
	name  string
	value float64
	// floor is the standard deviation that the value has at least, from counting or
	// from the steps that thresholds take: what hardly varies is not told from noise
	// by less than that.
	floor float64
}

// watched are the signals of an interval, none where a bank has no hits. They are
// made by what is rounded alike on every machine: + - * / and square roots, with no
// product fused into a sum.
func watched(c feast.Config, in Interval) []signal {
	out := make([]signal, 0, 5)
	for _, b := range in.Banks {
		if b.Hits == 0 {
			return nil
		}
	}
	// A missed event moves the mean of a bank by DeltaE, a hit one threshold by DeltaI.
	step, hits := max(c.DeltaE, c.DeltaI), float64(in.All.Hits)
	out = append(out,
		signal{"threshold mean", in.All.ThresholdMean, step},
		signal{"threshold spread", in.All.ThresholdSD, step},
		signal{"misses per hit", in.All.MissesPerHit, math.Sqrt(float64(in.All.Missed)+1) / hits},
		// The squared variation of usage is chi-square/hits with a degree of freedom a feature.
		signal{"usage variation", in.All.UsageCV, math.Sqrt(float64(c.Features()) / (2 * hits))},
	)
	if len(in.Banks) == 2 {
		share := float64(in.Banks[1].Hits) / float64(in.All.Hits)
		out = append(out, signal{"share of bank 1", share, math.Sqrt(float64(share*(1-share)) / float64(in.All.Hits))})
	}
	return out
}
