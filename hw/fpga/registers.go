package fpga

// The register map: byte addresses of words of 32 bits. Registers that are marked "apply"
// take effect when ControlApply is written; those marked "live" at once, while the device
// is idle.
const (
	RegID      = 0x000 // read only: [ID]
	RegVersion = 0x004 // read only: [Version]
	RegRows    = 0x008 // read only, as the five that follow: the Build
	RegLanes   = 0x00c
	RegNeurons = 0x010 // of each bank, at the most
	RegCells   = 0x014
	RegIn      = 0x018
	RegOut     = 0x01c

	RegControl = 0x020 // write only: Control bits
	RegStatus  = 0x024 // read only: Status bits
	RegError   = 0x028 // the first error: code in 31..24, address or operand in 23..0; a write clears it

	RegWidth   = 0x040 // apply
	RegHeight  = 0x044 // apply
	RegRadius  = 0x048 // apply
	RegBank    = 0x04c // apply: neurons of each bank
	RegMode    = 0x050 // apply: ModeMerged, ModeSplit or ModeOn
	RegFlags   = 0x054 // apply: Flag bits
	RegShifts  = 0x058 // apply: left in 4..0, right in 12..8, peak bits in 19..16, linear in 24
	RegRound   = 0x05c // apply
	RegRate    = 0x060 // apply: 16 bits
	RegHorizon = 0x064 // apply
	RegLeast   = 0x068 // apply: recent elements that an event needs; 0: none
	RegRecent  = 0x06c // apply: the least value of a recent element
	RegEta     = 0x070 // live: Q32, below one half; of bank 0, and RegBanks on of bank 1
	RegDeltaI  = 0x074 // live: Q24; likewise
	RegDeltaE  = 0x078 // live: Q24; likewise

	RegBanks = 0x010 // from a rate of bank 0 to that of bank 1

	RegLast = RegDeltaE + RegBanks

	RegWindow = 0x090 // what the window shows: a Window constant; writing it sets RegPlace to 0
	RegPlace  = 0x094 // where: see the Window constants
	RegData   = 0x098 // reads or writes there, and goes on to the next place

	// Counters of 64 bits: reading the lower word holds the upper one, four bytes behind.
	RegCounters = 0x100
)

// ID is what RegID reads, "SCAD" in little-endian letters, and Version what RegVersion
// does: the major number in the upper half, which changes when a host must.
const (
	ID      = 'S' | 'C'<<8 | 'A'<<16 | 'D'<<24
	Version = 1 << 16
)

// Bits of RegControl.
const (
	ControlApply = 1 << 0 // checks the configuration, wipes all memories and FIFOs, and takes events from then on
	ControlCount = 1 << 1 // clears the counters and the overflow bits
)

// Bits of RegStatus.
const (
	StatusConfigured  = 1 << 0
	StatusIdle        = 1 << 1 // nothing is under way, but for results that nobody took
	StatusError       = 1 << 2 // RegError has one
	StatusOverflowIn  = 1 << 3 // words were dropped before the input FIFO
	StatusOverflowOut = 1 << 4 // results were dropped before the result FIFO
)

// Values of RegMode: what an event's polarity is to the device.
const (
	ModeMerged = 0
	ModeSplit  = 1
	ModeOn     = 2
)

// Bits of RegFlags.
const (
	FlagZero      = 1 << 0 // pixels beyond the border count as never fired; else events there are skipped
	FlagLearning  = 1 << 1 // at the start; SetMode changes it
	FlagSelecting = 1 << 2 // at the start; SetMode changes it
	FlagDetail    = 1 << 3 // three words a result
	FlagDropIn    = 1 << 4 // what does not fit the input FIFO is dropped and counted
	FlagDropOut   = 1 << 5 // results that do not fit the result FIFO are dropped and counted

	AllFlags = 1<<6 - 1
)

// What the window shows, and the fields of RegPlace. Reading or writing RegData goes on
// to the next place: the lowest field counts first.
const (
	WindowMaster     = 0 // Q24: bank 31, neuron 30..16, row 15..8, column 7..0
	WindowThresholds = 1 // Q24: bank 31, neuron 30..16
	WindowSurface    = 2 // stamps: plane 31, y 30..16, x 15..0
	WindowSquares    = 3 // Q30, read only: bank 31, neuron 30..16
	WindowDots       = 4 // read only, of the last event that was compared: neuron 30..16

	Windows = 5
)

// Error codes of RegError.
const (
	ErrorAddress = 1 + iota // no register at that address, or misaligned
	ErrorAccess             // a read only register was written, or a write only one read
	ErrorValue              // a register refuses the value
	ErrorBusy               // a configuration or a memory was to be touched while events were under way
	ErrorApply              // the configuration makes no sense: the address is the first register that does not
	ErrorWindow             // the window points at nothing
	ErrorCommand            // the stream had a command that there is none of: the operand is its upper bits
	ErrorStamp              // the stream had a stamp beyond the last one
	ErrorLayer              // a command named a layer that is not described: the operand is its number
	ErrorChange             // a change of an input that the layer does not have: the operand is its index
)

// The counters, in the order of their registers.
const (
	CountCycles     = iota // since the counters were cleared
	CountEvents            // that left the input FIFO
	CountResults           // results and marks that went into the result FIFO
	CountDroppedIn         // events and commands
	CountDroppedOut        // results and marks
	CountWon
	CountMissed
	CountNoise
	CountBorder
	CountOutside
	CountIgnored
	CountRefused
	CountCorrections // dot products computed again behind a learning step

	Counters
)
