package target

import (
	"errors"
	"fmt"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// Window is how many words may be under way to a device in this process.
const Window = 1 << 12

// Link is a device in this process: it is simulated by the calls that wait for it, and its registers are read and
// written when it has come to rest, as by a bus that is slow beside it.
type Link struct {
	device  *fpga.Device
	words   []uint32 // that it has yet to take
	taken   int      // of them
	results []uint32 // that nobody has asked for yet
	given   int      // of them
	scratch []uint32
	stuck   int // times that it did not come to rest since anything was sent
	closed  bool
}

// stuckTries is how often a device that does not come to rest is given time for it, until something is sent to it again: one
// that is owed the second word of an event never does, however often somebody asks for its status.
const stuckTries = 4

var _ hwfpga.Link = (*Link)(nil)

// NewLink makes a link to a device, which is the link's from then on.
func NewLink(d *fpga.Device) *Link {
	return &Link{device: d, words: make([]uint32, 0, Window), scratch: make([]uint32, Window)}
}

// Device is what is behind the link: for its [fpga.Report], or to break something on purpose between two calls.
func (l *Link) Device() *fpga.Device { return l.device }

// errClosed is of every call behind Close.
var errClosed = errors.New("fpga: the link to the simulated device is closed")

// Window implements [hwfpga.Link].
func (l *Link) Window() int { return Window }

// Send implements [hwfpga.Link].
func (l *Link) Send(words []uint32) error {
	if l.closed {
		return errClosed
	}
	if l.taken > 0 {
		l.words = append(l.words[:0], l.words[l.taken:]...)
		l.taken = 0
	}
	if n := len(l.words) + len(words); n > Window {
		return fmt.Errorf("fpga: expected at most %d words under way, found %d", Window, n)
	}
	l.words = append(l.words, words...)
	l.stuck = 0
	return nil
}

// Receive implements [hwfpga.Link]. A device with nothing under way answers nothing: that is [hwfpga.ErrTimeout].
func (l *Link) Receive(words []uint32) (int, error) {
	switch {
	case l.closed:
		return 0, errClosed
	case len(words) == 0:
		return 0, nil
	case l.given < len(l.results):
		n := copy(words, l.results[l.given:])
		l.given += n
		return n, nil
	}
	n, err := l.run(words)
	if n > 0 {
		return n, nil // what else there is to say comes with the next call
	}
	if err == nil || errors.Is(err, fpga.ErrStuck) {
		err = fmt.Errorf("%w: nothing is under way in it, and %d words wait that it does not take", hwfpga.ErrTimeout, len(l.words)-l.taken)
	}
	return 0, err
}

// run lets the device work until there are so many results, or all is done.
func (l *Link) run(results []uint32) (int, error) {
	taken, given, err := l.device.Exchange(l.words[l.taken:], results)
	l.taken += taken
	return given, err
}

// rest lets the device work until nothing is under way; its results are kept until somebody asks. A device that
// never comes to rest, for it takes no words, says so in its status.
func (l *Link) rest() error {
	if l.closed {
		return errClosed
	}
	for {
		if l.taken == len(l.words) && l.device.Idle() && !l.device.Out().Valid {
			return nil
		}
		if l.stuck == stuckTries {
			return nil
		}
		n, err := l.run(l.scratch)
		if errors.Is(err, fpga.ErrStuck) {
			l.stuck++
		}
		if l.given == len(l.results) {
			l.results, l.given = l.results[:0], 0
		}
		l.results = append(l.results, l.scratch[:n]...)
		if n < len(l.scratch) {
			return nil
		}
	}
}

// Read implements [hwfpga.Bus].
func (l *Link) Read(address uint32) (uint32, error) {
	if err := l.rest(); err != nil {
		return 0, err
	}
	return l.device.Read(address)
}

// Write implements [hwfpga.Bus].
func (l *Link) Write(address, value uint32) error {
	if err := l.rest(); err != nil {
		return err
	}
	l.stuck = 0
	return l.device.Write(address, value)
}

// Close implements [hwfpga.Link].
func (l *Link) Close() error {
	l.closed = true
	return nil
}
