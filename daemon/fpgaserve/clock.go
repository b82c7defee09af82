package fpgaserve

import (
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

const (
	// batch is how many cycles a request waits for at the most.
	batch = 512
	// stuckAfter is more cycles than any build takes for what it does between two words, as long as its results are
	// taken: wiping or rebasing its surface. The memories of a delta engine are wiped as well, and come on top of it.
	stuckAfter = fpga.MaxCells + 4*fpga.MaxNeurons*fpga.MaxRows
	// chunk is how many words are taken from a ring at once, and how many results wait for one.
	chunk = 4096
)

// clock moves the device, with the words that are for it and the results that it has.
type clock struct {
	machine Machine
	stuck   int // cycles without a word or a result behind which it is not waited for any longer
	taken   [chunk]uint32
	words   []uint32 // of taken: whole events, commands and changes
	at      int      // the next of them
	device  framing  // ahead of that one
	half    bool     // the first of two was taken behind the words, without its second
	first   uint32   // that one
	results []uint32 // that were not given away yet
	purging bool     // results are thrown away
	quiet   int      // cycles since a word was taken or a result given
}

func newClock(m Machine) clock {
	c := clock{machine: m, stuck: stuckAfter, results: make([]uint32, 0, chunk)}
	if can, err := hwfpga.ReadDeltaCapabilities(m); err == nil { // otherwise it has no delta engine
		c.stuck += can.Weights + can.Sums
		c.device.delta = true
	}
	return c
}

// Write writes to a register of the device, on behalf of a host. A device at rest that is told to apply a configuration begins
// anew, or takes no words until it is told one that makes sense; one at work refuses.
func (c *clock) Write(address, value uint32) error {
	const whatThereIs = hwfpga.ControlApply | hwfpga.ControlCount
	if address == hwfpga.RegControl && value&hwfpga.ControlApply != 0 && value&^whatThereIs == 0 && c.machine.Idle() {
		c.device.begin()
	}
	return c.machine.Write(address, value)
}

// Read reads a register of the device.
func (c *clock) Read(address uint32) (uint32, error) { return c.machine.Read(address) }

// work goes through some cycles with the words of a session, which may be nil. It tells whether the device rests: no
// cycle would change anything until somebody else does something.
func (c *clock) work(s *session) (resting bool) {
	dry := s == nil || c.purging
	for range batch {
		if c.at == len(c.words) && !dry {
			dry = !c.refill(s.in)
		}
		if !c.cycle(s != nil) {
			return true
		}
	}
	return false
}

// cycle is one of the device's, or none where it would change nothing.
func (c *clock) cycle(attached bool) bool {
	out := c.machine.Out()
	in := fpga.In{}
	moved := false
	waiting := c.at < len(c.words)
	if waiting && out.Ready { // a word is offered where it is taken, so that nobody can disagree about that
		in.Valid, in.Word, moved = true, c.words[c.at], true
		c.at++
		c.device.take(in.Word)
	}
	if out.Valid && (c.purging || attached && len(c.results) < cap(c.results)) {
		in.Ready, moved = true, true
		if !c.purging {
			c.results = append(c.results, out.Word)
		}
	}
	if moved {
		c.quiet = 0
	} else {
		c.quiet++
		// Words that wait mostly do for a device at work, which need not be asked in every cycle.
		if c.quiet > c.stuck || (!waiting || c.quiet%64 == 1) && c.machine.Idle() {
			return false
		}
	}
	c.machine.Tick(in)
	return true
}

// refill takes the next words from a ring: whole events, commands and changes, so that a device is never left in the
// middle of one by a host that goes away. It tells whether there were any.
func (c *clock) refill(r *ring) bool {
	n := 0
	if c.half {
		c.taken[0], n = c.first, 1
	}
	n += r.take(c.taken[n:])
	ahead := c.device // as all words that were taken before are in the device
	whole := ahead.whole(c.taken[:n])
	if c.half = whole < n; c.half {
		c.first = c.taken[whole]
	}
	c.words, c.at = c.taken[:whole], 0
	return whole > 0
}

// drop throws away words and results, but for what completes the event that the device has half of, and ends the changes that
// it is in the middle of by a mark, which is thrown away as well. It says how many were thrown away.
func (c *clock) drop() (n int) {
	rest := c.words[c.at:]
	keep := 0
	if c.device.second {
		keep = 1
	}
	n = len(rest) - keep + len(c.results)
	if c.half {
		n++
	}
	left := c.device
	left.whole(rest[:keep])
	c.words, c.at, c.half = rest[:keep:keep], 0, false
	if left.changes {
		c.words = append(c.words, hwfpga.CommandWord, hwfpga.Mark(0))
	}
	c.results, c.purging = c.results[:0], true
	return n
}

// forget begins anew, with no words.
func (c *clock) forget() {
	c.words, c.at, c.half, c.purging, c.quiet = nil, 0, false, false, 0
}
