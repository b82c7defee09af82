package fpga

import "errors"

// Link is how a host reaches a device: its registers, and the two streams of words.
//
// A link may lose, repeat, change or delay what is sent, and the other end may be gone: whoever uses it finds that
// out from the counters and from what comes back. Calls that wait end by themselves, with [ErrTimeout], when nothing
// comes for as long as the link was told to wait. It is used by one goroutine at a time.
type Link interface {
	Bus
	// Window is how many words may be under way to the device, at the most: whoever has sent so many receives
	// what they are answered by before he sends more.
	Window() int
	// Send sends words of the event stream.
	Send(words []uint32) error
	// Receive gives words of the result stream: at least one, and as many as are there and fit.
	Receive(words []uint32) (n int, err error)
	// Close ends the connexion. It may be called once more.
	Close() error
}

// ErrTimeout is what a link returns where the device did not answer in time.
var ErrTimeout = errors.New("fpga: the device does not answer")
