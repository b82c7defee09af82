package target

import (
	"fmt"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// Clocked is a device in this process whose clock the host can see and drive: it says in which cycle each word
// crossed the device's pins, and lets time pass in which nothing is sent. It is slower than a [Link], which asks for
// no more than the words.
type Clocked struct {
	device  *fpga.Device
	words   []uint32 // that it has yet to take
	taken   int      // of them
	results []uint32 // that nobody has asked for yet
	given   int      // of them
	cycle   uint64
	watch   func(out bool, word uint32, cycle uint64)
	stuck   int // times that it did not come to rest since anything was sent
	closed  bool
}

var _ hwfpga.Link = (*Clocked)(nil)

// NewClocked makes a link to a device, which is the link's from then on.
func NewClocked(d *fpga.Device) *Clocked { return &Clocked{device: d} }

// Device is what is behind the link.
func (l *Clocked) Device() *fpga.Device { return l.device }

// Watch has f called for each word that crosses the pins from now on, in or out, with the number of the cycle; nil
// for nobody.
func (l *Clocked) Watch(f func(out bool, word uint32, cycle uint64)) { l.watch = f }

// Cycle is the number of cycles that have passed since the link was made.
func (l *Clocked) Cycle() uint64 { return l.cycle }

// Waiting is how many words of results are there.
func (l *Clocked) Waiting() int { return len(l.results) - l.given }

// Window implements [hwfpga.Link].
func (l *Clocked) Window() int { return Window }

// Send implements [hwfpga.Link].
func (l *Clocked) Send(words []uint32) error {
	if l.closed {
		return errClosed
	}
	l.words = append(l.words[:0], l.words[l.taken:]...)
	l.taken = 0
	if n := len(l.words) + len(words); n > Window {
		return fmt.Errorf("fpga: expected at most %d words under way, found %d", Window, n)
	}
	l.words = append(l.words, words...)
	l.stuck = 0
	return nil
}

// Receive implements [hwfpga.Link].
func (l *Clocked) Receive(words []uint32) (int, error) {
	if l.closed {
		return 0, errClosed
	}
	for quiet := 0; l.Waiting() < min(len(words), enough) && !l.done() && quiet < silence; quiet++ {
		if l.tick() {
			quiet = 0
		}
		if quiet == pause && l.Waiting() > 0 {
			break
		}
	}
	n := copy(words, l.results[l.given:])
	if l.given += n; l.given == len(l.results) {
		l.results, l.given = l.results[:0], 0
	}
	if n == 0 && len(words) > 0 {
		return 0, fmt.Errorf("%w: nothing is under way in it, and %d words wait that it does not take", hwfpga.ErrTimeout, len(l.words)-l.taken)
	}
	return n, nil
}

const (
	pause   = 256                                                  // cycles without a word, behind which what is there is given
	enough  = 64                                                   // words of results, for one call
	silence = fpga.MaxCells + 4*fpga.MaxNeurons*fpga.MaxRows + 100 // cycles: more than any device needs between two words
)

// Until lets time pass up to a cycle; what is still to be sent, is.
func (l *Clocked) Until(cycle uint64) error {
	if l.closed {
		return errClosed
	}
	for l.cycle < cycle {
		l.tick()
	}
	return nil
}

// done tells whether there is nothing left to do.
func (l *Clocked) done() bool {
	return l.taken == len(l.words) && l.device.Idle() && !l.device.Out().Valid
}

// tick is one cycle, and tells whether a word crossed the pins.
func (l *Clocked) tick() bool {
	out := l.device.Out()
	in := fpga.In{Valid: l.taken < len(l.words), Ready: out.Valid}
	if in.Valid {
		in.Word = l.words[l.taken]
	}
	crossed := out.Valid
	if out.Valid {
		l.results = append(l.results, out.Word)
		if l.watch != nil {
			l.watch(true, out.Word, l.cycle)
		}
	}
	if in.Valid && out.Ready {
		crossed = true
		l.taken++
		if l.watch != nil {
			l.watch(false, in.Word, l.cycle)
		}
	}
	l.device.Tick(in)
	l.cycle++
	return crossed
}

// rest lets the device work until nothing is under way, as a bus that is slow beside it would find it. A device that
// never comes to rest says so in its status.
func (l *Clocked) rest() error {
	if l.closed {
		return errClosed
	}
	quiet := 0
	for ; !l.done() && quiet < silence && l.stuck < stuckTries; quiet++ {
		if l.tick() {
			quiet = 0
		}
	}
	if quiet == silence {
		l.stuck++
	}
	return nil
}

// Read implements [hwfpga.Bus].
func (l *Clocked) Read(address uint32) (uint32, error) {
	if err := l.rest(); err != nil {
		return 0, err
	}
	return l.device.Read(address)
}

// Write implements [hwfpga.Bus].
func (l *Clocked) Write(address, value uint32) error {
	if err := l.rest(); err != nil {
		return err
	}
	l.stuck = 0
	return l.device.Write(address, value)
}

// Close implements [hwfpga.Link].
func (l *Clocked) Close() error {
	l.closed = true
	return nil
}
