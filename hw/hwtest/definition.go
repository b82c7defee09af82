package hwtest

import (
	"math"

	"github.com/saccade-dev/saccade/hw"
)

// The kernels as package hw defines them, one value at a time. Sums are in 64
// bits and checked to fit in what a kernel returns: where they do not, it is the
// test that is wrong.

// age is the time since a cell's event; a cell of the future is one of now.
func age(now, cell uint32) uint32 {
	if cell > now {
		return 0
	}
	return now - cell
}

func defineContext(c []int16, surface []uint32, stride, side int, now uint32, d *hw.Decay) uint32 {
	var sum uint64
	for y := range side {
		for x := range side {
			v := d.Value(age(now, surface[y*stride+x]))
			c[y*side+x] = v
			sum += uint64(int64(v) * int64(v))
		}
	}
	if sum > math.MaxUint32 {
		panic(panicRange)
	}
	return uint32(sum)
}

func defineDot(master []int32, c []int16) int32 {
	var sum int64
	for i, m := range master {
		sum += int64(hw.MatchWeight(m)) * int64(c[i])
	}
	if sum != int64(int32(sum)) {
		panic(panicRange)
	}
	return int32(sum)
}

func defineLearn(master []int32, c []int16, reciprocal uint32, eta int32) {
	for i, m := range master {
		master[i] = m + hw.MulHigh(hw.Normalised(c[i], reciprocal)-m, eta)
	}
	var sum int64
	for _, m := range master {
		sum += int64(m) * int64(m)
	}
	factor := hw.Renormal(sum)
	for i, m := range master {
		master[i] = m + hw.MulHigh(m, factor)
	}
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

const panicRange = "hwtest: the test's own values leave the bounds of the formats"
