package link

import (
	"fmt"
	"math/rand/v2"
)

// Class is what of a link's traffic something is: a bit each, so that a rule can be about several.
type Class uint16

// The classes. Those up to Commands go towards the device, Results, Details and Marks come from it.
const (
	Events   Class = 1 << iota // the first words of events
	Times                      // the second words of events: their stamps
	Commands                   // commands, with the words that announce them
	Results                    // the first words of results
	Details                    // dot products and norms behind them
	Marks                      // answers to marks
	Reads                      // of registers
	Writes                     // to registers

	In        = Events | Times | Commands
	Out       = Results | Details | Marks
	Registers = Reads | Writes

	allClasses = In | Out | Registers
)

// Action is what a rule does to what it strikes.
type Action int

// The actions. Late and Swap are for words alone.
const (
	// Drop loses it. A reading that is lost is [hwfpga.ErrTimeout].
	Drop    Action = iota
	Repeat         // it comes twice
	Swap           // it comes behind the next word of its direction
	Late           // it comes Ticks later; the words behind it overtake it
	Flip           // Bits of its bits are turned over: Bit, or any where that is -1
	Garbage        // it is any word at all
	Stray          // a word that nobody sent comes behind it; an access to a register goes to another address: Bit of it is turned over
	Cut            // the link is gone from there on, see Rule

	actions
)

var actionNames = [...]string{"drop", "repeat", "swap", "late", "flip", "garbage", "stray", "cut"}

func (a Action) String() string {
	if a < 0 || a >= actions {
		return fmt.Sprintf("action %d", int(a))
	}
	return actionNames[a]
}

// Rule is something that goes wrong.
type Rule struct {
	Do   Action
	What Class
	// Rate is the probability for each, from 0 to 1; with 0, it strikes once, and At is the number of what it strikes
	// among those of its classes, from 0.
	Rate float64
	At   int64
	Seed uint64

	Bit   int    // of Flip and Stray, 0 to 31, -1 for any
	Bits  int    // of Flip: how many, 1 to 32, where Bit is -1; 0 stands for 1
	Ticks uint64 // of Late

	// Of Cut: for how many calls the link is gone, 0 for ever; Silent: what is sent in that time is lost without an
	// error, and what is received is a timeout, otherwise each call is [ErrCut]; Reset: the device was reset meanwhile.
	Calls  int64
	Silent bool
	Reset  bool
}

func (r *Rule) validate() error {
	switch {
	case r.Do < 0 || r.Do >= actions:
		return fmt.Errorf("link: action: expected 0 to %d, found %d", int(actions)-1, int(r.Do))
	case r.What == 0 || r.What&^allClasses != 0:
		return fmt.Errorf("link: %v: expected classes of traffic, found %#x", r.Do, uint16(r.What))
	case (r.Do == Swap || r.Do == Late) && r.What&Registers != 0:
		return fmt.Errorf("link: %v: expected classes of words, found registers among them", r.Do)
	case !(r.Rate >= 0 && r.Rate <= 1):
		return fmt.Errorf("link: %v: expected a rate of 0 to 1, found %v", r.Do, r.Rate)
	case r.At < 0 || r.Calls < 0:
		return fmt.Errorf("link: %v: expected numbers of 0 or more, found %d and %d", r.Do, r.At, r.Calls)
	case r.Bit < -1 || r.Bit > 31:
		return fmt.Errorf("link: %v: expected a bit of -1 to 31, found %d", r.Do, r.Bit)
	case r.Bits < 0 || r.Bits > 32 || r.Bits > 1 && r.Bit >= 0:
		return fmt.Errorf("link: %v: expected 1 to 32 bits, and one where it is named, found %d", r.Do, r.Bits)
	}
	return nil
}

// rule is one at work.
type rule struct {
	Rule
	rng    *rand.Rand
	seen   int64 // of its classes
	struck int64
}

// strikes tells whether it strikes the next of a class.
func (r *rule) strikes(c Class) bool {
	if r.What&c == 0 {
		return false
	}
	hit := r.Rate == 0 && r.seen == r.At || r.Rate > 0 && r.rng.Float64() < r.Rate
	r.seen++
	if hit {
		r.struck++
	}
	return hit
}

// change is a word as Flip or Garbage leaves it; never the same.
func (r *rule) change(w uint32) uint32 {
	if r.Do == Garbage {
		return w ^ (1 + r.rng.Uint32N(1<<32-1))
	}
	if r.Bit >= 0 {
		return w ^ 1<<r.Bit
	}
	for _, bit := range r.rng.Perm(32)[:max(r.Bits, 1)] {
		w ^= 1 << bit
	}
	return w
}
