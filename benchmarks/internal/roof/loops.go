package roof

import "unsafe"

// blockWords is what a loop over memory takes an iteration, in uint32.
const blockWords = 128

// vector is a register's worth of numbers, as a loop takes them: int16 or int32, as
// many as the register has.
type vector [16]int32

func (v *vector) int16s() *[32]int16 { return (*[32]int16)(unsafe.Pointer(v)) }

// loops are what a unit is timed at. Each gives a result that shows that it did what
// it says.
type loops struct {
	// load is, rounds times, sums[i%lanes] += p[i], with sums of zero before; lanes is
	// how many uint32 a register has.
	load func(sums *vector, p []uint32, rounds int)
	// store is, rounds times, p[i] = value.
	store func(p []uint32, rounds int, value uint32)
	// products are the multiplications, one or more ways for each of the resources.
	products []productLoop
}

// productLoop is a loop over registers. That of [MulAdd16] is, times*rounds times,
// sums[i] += x[2*i]*y[2*i] + x[2*i+1]*y[2*i+1], of int16 in int32. Those of the others
// are p[i] *= y[i], rounds times, with p = x before, and sums[i] = times*p[i] at the
// end: of int16 in [Mul16], of int32 in [Mul32].
type productLoop struct {
	resource Resource
	name     string // what multiplies
	times    int    // instructions that multiply a round
	run      func(sums, x, y *vector, rounds int)
}

// PanicBlocks is the panic of a loop for memory that is not whole blocks.
const PanicBlocks = "roof: memory that is not one or more whole blocks"

// blocksOf is how many blocks memory has.
func blocksOf(p []uint32) int {
	if len(p) == 0 || len(p)%blockWords != 0 {
		panic(PanicBlocks)
	}
	return len(p) / blockWords
}

// PanicRounds is the panic of a loop that is to run less than once.
const PanicRounds = "roof: less than one round"

func checkRounds(rounds int) {
	if rounds < 1 {
		panic(PanicRounds)
	}
}
