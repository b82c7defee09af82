package fpgaserve

import (
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

const (
	// batch is how many cycles a request waits for at the most.
	batch = 512
	// stuckAfter is more cycles than any build takes for what it does between two words, as long as its results are
	// taken: wiping or rebasing its surface.
	stuckAfter = fpga.MaxCells + 4*fpga.MaxNeurons*fpga.MaxRows
	// chunk is how many words are taken from a ring at once, and how many results wait for one.
	chunk = 4096
)

// clock moves the device, with the words that are for it and the results that it has.
type clock struct {
	machine Machine
	taken   [chunk]uint32
	words   []uint32 // of taken: whole events and commands
	at      int      // the next of them
	second  bool     // it is the second of two
	half    bool     // the first of two was taken behind the words, without its second
	first   uint32   // that one
	results []uint32 // that were not given away yet
	purging bool     // results are thrown away
	quiet   int      // cycles since a word was taken or a result given
}

func newClock(m Machine) clock {
	return clock{machine: m, results: make([]uint32, 0, chunk)}
}

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
		c.second = !c.second && in.Word&hwfpga.NoTime == 0
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
		if c.quiet > stuckAfter || (!waiting || c.quiet%64 == 1) && c.machine.Idle() {
			return false
		}
	}
	c.machine.Tick(in)
	return true
}

// refill takes the next words from a ring: whole events and commands, so that a device is never left in the middle of
// one by a host that goes away. It tells whether there were any.
func (c *clock) refill(r *ring) bool {
	n := 0
	if c.half {
		c.taken[0], n = c.first, 1
	}
	n += r.take(c.taken[n:])
	whole := units(c.taken[:n])
	if c.half = whole < n; c.half {
		c.first = c.taken[whole]
	}
	c.words, c.at = c.taken[:whole], 0
	return whole > 0
}

// units is how many of the words are whole events and commands, the last of which may lack its second word.
func units(words []uint32) int {
	n := 0
	for n < len(words) {
		size := 1
		if words[n]&hwfpga.NoTime == 0 {
			size = 2
		}
		if n+size > len(words) {
			break
		}
		n += size
	}
	return n
}

// drop throws away words and results, but for what completes the event that the device has half of. It says how many.
func (c *clock) drop() (n int) {
	rest := c.words[c.at:]
	keep := 0
	if c.second {
		keep = 1
	}
	n = len(rest) - keep + len(c.results)
	if c.half {
		n++
	}
	c.words, c.at, c.half = rest[:keep], 0, false
	c.results, c.purging = c.results[:0], true
	return n
}

// forget begins anew, with no words.
func (c *clock) forget() {
	c.words, c.at, c.second, c.half, c.purging, c.quiet = nil, 0, false, false, false, 0
}
