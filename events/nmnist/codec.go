package nmnist

import (
	"errors"
	"fmt"
	"slices"

	"github.com/saccade-dev/saccade/events"
)

// Name is the name of the format and of the encoding.
const Name = "nmnist"

const (
	eventBytes = 5
	timeBits   = 23
	timeMax    = 1<<timeBits - 1
	onBit      = 1 << timeBits

	// overflowRow is the y that marks a time overflow, and overflowStep the
	// microseconds that it adds to every time behind it.
	overflowRow  = 240
	overflowStep = 1 << 13

	maxX, maxY = 255, overflowRow - 1
)

// side is N-MNIST's own sensor window in pixels.
const side = 34

func init() {
	events.RegisterFormat(&events.Format{
		Name:        Name,
		Description: "N-MNIST family, 40 bits an event",
		Extension:   ".bin",
		Detect:      detect,
		Weak:        true,
		NewReader:   newReader,
		NewWriter:   newWriter,
	})
	events.RegisterEncoding(&events.Encoding{
		Name:        Name,
		Description: "40 bits an event, as in N-MNIST files",
		NewDecoder:  func() events.Decoder { return new(decoder) },
		NewEncoder:  func() events.Encoder { return new(encoder) },
	})
}

// word reads the three bytes of polarity and time of an event.
func word(b []byte) uint32 {
	_ = b[4]
	return uint32(b[2])<<16 | uint32(b[3])<<8 | uint32(b[4])
}

// put appends one event of the layout; w holds polarity and time.
func put(dst []byte, x, y byte, w uint32) []byte {
	return append(dst, x, y, byte(w>>16), byte(w>>8), byte(w))
}

// detect judges by the order of time, as there is no signature: a recording's
// times rise, those of anything else fall about as often as they rise.
func detect(head []byte, _ int64) error {
	if len(head) < eventBytes {
		return fmt.Errorf("%d bytes, and an event takes %d", len(head), eventBytes)
	}
	// A few lines of text are too short for times to run back in.
	if !slices.ContainsFunc(head, func(b byte) bool { return (b < ' ' || b > '~') && b != '\n' && b != '\r' && b != '\t' }) {
		return errors.New("it is text")
	}
	n := len(head) / eventBytes
	var back, same int
	var base, last uint32
	lastX, lastY := -1, -1
	firstBack := 0
	for i := range n {
		b := head[i*eventBytes:]
		x, y := int(b[0]), int(b[1])
		if y == overflowRow {
			base += overflowStep
			continue
		}
		t := base + word(b)&timeMax
		switch {
		case t < last:
			if back == 0 {
				firstBack = i
			}
			back++
		case t == last && x == lastX && y == lastY:
			same++
		}
		last, lastX, lastY = t, x, y
	}
	// One in fifty is more than any recording of the family has of either.
	if back*50 > n {
		return fmt.Errorf("time runs backwards in %d of the first %d events, first at byte %d", back, n, firstBack*eventBytes)
	}
	if same*50 > n {
		return fmt.Errorf("%d of the first %d events repeat the one before them, pixel and microsecond", same, n)
	}
	return nil
}
