package fpga

import "github.com/saccade-dev/saccade/hw"

// DeltaLayer is where a layer lies in the memories of a delta engine.
//
// A word of a linear layer has a lane for each output, of as many as there are lanes. A word of a convolution has
// nine blocks of lanes, a lane in each for an output channel: of weights, a block for each element of the kernel; of
// sums, a block for each of 3x3 outputs that lie side by side, so that all outputs which an input
// reaches are in blocks of their own.
type DeltaLayer struct {
	hw.DeltaShape
	WeightsAt, SumsAt int // the first words
}

// DeltaBlocks is the number of blocks that a word of a convolution has.
const DeltaBlocks = 9

// Block is how many lanes of a word hold output channels of one output, 0 where there are too few lanes.
func (l *DeltaLayer) Block(lanes int) int {
	if l.Kind == hw.DeltaConv3x3 {
		return lanes / DeltaBlocks
	}
	return lanes
}

// Parts is how many words the output channels of one output, or one block, are spread over.
func (l *DeltaLayer) Parts(lanes int) int {
	b := l.Block(lanes)
	return (l.Outputs + b - 1) / b
}

// Tiles is how many tiles of 3x3 outputs there are, along y and along x.
func (l *DeltaLayer) Tiles() (down, across int) {
	if l.Kind != hw.DeltaConv3x3 {
		return 1, 1
	}
	height, width := l.Out()
	return (height + 2) / 3, (width + 2) / 3
}

// WeightWords is how many words of weights a layer has: [input][part], of a convolution [input channel][part].
func (l *DeltaLayer) WeightWords(lanes int) int { return l.Channels * l.Parts(lanes) }

// SumWords is how many words of sums a layer has: [tile along y][tile along x][part].
func (l *DeltaLayer) SumWords(lanes int) int {
	down, across := l.Tiles()
	return down * across * l.Parts(lanes)
}

// words are the registers of a layer's description, in their order.
func (l *DeltaLayer) words() []setting {
	kind := uint32(KindLinear)
	if l.Kind == hw.DeltaConv3x3 {
		kind = Kind3x3 | uint32(l.Stride)<<8 | uint32(l.Padding)<<16
	}
	return []setting{
		{RegKind, kind},
		{RegChannels, uint32(l.Channels)},
		{RegSize, uint32(l.Height)<<16 | uint32(l.Width)},
		{RegOutputs, uint32(l.Outputs)},
		{RegWeightsAt, uint32(l.WeightsAt)},
		{RegSumsAt, uint32(l.SumsAt)},
	}
}

// Describe describes a layer to a device that is idle. One that is refused is an error that names the register.
func Describe(b Bus, number int, l *DeltaLayer) error {
	for _, s := range append(l.words(), setting{RegLayer, uint32(number)}) {
		if err := b.Write(s.address, s.value); err != nil {
			return err
		}
	}
	return Complaint(b)
}
