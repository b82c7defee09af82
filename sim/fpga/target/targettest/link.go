package targettest

import (
	"errors"
	"fmt"

	"github.com/saccade-dev/saccade/hw/fpga"
	simfpga "github.com/saccade-dev/saccade/sim/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/target"
)

// Fault is what goes wrong.
type Fault int

// The faults. Those of words happen to the word in the middle of what is sent or received.
const (
	None        Fault = iota
	Dies              // every call fails from here on
	Silent            // nothing comes any more, and registers read as nobody's
	DropSent          // a word to the device is lost
	RepeatSent        // and comes twice
	DropGiven         // a word from the device is lost
	RepeatGiven       // and comes twice
	Unplugged         // the device was switched off and on: it is not configured
	Restarted         // the device was configured anew, in the same way
	OverflowIn        // the device says that it has dropped words
	OverflowOut       // or results
	LoseWrite         // a register is not written
	Faults
)

func (f Fault) String() string {
	return [...]string{
		"none", "dies", "silent", "drops a word sent", "repeats a word sent", "drops a word given", "repeats a word given",
		"unplugged", "restarted", "overflow in", "overflow out", "loses a write",
	}[f]
}

// ErrDead is of the calls of a link that has died.
var ErrDead = errors.New("targettest: the link is dead")

// Link is a link that goes wrong. Until then, and behind faults that pass, it is what it stands in for.
type Link struct {
	*target.Link
	fault Fault
	left  int // calls until the fault
	Fired bool
	ghost bool // nobody is there
	flags uint32
}

// NewLink makes a link of a device that has the fault at the first call where it can happen behind so many calls.
func NewLink(l *target.Link, f Fault, behind int) *Link {
	return &Link{Link: l, fault: f, left: behind}
}

// due tells whether the fault is to happen now, in a call in which some can.
func (l *Link) due(of ...Fault) bool {
	l.left--
	if l.Fired || l.left >= 0 {
		return false
	}
	for _, f := range append(of, Dies, Silent, Unplugged, Restarted, OverflowIn, OverflowOut) {
		if f == l.fault {
			l.Fired = true
			return true
		}
	}
	return false
}

// strike does what a fault does to the device or to all calls.
func (l *Link) strike() {
	switch l.fault {
	case Dies, Silent:
		l.ghost = true
	case Unplugged:
		d, err := simfpga.NewDevice(l.Device().Build())
		if err != nil {
			panic(fmt.Sprintf("targettest: %v", err))
		}
		l.Link = target.NewLink(d)
	case Restarted:
		_ = l.Link.Write(fpga.RegControl, fpga.ControlApply|fpga.ControlCount) // which a device in this process takes
	case OverflowIn:
		l.flags |= fpga.StatusOverflowIn
	case OverflowOut:
		l.flags |= fpga.StatusOverflowOut
	default:
	}
}

// Send implements [fpga.Link].
func (l *Link) Send(words []uint32) error {
	if len(words) > 0 && l.due(DropSent, RepeatSent) {
		l.strike()
		if changed, ok := l.word(words, DropSent, RepeatSent); ok {
			return l.Link.Send(changed)
		}
	}
	switch {
	case l.ghost && l.fault == Dies:
		return ErrDead
	case l.ghost:
		return nil // into the void
	}
	return l.Link.Send(words)
}

// word gives words of which the middle one is lost or doubled, where that is the fault.
func (l *Link) word(words []uint32, drop, repeat Fault) (changed []uint32, ok bool) {
	m := len(words) / 2
	switch l.fault {
	case drop:
		return append(append(changed, words[:m]...), words[m+1:]...), true
	case repeat:
		return append(append(changed, words[:m+1]...), words[m:]...), true
	}
	return nil, false
}

// Window implements [fpga.Link]: one less, so that a word can be doubled.
func (l *Link) Window() int { return l.Link.Window() - 1 }

// Receive implements [fpga.Link].
func (l *Link) Receive(words []uint32) (int, error) {
	due := l.due(DropGiven, RepeatGiven)
	if due {
		l.strike()
	}
	if l.ghost {
		return 0, l.gone()
	}
	if !due || l.fault != DropGiven && l.fault != RepeatGiven {
		return l.Link.Receive(words)
	}
	n, err := l.Link.Receive(words[:max(1, len(words)-1)])
	if err != nil {
		return n, err
	}
	changed, _ := l.word(words[:n], DropGiven, RepeatGiven)
	if len(changed) == 0 { // the only word was lost
		return l.Link.Receive(words)
	}
	return copy(words, changed), nil
}

func (l *Link) gone() error {
	if l.fault == Dies {
		return ErrDead
	}
	return fpga.ErrTimeout
}

// Read implements [fpga.Bus].
func (l *Link) Read(address uint32) (uint32, error) {
	if l.due() {
		l.strike()
	}
	if l.ghost {
		return 0, l.gone()
	}
	v, err := l.Link.Read(address)
	if address == fpga.RegStatus {
		v |= l.flags
	}
	return v, err
}

// Write implements [fpga.Bus].
func (l *Link) Write(address, value uint32) error {
	if l.due(LoseWrite) {
		l.strike()
		if l.fault == LoseWrite {
			return nil
		}
	}
	if l.ghost {
		return l.gone()
	}
	return l.Link.Write(address, value)
}

// Break has a fault of the whole device happen now.
func (l *Link) Break(f Fault) {
	l.fault, l.Fired = f, true
	l.strike()
}

// Next has a fault happen at the next call where it can.
func (l *Link) Next(f Fault) { l.fault, l.Fired, l.left = f, false, 0 }
