package cpu

import (
	"math"

	"github.com/saccade-dev/saccade/hw"
)

func learn(master []int32, weights, c []int16, p hw.Pull) (squares uint32) {
	checkLearn(master, weights, c, p)
	return learnElements(master, weights, c, p)
}

// learnElements is the loop of [hw.Kernels] for any number of elements; the zeros behind
// them would stay zeros:
//
//	d = Difference(Normalised(c[i], p.Shift, p.Factor), weights[i])
//	master[i] += (d*p.Rate + weights[i]*p.Renormal + 1<<(p.Drop-1)) >> p.Drop
//	weights[i] = MatchWeight(master[i])
//	squares += weights[i]*weights[i]
//
// An element shifted as Scale says stays below 2^16, for it is no larger than the
// norm; so shift and factor are one product here. It is below one, and less a weight
// it is above -1: a difference can only be too large, not too small. Saturated
// weights are rare: a branch is less than always comparing with both ends.
func learnElements(master []int32, weights, c []int16, p hw.Pull) (squares uint32) {
	const shift = hw.MasterFraction - hw.WeightFraction
	weights, c = weights[:len(master)], c[:len(master)]
	scale := uint32(p.Factor) << (p.Shift & 31)
	rate, renormal, drop := int32(p.Rate), int32(p.Renormal), p.Drop&31 // the compiler need not ask for more
	half := int32(1) << (drop - 1)
	for i, m := range master {
		w := int32(weights[i])
		d := min(int32(uint32(uint16(c[i]))*scale>>16)-w, math.MaxInt16)
		m += (d*rate + w*renormal + half) >> drop
		w = (m + 1<<(shift-1)) >> shift
		if w != int32(int16(w)) {
			w = int32(hw.MatchWeight(m))
		}
		master[i], weights[i] = m, int16(w)
		squares += uint32(w * w)
	}
	return squares
}
