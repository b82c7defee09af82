package monitor

import (
	"math"

	"github.com/saccade-dev/saccade/features/feast"
)

// State is what a balance shows.
type State string

// The states.
const (
	Unknown  State = "unknown"  // nothing was learned, or too little to tell
	Balanced State = "balanced" // as many misses to a hit as keep the thresholds where they are, nearly
	Falling  State = "falling"  // far more: the thresholds fall
	Rising   State = "rising"   // far fewer: the thresholds rise
)

// Balance compares misses per hit with what they are where thresholds stand still.
type Balance struct {
	State    State   `json:"state"`
	Measured float64 `json:"misses_per_hit"`
	Expected float64 `json:"expected_misses_per_hit"` // dI/(N*dE), 0 where there is none
	// Ratio is Measured/Expected; Low and High are where it is with a confidence of
	// 95 %, taking misses as independent of each other. All are 0 where there is no
	// Expected, or no hit.
	Ratio float64 `json:"ratio"`
	Low   float64 `json:"ratio_low"`
	High  float64 `json:"ratio_high"`
}

// far is the factor from which on a ratio is far off, and sure the standard
// deviations beyond it that rule chance out: once in about 30,000 intervals.
const (
	far  = 1.25
	sure = 4
)

// CheckBalance compares a bank's signals, or those of all banks, with the balance.
// The thresholds of a bank of N neurons moved, on the average, by exactly
//
//	(hits*dI - missed*N*dE) / N
//
// so that a layer far off over a long interval has thresholds that go far; cosines
// end at 1, so it cannot stay there for ever.
func CheckBalance(c feast.Config, s Signals, learning bool) Balance {
	out := Balance{State: Unknown, Measured: s.MissesPerHit}
	if !learning || c.DeltaI == 0 || c.DeltaE == 0 {
		return out
	}
	out.Expected = c.Balance()
	if s.Hits == 0 {
		if s.Missed > 0 {
			// Whatever would be expected, this is beyond it.
			out.State = Falling
		}
		return out
	}
	expected := float64(s.Hits) * out.Expected
	out.Ratio = float64(s.Missed) / expected
	out.Low, out.High = poisson(s.Missed, 1.96)
	out.Low, out.High = out.Low/expected, out.High/expected
	low, high := poisson(s.Missed, sure)
	switch {
	case low > far*expected:
		out.State = Falling
	case high < expected/far:
		out.State = Rising
	case high-low <= expected:
		out.State = Balanced
	}
	return out
}

// poisson is the range of means from which a count is no further than z standard
// deviations: the roots of (n-m)^2 = z^2*m.
func poisson(count uint64, z float64) (low, high float64) {
	n := float64(count)
	middle, half := n+float64(z*z)/2, z*math.Sqrt(n+float64(z*z)/4)
	return max(0, middle-half), middle + half
}
