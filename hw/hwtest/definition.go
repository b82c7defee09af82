package hwtest

import (
	"math"

	"github.com/saccade-dev/saccade/hw"
)

// The kernels as package hw defines them, one value and one event at a time. Sums
// are in 64 bits and checked to fit in what a kernel returns: where they do not, it
// is the test that is wrong.

// age is the time since a cell's event; a cell of the future is one of now.
func age(now, cell uint32) uint32 {
	if cell > now {
		return 0
	}
	return now - cell
}

// defineContext puts the patch into c, one value an element.
func defineContext(c []int16, cells []uint32, first int, p *hw.Patch, now uint32) uint32 {
	var sum uint64
	i := 0
	for plane := range p.Planes {
		for y := range p.Side {
			for x := range p.Side {
				v := p.Decay.Value(age(now, cells[first+plane*p.Plane+y*p.Stride+x]))
				c[i] = v
				i++
				sum += uint64(int64(v) * int64(v))
			}
		}
	}
	if sum > math.MaxUint32 {
		panic(panicRange)
	}
	return uint32(sum)
}

func defineDot(weights, c []int16) int32 {
	var sum int64
	for i, w := range weights {
		sum += int64(w) * int64(c[i])
	}
	return narrow(sum)
}

// defineLearn has one master weight, match weight and value an element. What a master
// weight rises by is computed modulo 2^32, as the sum of squares is.
func defineLearn(master []int32, weights, c []int16, p hw.Pull) (squares uint32) {
	for i, m := range master {
		w := weights[i]
		towards := int64(hw.Difference(hw.Normalised(c[i], p.Shift, p.Factor), w))
		rise := int32(towards*int64(p.Rate) + int64(w)*int64(p.Renormal) + 1<<(p.Drop-1))
		master[i] = narrow(int64(m) + int64(rise>>p.Drop))
		weights[i] = hw.MatchWeight(master[i])
		squares += uint32(int64(weights[i]) * int64(weights[i]))
	}
	return squares
}

// defineRun is the rule of [hw.Bank], event by event.
func defineRun(b *hw.Bank, steps []hw.Step) {
	n, row := b.Elements(), hw.ContextLen(b.Elements())
	c := make([]int16, n)
	for i := range steps {
		s := &steps[i]
		b.Cells[s.Cell] = s.Now
		if s.Winner != hw.Pending {
			continue
		}
		norm := hw.Norm(defineContext(c, b.Cells, int(s.First), &b.Patch, s.Now))
		if countRecent(c, b.Recent) < b.MinRecent {
			s.Winner = int32(hw.Noise)
			continue
		}
		winner := defineWinner(b, c, norm)
		s.Winner = int32(winner)
		switch {
		case !b.Learning:
		case winner == int(hw.Missed):
			for neuron, threshold := range b.Thresholds {
				b.Thresholds[neuron] = narrow(int64(threshold) - int64(b.DeltaE))
			}
		default:
			b.Thresholds[winner] = narrow(int64(b.Thresholds[winner]) + int64(b.DeltaI))
			weights := b.Weights[winner*row:][:n]
			p := hw.NewPull(norm, defineDot(weights, c), b.Squares[winner], b.Eta)
			b.Squares[winner] = defineLearn(b.Master[winner*row:][:n], weights, c, p)
		}
	}
}

// defineWinner is the neuron that wins a context of that norm, or Missed.
func defineWinner(b *hw.Bank, c []int16, norm uint32) int {
	row := hw.ContextLen(len(c))
	winner, best := int(hw.Missed), int32(0)
	for neuron := range b.Neurons {
		dot := defineDot(b.Weights[neuron*row:][:len(c)], c)
		if b.Selecting && int64(dot)<<hw.MatchShift < int64(b.Thresholds[neuron])*int64(norm) {
			continue
		}
		if winner < 0 || dot > best {
			winner, best = neuron, dot
		}
	}
	return winner
}

// countRecent is the number of elements that are recent or more.
func countRecent(c []int16, recent int16) int {
	count := 0
	for _, v := range c {
		if v >= recent {
			count++
		}
	}
	return count
}

func sumOfSquares(c []int16) uint32 {
	var sum uint64
	for _, v := range c {
		sum += uint64(int64(v) * int64(v))
	}
	if sum > math.MaxUint32 {
		panic(panicRange)
	}
	return uint32(sum)
}

func narrow(v int64) int32 {
	if v != int64(int32(v)) {
		panic(panicRange)
	}
	return int32(v)
}

const panicRange = "hwtest: the test's own values leave the bounds of the formats"
