package rtltest_test

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// drawShape makes a layer's shape, as small as to be filled by a few changes, and of as few lanes as the build has.
func drawShape(rng *rand.Rand, b fpga.Build) hw.DeltaShape {
	if rng.IntN(2) == 0 || b.Lanes < hwfpga.DeltaBlocks {
		return hw.DeltaShape{Kind: hw.DeltaLinear, Channels: 1 + rng.IntN(40), Height: 1, Width: 1, Outputs: 1 + rng.IntN(3*b.Lanes)}
	}
	s := hw.DeltaShape{
		Kind: hw.DeltaConv3x3, Channels: 1 + rng.IntN(4), Height: 1 + rng.IntN(11), Width: 1 + rng.IntN(11), Outputs: 1 + rng.IntN(9),
		Stride: 1 + rng.IntN(2), Padding: rng.IntN(2),
	}
	if s.Padding == 0 {
		s.Height, s.Width = s.Height+2, s.Width+2
	}
	return s
}

// drawShapes makes layers, four at the most, and so few words of them that they are soon read and written.
func drawShapes(rng *rand.Rand, b fpga.Build) []hw.DeltaShape {
	can := b.DeltaCapabilities()
	can.Weights, can.Sums = min(can.Weights-2, 80), min(can.Sums-2, 32) // they need not begin at 0
	var shapes []hw.DeltaShape
	for range 20 {
		more := append(slices.Clone(shapes), drawShape(rng, b))
		if _, err := can.Place(more); err == nil && len(more) <= 4 {
			shapes = more
		}
	}
	return shapes
}

// drawChanges makes words of changes: of inputs in turn and at random, of one input over and over, of the first and the
// last, and by how much a word can hold.
func drawChanges(rng *rand.Rand, s hw.DeltaShape, n int) (words []uint32) {
	index := rng.IntN(s.Inputs())
	how := rng.IntN(4)
	for range n {
		switch how {
		case 0:
			index = (index + 1) % s.Inputs()
		case 1:
			index = rng.IntN(s.Inputs())
		case 2:
			if rng.IntN(3) == 0 {
				index = []int{0, s.Inputs() - 1, rng.IntN(s.Inputs())}[rng.IntN(3)]
			}
		}
		value := int32(rng.IntN(255) - 127)
		if rng.IntN(10) == 0 {
			value = []int32{math.MaxInt16 - 1, math.MinInt16, -1, 1, 0}[rng.IntN(5)]
		}
		words = append(words, hwfpga.ChangeWord(int32(index), value))
	}
	return words
}

// drawDeltaWords makes words of events and of changes, in turn, with every command in between; some name what there
// is not.
func drawDeltaWords(rng *rand.Rand, c hwfpga.Config, shapes []hw.DeltaShape, n int) (words []uint32) {
	command := func(w uint32) { words = append(words, hwfpga.CommandWord, w) }
	for range n {
		number := rng.IntN(len(shapes))
		shape := shapes[number]
		if rng.IntN(25) == 0 {
			number = []int{len(shapes), 31, 32, 32 + number, 255}[rng.IntN(5)]
		}
		switch rng.IntN(16) {
		case 0, 1, 2, 3, 4, 5, 6:
			command(hwfpga.Changes(uint8(number)))
			words = append(words, drawChanges(rng, shape, rng.IntN(20))...)
			switch rng.IntN(12) {
			case 0: // which the layer does not have
				words = append(words, hwfpga.ChangeWord(int32(shape.Inputs()), 3), hwfpga.ChangeWord(1<<16-1, -1))
			case 1:
				words = append(words, rng.Uint32()|1<<31)
			}
		case 7, 8, 9:
			command(hwfpga.Sums(uint8(number), rng.IntN(4) > 0))
		case 10:
			command(hwfpga.Zero(uint8(number)))
		case 11:
			command(hwfpga.Mark(uint16(rng.Uint32())))
		case 12:
			command(hwfpga.Changes(uint8(number)))
		default:
			command(hwfpga.SetMode(true, true))
			words = append(words, drawWords(rng, c, 1+rng.IntN(4))...)
		}
	}
	for i := range shapes {
		command(hwfpga.Sums(uint8(i), false))
	}
	return words
}
