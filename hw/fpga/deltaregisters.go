package fpga

// The registers of the delta engine. A build without one has none of them, and the minor number of its version is 0.
const (
	RegWeights = 0x02c // read only: words of weights, of a lane's 16 bits each
	RegSums    = 0x030 // read only: words of sums, of a lane's 32 bits each
	RegLayers  = 0x034 // read only: layers that can be described

	// A layer is described by what the registers from RegKind to RegSumsAt hold when its number is written to
	// RegLayer, while the device is idle; a layer that makes no sense is then not described any more.
	RegLayer     = 0x09c // write only
	RegKind      = 0x0a0 // kind in 1..0: KindNone, KindLinear or Kind3x3; of a convolution stride in 9..8, padding in 16
	RegChannels  = 0x0a4 // of the input; of a linear layer its inputs
	RegSize      = 0x0a8 // of the input: height in 31..16, width in 15..0; both 1 of a linear layer
	RegOutputs   = 0x0ac // channels of the output
	RegWeightsAt = 0x0b0 // first word of its weights
	RegSumsAt    = 0x0b4 // first word of its sums

	// Counters like those at RegCounters.
	RegDeltaCounters = 0x200
)

// VersionDelta is what RegVersion reads of a build with a delta engine.
const VersionDelta = Version | 1

// Values of the lowest two bits of RegKind.
const (
	KindNone   = 0 // no layer
	KindLinear = 1
	Kind3x3    = 2
)

// Windows of the delta engine, whose RegPlace is: word 31..13, lane 12..0. They go on lane by lane, then word by word.
const (
	WindowWeights = Windows + iota // two lanes a turn, that of an even number in 15..0, the one behind it in 31..16
	WindowSums                     // one lane a turn; what is written does not count as touched

	DeltaWindows
)

// PlaceLanes are the bits of a lane in the RegPlace of a delta window.
const PlaceLanes = 13

// The delta engine's counters, in the order of their registers.
const (
	DeltaActive  = iota // cycles in which it was not idle
	DeltaBusy           // cycles in which it began a word of weights
	DeltaTaken          // changes
	DeltaRefused        // changes of inputs that there are none of, or of no layer
	DeltaMACs           // multiply-adds
	DeltaSent           // sums

	DeltaCounts
)
