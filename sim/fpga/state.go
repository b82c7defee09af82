package fpga

// state is every register of the control of the device. A cycle computes the next state
// from the current one, unit by unit; no unit sees what another has computed in the same
// cycle, so the order in which they are evaluated has no influence.
//
// Events that compete are counted as they go through: each counter below is the number
// of the first that has not come so far. The hardware has the lowest five bits of them,
// which tell all apart that can be under way.
type state struct {
	in  fifoState
	out fifoState

	// Before the input FIFO: what the next word is, and what becomes of it.
	entry struct {
		second   bool // the second word of an event or a command
		dropping bool // its first was dropped
		stale    bool // the last stamp was dropped, so that no event may go without
		command  bool // the second word is a command
		changes  bool // words are changes
		lost     bool // whose beginning was dropped
	}

	parse struct {
		second  bool
		changes bool
		first   uint32
	}
	stamp uint32 // of the last event
	a, b  stage

	mode struct{ learning, selecting bool }

	surface struct {
		column uint16 // of the patch that is read next; 0: none
		wait   uint32 // cycles that a command still takes
	}
	first, last uint32 // columns on their way to the context memory: pipelines of one bit

	begun    uint32 // contexts that were begun
	streams  uint32 // first column written
	summed   uint32 // sum of squares and recent elements known
	rooted   uint32 // norm known, where it is needed
	scaled   uint32 // scale known, where it is needed
	matching uint32 // matching begun
	decided  uint32
	busy     uint16 // slots whose context is needed

	root, scale uint8 // steps that are left

	order queueState
	queue queueState

	match struct {
		column, pass uint16
		groups       uint32 // last columns of passes: a pipeline of one bit
		rows         uint32 // rows of dot products written, ever
	}

	decide decideState
	learn  learnState
	write  writeState

	delta deltaState
}

type fifoState struct{ head, count uint32 }

// queueState is a short FIFO of tokens.
type queueState struct{ head, count uint16 }

// stage is an event, or a command, between the input FIFO and the surface.
type stage struct {
	valid   bool
	command bool
	change  bool // of the delta engine: the stamp is the word
	refused bool
	p       uint8
	x, y    uint16
	stamp   uint32 // or the command
}

// token is what of an event goes through the order queue and the decision.
type token struct {
	mark      bool
	competes  bool
	learning  bool
	selecting bool
	bank      uint8
	result    int16  // of what does not compete
	tag       uint16 // of a mark
	skipped   bool   // noise that was not matched
	number    uint32 // among those that compete
}

type decideState struct {
	valid   bool
	working bool
	t       token

	limitNext   uint16 // row of thresholds that is read next
	limits      uint16 // rows of limits that are there
	limitPipe   uint8
	next        uint16 // row of dot products that is read next
	compared    uint16
	comparePipe uint8
	taken       uint32 // rows of dot products compared, ever
}

// learnState is the last decision that learned.
type learnState struct {
	age      uint8 // cycles since, up to longLearnt
	attached bool  // the next event's dot product is computed again
	bank     uint8
	number   uint32

	// The column of the winner's weights that is read.
	reading uint16 // columns left
	slot    uint32
}

// writeState is a result on its way to the FIFO.
type writeState struct {
	words           uint8  // that are left
	word, dot, norm uint32 // the next of them, and those behind it
}

func (l *learnState) busy(side int) bool { return int(l.age) <= correctionReady+side }
