package hw

import "github.com/saccade-dev/saccade/events"

// Opener is a target with memories of its own, such as an accelerator: it takes whole layers in
// the stead of their inner loops. Its Kernels are those of a processor, for what it does not take itself.
type Opener interface {
	Target
	// Open gives a layer to the device: it must be able to hold it, otherwise the error says which number of the
	// configuration is beyond what the device has. Behind it, all of the engine's memories are zero.
	Open(c EngineConfig) (Engine, error)
}

// Fitter is an [Opener] that knows whether it could hold a layer without giving it to a device, which may be in use.
type Fitter interface {
	Opener
	// Fits is the error that Open would give for a number that is beyond what the device has, nil where there is
	// none.
	Fits(c EngineConfig) error
}

// EngineConfig is what an engine has to know of a layer.
type EngineConfig struct {
	Geometry events.Geometry
	Mode     EngineMode
	Radius   int // of patches, in pixels
	Neurons  int // of each bank
	// Zero says that pixels beyond the border count as never fired; otherwise events whose patch crosses it
	// are answered by Border.
	Zero      bool
	Decay     *Decay
	MinRecent int // see [Bank]
	Recent    int16
}

// EngineMode is what an event's polarity is to a layer.
type EngineMode int

// The modes.
const (
	EngineMerged EngineMode = iota // nothing: one surface, one bank
	EngineSplit                    // a surface and a bank each
	EngineOn                       // OFF events are answered by Ignored
)

// Banks is the number of banks, and of planes of the surface.
func (c *EngineConfig) Banks() int {
	if c.Mode == EngineSplit {
		return 2
	}
	return 1
}

// EngineEvent is an event as engines take it: with a stamp in the stead of its time.
type EngineEvent struct {
	X, Y  uint16
	P     events.Polarity
	Stamp uint32 // at most MaxStamp
}

// EngineState is what an engine holds of a layer: the surface's stamps, what was learned, and the thresholds.
type EngineState struct {
	Cells      []uint32 // [bank][y][x], without a border
	Master     []int32  // Q24 [bank][neuron][y][x]
	Thresholds []int32  // Q24 [bank][neuron]
}

// Rates are what a bank learns by.
type Rates struct {
	Eta    int32 // Q32, below one half
	DeltaI int32 // Q24
	DeltaE int32 // Q24
}

// Engine is a layer on a device, whose results are the bits that [Bank]'s rule gives. It is used by one goroutine at a time.
//
// Every method may fail: a device can be gone, answer nonsense or have lost words. What a failed call has
// done is then unknown, and every call after it fails as well; the caller goes on from an earlier state, elsewhere.
//
// Misuse panics, and does nothing: results or a state of other lengths, a bank that there is none of, a rate below
// zero, a move of 2^31 or more.
type Engine interface {
	// Process takes events through the rule, in their order, and puts one result an event into winners, which
	// has their length, as [Layer] has it. It returns when all were answered.
	Process(in []EngineEvent, winners []int16) error
	// Clear makes all stamps of the surface 0, and Rebase takes move, below 2^31, off every one of them; what is
	// not larger becomes 0.
	Clear() error
	Rebase(move uint32) error
	// SetMode turns learning and selecting on or off from the next event on. What learns also selects.
	SetMode(learning, selecting bool) error
	// SetRates sets what a bank learns by from the next event on.
	SetRates(bank int, r Rates) error
	// Load puts a state in, and Store gets it; slices that are nil are left out. Others have their full lengths.
	Load(s EngineState) error
	Store(s EngineState) error
	// Close gives the device back. It may be called once more, and behind a failure.
	Close() error
}
