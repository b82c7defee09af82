package fpga

import (
	"fmt"

	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/fpga"
)

// The bounds of a delta engine: its headers have 16 bits for a word of sums, and both memories of a model together
// stay below 100 MB.
const (
	MaxSums         = 1 << 16
	maxDeltaWeights = 1 << 25 // lanes times words
	maxDeltaSums    = 1 << 23 // lanes times words
)

// deltaLayers is how many layers can be described.
const deltaLayers = 32

// DeltaBuild is the default build with a delta engine that holds 720,896 weights and 45,056 sums, where layers fill
// their words: 11.5 and 1.4 million bits. That is much more memory than all of FEAST takes, and most of a larger FPGA's;
// what it adds to a smaller one is less of both.
func DeltaBuild() Build {
	b := DefaultBuild()
	b.Weights, b.Sums = 4096, 256
	return b
}

// DeltaCapabilities are what the build's delta engine has, as its registers tell.
func (b Build) DeltaCapabilities() fpga.DeltaCapabilities {
	return fpga.DeltaCapabilities{Lanes: b.Lanes, Weights: b.Weights, Sums: b.Sums, Layers: deltaLayers}
}

func (b Build) validateDelta() error {
	switch {
	case b.Weights == 0 && b.Sums == 0:
		return nil
	case b.Weights < 1 || b.Weights > maxDeltaWeights/b.Lanes:
		return fmt.Errorf("build: %d words of a delta engine's weights: expected 1 to %d, of %d lanes", b.Weights, maxDeltaWeights/b.Lanes, b.Lanes)
	case b.Sums < 1 || b.Sums > min(MaxSums, maxDeltaSums/b.Lanes):
		return fmt.Errorf("build: %d words of a delta engine's sums: expected 1 to %d, of %d lanes", b.Sums, min(MaxSums, maxDeltaSums/b.Lanes), b.Lanes)
	}
	return nil
}

// deltaEngine is what the delta engine has of memory. Its lanes are those that match.
type deltaEngine struct {
	lanes   int
	weights []int16  // [word][lane]
	sums    []int32  // [word][lane]
	touched []uint16 // of each word of sums a bit for each block
	staged  [(fpga.RegSumsAt-fpga.RegKind)/4 + 1]uint32
	layers  [deltaLayers]deltaLayer

	counts [fpga.DeltaCounts]uint64
	usage  deltaUsage
}

// deltaLayer is a layer that was described, and what follows from it.
type deltaLayer struct {
	fpga.DeltaLayer
	there       bool
	inputs      int
	block       int // lanes for channels
	parts       int // words for channels
	words       int // of sums
	across      int // tiles
	height, wid int // of the output
}

func (e *deltaEngine) make(b Build) {
	e.lanes = b.Lanes
	e.weights, e.sums, e.touched = make([]int16, b.Weights*b.Lanes), make([]int32, b.Sums*b.Lanes), make([]uint16, b.Sums)
}

// there tells whether the build has a delta engine.
func (e *deltaEngine) there() bool { return len(e.sums) > 0 }

// clear makes all memories 0; no layer is described any more.
func (e *deltaEngine) clear() {
	clear(e.weights)
	clear(e.sums)
	clear(e.touched)
	e.layers = [deltaLayers]deltaLayer{}
}

// deltaState are the registers of its control.
type deltaState struct {
	layer    uint8 // whose changes they are
	selected bool

	// Changes whose addresses are being found; the last is the one at work.
	prepared [prepareLatency]deltaChange
	part     uint16 // of its words, to be issued next
	pipe     uint8  // words on their way to the sums: a pipeline of one bit

	wait uint32 // cycles that clearing still takes
	read deltaRead
}

type deltaChange struct {
	valid bool
	word  uint32
}

// The delta engine's latencies; see timing.go.
const (
	// Where an input's outputs lie is found in three cycles: its pixel and channel, the pixel's row
	// and column, and where the outputs lie that these reach.
	prepareLatency = 3
	// Of a word of weights whose address is there in cycle t, the weights are turned to their blocks in t+1; in t+2
	// products are made and sums read; they are added in t+3, and written in t+deltaLatency.
	deltaLatency = 4
)

// busy tells whether anything is under way.
func (s *deltaState) busy() bool {
	return s.working() || s.pipe != 0
}

// working tells whether there is anything but sums on their way to be written.
func (s *deltaState) working() bool {
	return s.prepared[0].valid || s.prepared[1].valid || s.prepared[2].valid || s.wait != 0 || s.read.on
}

// What the delta engine does in a cycle to its memories.
const (
	deltaNothing = iota
	deltaAdds
	deltaZeroes
	deltaSends // a word's header, behind which it no longer counts as touched
)

type deltaPending struct {
	does   uint8
	taken  bool // a change
	change uint32
	layer  uint8
	part   uint16
	at     uint32 // word of sums
}

// describe checks the staged description and takes it for a layer; bad is the register that makes no sense.
func (e *deltaEngine) describe(number uint32) (bad uint32) {
	reg := func(address uint32) uint32 { return e.staged[(address-fpga.RegKind)/4] }
	l := &e.layers[number]
	*l = deltaLayer{}
	const most = hw.MaxDeltaInputs
	kind, size := reg(fpga.RegKind), reg(fpga.RegSize)
	n := fpga.DeltaLayer{WeightsAt: int(reg(fpga.RegWeightsAt)), SumsAt: int(reg(fpga.RegSumsAt))}
	n.Channels, n.Outputs = int(reg(fpga.RegChannels)), int(reg(fpga.RegOutputs))
	n.Height, n.Width = int(size>>16), int(size&0xffff)
	switch kind & 3 {
	case fpga.KindNone:
		return valid(kind == 0, fpga.RegKind)
	case fpga.KindLinear:
		n.Kind = hw.DeltaLinear
		if kind != fpga.KindLinear {
			return fpga.RegKind
		}
	case fpga.Kind3x3:
		n.Kind, n.Stride, n.Padding = hw.DeltaConv3x3, int(kind>>8&3), int(kind>>16&1)
		if kind&^(1<<16|3<<8|3) != 0 || n.Stride < 1 || n.Stride > 2 || e.lanes < fpga.DeltaBlocks {
			return fpga.RegKind
		}
	default:
		return fpga.RegKind
	}
	switch {
	case n.Channels < 1 || n.Channels > most:
		return fpga.RegChannels
	case n.Kind == hw.DeltaLinear && size != 1<<16|1 || n.Height < 1 || n.Width < 1 || n.Inputs() > most:
		return fpga.RegSize
	case n.Kind == hw.DeltaConv3x3 && min(n.Height, n.Width)+2*n.Padding < 3:
		return fpga.RegSize
	case n.Outputs < 1 || n.Outputs > MaxSums*e.lanes:
		return fpga.RegOutputs
	case n.WeightsAt+n.WeightWords(e.lanes) > len(e.weights)/e.lanes:
		return fpga.RegWeightsAt
	case n.SumsAt+n.SumWords(e.lanes) > len(e.sums)/e.lanes:
		return fpga.RegSumsAt
	}
	*l = deltaLayer{DeltaLayer: n, there: true, inputs: n.Inputs(), block: n.Block(e.lanes), parts: n.Parts(e.lanes), words: n.SumWords(e.lanes)}
	_, l.across = n.Tiles()
	l.height, l.wid = n.Out()
	return 0
}

func valid(ok bool, address uint32) uint32 {
	if ok {
		return 0
	}
	return address
}
