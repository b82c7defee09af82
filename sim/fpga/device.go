package fpga

import "github.com/saccade-dev/saccade/hw/fpga"

// Device is the accelerator. It is advanced by [Device.Tick], a cycle a call, and its
// registers are read and written in between. It is used by one goroutine at a time.
type Device struct {
	build Build

	staged [(fpga.RegLast-fpga.RegWidth)/4 + 1]uint32 // configuration registers as they were written
	config fpga.Config
	side   int
	passes int // of the weights for one event

	configured bool
	fault      uint32 // RegError
	overflow   uint32 // Status bits
	window     struct {
		what, place uint32
	}
	held          uint32 // upper word of the counter that was read last
	counts        [fpga.Counters]uint64
	usage         usage
	wipe          uint32 // cycles that wiping still takes
	events        uint16 // number of the next event, for its result
	current, next *state

	inputs  []uint32
	results []uint32
	order   [orderLength]token
	queue   [decideLength]token

	banks    surfaceBanks
	decay    decayTable
	contexts [slots]patch
	weights  weights

	dots [matchedAhead][]int32 // rows of dot products, by the lowest bit of the event's number
	last int                   // which of them was decided last

	learned int // the neuron that learned last

	delta deltaEngine

	checks   wordChecks
	injected []*Injection // faults; see Inject
	damaged  bool         // match weights may be others than those that follow from the master weights

	pending pending
}

// pending is what a cycle writes to the memories when it ends.
type pending struct {
	token     bool // to the order queue
	order     token
	decide    bool // to the decide queue
	queued    token
	surface   uint8 // what the surface unit does
	event     stage
	match     bool // an event that begins to be matched
	matching  token
	decision  bool
	decided   token
	winner    int16
	dot       int32
	learns    bool
	answers   bool
	answer    writeState
	parsed    uint32 // an error of the parser, and one of the surface unit
	commanded uint32
	attach    bool
	inWord    bool
	word      uint32
	outWord   bool
	outResult uint32
	delta     deltaPending
}

// NewDevice makes a device that is not yet configured: it takes no events.
func NewDevice(b Build) (*Device, error) {
	if err := b.Validate(); err != nil {
		return nil, err
	}
	d := &Device{build: b, current: &state{}, next: &state{}, inputs: make([]uint32, b.In), results: make([]uint32, b.Out)}
	d.banks.cells = make([][]uint32, b.Rows)
	for i := range d.banks.cells {
		d.banks.cells[i] = make([]uint32, b.Cells)
	}
	d.current.learn.age = longLearnt
	d.delta.make(b)
	return d, nil
}

// Build is what the device was synthesised as.
func (d *Device) Build() Build { return d.build }

// In is what a cycle brings to the device's pins.
type In struct {
	Valid bool   // Word is one
	Word  uint32 // of the event stream
	Ready bool   // the result that was on the pins before this cycle is taken
}

// Out is what the device has on its pins: what is true before the next cycle.
type Out struct {
	Ready bool // a word would be taken (with FlagDropIn, taken or dropped)
	Valid bool // Word is one
	Word  uint32
}

// Out is what is on the device's pins now.
func (d *Device) Out() Out {
	c := d.current
	o := Out{Ready: d.ready(c), Valid: c.out.count > 0}
	if o.Valid {
		o.Word = d.results[c.out.head&uint32(len(d.results)-1)]
	}
	if d.injected != nil {
		return d.damagedPins(o)
	}
	return o
}

// Tick is one cycle. The word is taken where Out().Ready was, and the result where
// Out().Valid was.
func (d *Device) Tick(in In) {
	if d.injected != nil && d.inject() {
		return
	}
	d.counts[fpga.CountCycles]++
	*d.next, d.pending = *d.current, pending{}
	d.stepInput(in)
	d.stepParse()
	d.stepSurface()
	d.stepNorm()
	d.stepMatch()
	d.stepDecide()
	d.stepLearn()
	d.stepResults(in)
	if d.delta.there() {
		d.stepDelta()
	}
	d.commit()
	if d.wipe > 0 {
		d.wipe-- // behind all that asks for it: what was not ready before the cycle takes nothing in it
	}
}

// commit is the clock's edge: memories take what was written to them, registers their
// next values.
func (d *Device) commit() {
	p := &d.pending
	if p.surface != surfaceNothing {
		d.commitSurface()
	}
	if p.match {
		d.computeDots()
		if d.injected != nil {
			d.damagedDots()
		}
	}
	if p.decision {
		d.commitDecision()
		if d.damaged && p.learns {
			d.writtenMatch(int(p.decided.bank), int(p.winner), 0, d.weights.elements)
		}
	}
	if p.attach {
		d.correct()
	}
	if p.delta.does != deltaNothing {
		d.commitDelta()
	}
	if p.inWord {
		i := d.current.in.head + d.current.in.count
		d.inputs[i&uint32(len(d.inputs)-1)] = p.word
	}
	if p.outWord {
		i := d.current.out.head + d.current.out.count
		d.results[i&uint32(len(d.results)-1)] = p.outResult
	}
	if p.token {
		d.order[(d.current.order.head+d.current.order.count)%orderLength] = p.order
	}
	if p.decide {
		d.queue[(d.current.queue.head+d.current.queue.count)%decideLength] = p.queued
	}
	if p.answers {
		d.next.write = p.answer
	}
	switch l := &d.next.learn; {
	case p.decision && p.decided.number == l.number+1 && !p.learns:
		l.attached = false // or an event much later, of the same lowest bits, would seem to be corrected
	case p.learns:
		l.age, l.attached, l.bank, l.number = 0, false, p.decided.bank, p.decided.number
	}
	for _, fault := range [...]uint32{p.commanded, p.parsed} {
		if d.fault == 0 {
			d.fault = fault
		}
	}
	d.current, d.next = d.next, d.current
	d.usage.inMost = max(d.usage.inMost, d.current.in.count)
	d.usage.outMost = max(d.usage.outMost, d.current.out.count)
}

// Idle tells whether no event is under way: what was taken in has been answered, but for
// results that wait in the FIFO.
func (d *Device) Idle() bool {
	c := d.current
	return d.wipe == 0 && c.in.count == 0 && !c.parse.second && !c.entry.second && !c.a.valid && !c.b.valid &&
		c.surface.column == 0 && c.surface.wait == 0 && c.first|c.last == 0 && c.order.count == 0 && c.queue.count == 0 &&
		!c.decide.valid && c.busy == 0 && c.root|c.scale == 0 && c.write.words == 0 && !c.learn.busy(d.side) && !c.delta.busy()
}

// fault is what the error register holds of an error.
func fault(code, operand uint32) uint32 { return code<<24 | operand&(1<<24-1) }
