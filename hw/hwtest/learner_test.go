package hwtest_test

import "github.com/saccade-dev/saccade/hw"

// learner is a learning step with the mistakes that it can make.
type learner struct {
	truncates       bool // the sum of the products, where it has to be rounded
	roundsEach      bool // product by itself
	widens          bool // the sum, which has to be modulo 2^32
	wraps           bool // where a difference has to saturate
	forgetsRenormal bool
	overflows       bool // where a match weight has to saturate
	roundsEarly     bool // the match weights, before their length is put right
	squaresBefore   bool // are summed of the weights as they were
}

func learning(l learner) func(k *hw.Kernels) { return func(k *hw.Kernels) { k.Learn = l.learn } }

func (l learner) learn(master []int32, weights, c []int16, p hw.Pull) (squares uint32) {
	half := int32(1) << (p.Drop - 1)
	if l.truncates {
		half = 0
	}
	for i, w := range weights {
		a := hw.Normalised(c[i], p.Shift, p.Factor)
		towards, renormal := int32(hw.Difference(a, w))*int32(p.Rate), int32(w)*int32(p.Renormal)
		if l.wraps {
			towards = int32(a-w) * int32(p.Rate)
		}
		if l.forgetsRenormal {
			renormal = 0
		}
		before := master[i]
		switch {
		case l.roundsEach:
			master[i] += (towards+half)>>p.Drop + (renormal+half)>>p.Drop
		case l.widens:
			master[i] += int32((int64(towards) + int64(renormal) + int64(half)) >> p.Drop)
		default:
			master[i] += (towards + renormal + half) >> p.Drop
		}
		switch {
		case l.overflows:
			weights[i] = int16((master[i] + 1<<8) >> 9)
		case l.roundsEarly:
			weights[i] = hw.MatchWeight(before + (towards+half)>>p.Drop)
		default:
			weights[i] = hw.MatchWeight(master[i])
		}
		if !l.squaresBefore {
			w = weights[i]
		}
		squares += uint32(int32(w) * int32(w))
	}
	return squares
}
