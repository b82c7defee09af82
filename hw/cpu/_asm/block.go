package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// The fields of the type block in hw/cpu/block.go, by their offsets; that file
// checks them when it is compiled.
const (
	fieldStride      = 0
	fieldSide        = 8
	fieldPlanes      = 16
	fieldPlane       = 24
	fieldLeft        = 32
	fieldRight       = 40
	fieldLimit       = 48
	fieldRound       = 52
	fieldRate        = 56
	fieldTop         = 60
	fieldCells       = 64
	fieldWeights     = 72
	fieldRow         = 80
	fieldNeurons     = 88
	fieldMaster      = 96
	fieldThresholds  = 104
	fieldContexts    = 112
	fieldSpace       = 120
	fieldDots        = 128
	fieldDotRow      = 136
	fieldSelecting   = 144
	fieldLearning    = 152
	fieldMinRecent   = 160
	fieldRecent      = 168
	fieldEta         = 172
	fieldDeltaI      = 176
	fieldDeltaE      = 180
	fieldDrop        = 184
	fieldRoundLength = 192
	fieldRateOnly    = 200
	fieldSquares     = 208
	fieldNext        = 216
	fieldCount       = 224
	fieldNextCount   = 232
	fieldAt          = 240
	fieldEnd         = 248
	fieldTurn        = 256
	fieldWinner      = 264
	fieldBatch       = 272
	fieldNextBatch   = 304
	fieldSums        = 336
	fieldNorms       = 368
	fieldShifts      = 400
	fieldFactors     = 432
	fieldLinear      = 464
	fieldOther       = 472
	fieldOtherDot    = 480
	fieldDot         = 488
	fieldDense       = 496
	fieldLast        = 504
	fieldLastHalf    = 512
	fieldFar         = 520
	fieldUsed        = 528
)

// The fields of hw.Step.
const (
	stepCell   = 0
	stepFirst  = 4
	stepNow    = 8
	stepWinner = 12
	stepBytes  = 16
)

const (
	batch   = 4       // hw.Batch
	pending = 1 << 31 // hw.Pending
	missed  = -1      // hw.Missed
	noise   = -4      // hw.Noise

	normFraction = 4  // hw.NormFraction
	matchShift   = 13 // hw.MatchShift
)

// reg64 is a new register of 64 bits; at is memory at a register.
func reg64() GPVirtual { return GP64() }

func at(base Register, disp int) Mem { return Mem{Base: base, Disp: disp} }

func indexed(base, index Register, scale uint8) Mem {
	return Mem{Base: base, Index: index, Scale: scale}
}

// field loads a field of the block.
func field(block Register, offset int) GPVirtual {
	r := reg64()
	MOVQ(at(block, offset), r)
	return r
}

// labels gives every use of a macro labels of its own.
type labels string

func (l labels) name(s string) string  { return string(l) + s }
func (l labels) ref(s string) LabelRef { return LabelRef(l.name(s)) }
func (l labels) mark(s string)         { Label(l.name(s)) }

// zero512 clears a register of 512 bits. To the register allocation, it does not
// depend on what was in it.
func zero512(v VecVirtual) {
	i, err := x86.VPXORD(v, v, v)
	if err != nil {
		panic(err)
	}
	i.CancellingInputs = true
	Instruction(i)
}
