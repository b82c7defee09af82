package feast

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"

	"github.com/saccade-dev/saccade/hw"
)

// Weights are what a layer has learned, in the formats of package hw.
type Weights struct {
	// Master weights in Q24: [bank][neuron][patch pixel, row by row].
	Master []int32
	// Thresholds in Q24: [bank][neuron].
	Thresholds []int32
}

// RandomWeights are uniformly random weights of length one and the initial
// thresholds, the same for a seed on every machine.
func RandomWeights(c Config) Weights {
	n := c.Elements()
	w := Weights{
		Master:     make([]int32, c.Features()*n),
		Thresholds: make([]int32, c.Features()),
	}
	rng := rand.New(rand.NewPCG(c.Seed, 0x5acade))
	for f := range c.Features() {
		m := w.Master[f*n : (f+1)*n]
		var sum uint64
		for i := range m {
			m[i] = 1 + int32(rng.Uint32()>>18) // 1..2^14
			sum += uint64(m[i]) * uint64(m[i])
		}
		// m*2^24/|m|, with the length in Q10 so that its rounding does not show.
		length := uint64(math.Sqrt(float64(sum << 20)))
		for i := range m {
			m[i] = int32((uint64(m[i])<<34 + length/2) / length)
		}
		w.Thresholds[f] = fixed(c.InitialThreshold, hw.ThresholdFraction)
	}
	return w
}

// Validate returns an error for what no layer of the configuration can have: other
// lengths, vectors longer than one, thresholds that are no cosines.
func (w Weights) Validate(c Config) error {
	n := c.Elements()
	if len(w.Master) != c.Features()*n {
		return fmt.Errorf("weights: expected %d (%d features of %d), found %d", c.Features()*n, c.Features(), n, len(w.Master))
	}
	if len(w.Thresholds) != c.Features() {
		return fmt.Errorf("thresholds: expected %d, found %d", c.Features(), len(w.Thresholds))
	}
	// The formats' bounds rest on weight vectors of length one; 1/128 more is
	// what the dot product has room for.
	const most = 1<<(2*hw.MasterFraction) + 1<<(2*hw.MasterFraction-7)
	for f := range c.Features() {
		var sum, carry uint64
		for _, m := range w.Master[f*n : (f+1)*n] {
			sq := uint64(int64(m) * int64(m))
			sum, carry = bits.Add64(sum, sq, 0)
			if carry != 0 || sum > most {
				return fmt.Errorf("weights of feature %d: expected a vector of length one, found a longer one", f)
			}
		}
	}
	return validateThresholds(w.Thresholds)
}

func validateThresholds(all []int32) error {
	for f, t := range all {
		if t < -2<<hw.ThresholdFraction || t > 2<<hw.ThresholdFraction {
			return fmt.Errorf("threshold of feature %d: expected a cosine, found %v", f, float64(t)/(1<<hw.ThresholdFraction))
		}
	}
	return nil
}

// Float gives the weights and thresholds as the numbers that they stand for.
func (w Weights) Float() (weights, thresholds []float64) {
	weights = make([]float64, len(w.Master))
	for i, m := range w.Master {
		weights[i] = math.Ldexp(float64(m), -hw.MasterFraction)
	}
	thresholds = make([]float64, len(w.Thresholds))
	for i, t := range w.Thresholds {
		thresholds[i] = math.Ldexp(float64(t), -hw.ThresholdFraction)
	}
	return weights, thresholds
}

// FromFloat rounds weights and thresholds to their formats. Thresholds out of
// range saturate where any cosine is below or above them; what is not a number
// becomes one that Validate refuses.
func FromFloat(weights, thresholds []float64) Weights {
	w := Weights{Master: make([]int32, len(weights)), Thresholds: make([]int32, len(thresholds))}
	for i, v := range weights {
		w.Master[i] = saturated(v, hw.MasterFraction)
	}
	for i, v := range thresholds {
		w.Thresholds[i] = saturated(v, hw.ThresholdFraction)
	}
	return w
}

func saturated(v float64, fraction int) int32 {
	if math.IsNaN(v) {
		// Converting it would give another integer on every kind of machine.
		return math.MinInt32
	}
	return fixed(max(min(v, 2), -2), fraction)
}
