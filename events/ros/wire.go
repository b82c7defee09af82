package ros

import (
	"encoding/binary"
	"fmt"

	"github.com/saccade-dev/saccade/events"
)

// encapsulation is the header in front of CDR.
const encapsulation = 4

// The representations of the encapsulation header that are read.
const (
	cdrBig    = 0x0000
	cdrLittle = 0x0001
)

// ZstdMagic begins what zstd has compressed: a message, as none in CDR begins so, or a file as a whole.
const ZstdMagic = "\x28\xb5\x2f\xfd"

// wire reads the fields of a serialised message one after the other. The first error
// stays, and every field behind it is zero.
type wire struct {
	data  []byte
	at    int
	start int // alignment counts from here
	cdr   bool
	order binary.ByteOrder
	err   *events.FormatError // its offset counts within data
}

func newWire(data []byte, cdr bool) wire {
	w := wire{data: data, cdr: cdr, order: binary.LittleEndian}
	if !cdr {
		return w
	}
	b := w.take(encapsulation, "the header of CDR")
	if w.err != nil {
		return w
	}
	w.start = encapsulation
	if string(b) == ZstdMagic {
		w.fail(0, "CDR of version 1", `a message that rosbag2 has compressed (zstd): decompress the bag first, with "ros2 bag convert"`)
	}
	switch kind := binary.BigEndian.Uint16(b); kind {
	case cdrLittle:
	case cdrBig:
		w.order = binary.BigEndian
	default:
		w.fail(0, "CDR of version 1, 0x0000 or 0x0001", fmt.Sprintf("representation 0x%04x", kind))
	}
	return w
}

func (w *wire) fail(at int, want, got string) {
	if w.err == nil {
		w.err = &events.FormatError{Offset: int64(at), Want: want, Got: got}
	}
}

// take gives the next n bytes, or nil behind an error.
func (w *wire) take(n int, what string) []byte {
	if w.err != nil {
		return nil
	}
	if rest := len(w.data) - w.at; n > rest {
		w.fail(w.at, fmt.Sprintf("%s of %d bytes", what, n), fmt.Sprintf("the end of the message after %d", rest))
		return nil
	}
	b := w.data[w.at : w.at+n]
	w.at += n
	return b
}

// align goes on to a multiple of n, which is a power of two.
func (w *wire) align(n int) {
	if w.cdr {
		w.at = min(w.start+(w.at-w.start+n-1)&^(n-1), max(w.at, len(w.data)))
	}
}

func (w *wire) uint8(what string) uint8 {
	if b := w.take(1, what); b != nil {
		return b[0]
	}
	return 0
}

func (w *wire) uint32(what string) uint32 {
	w.align(4)
	if b := w.take(4, what); b != nil {
		return w.order.Uint32(b)
	}
	return 0
}

func (w *wire) uint64(what string) uint64 {
	w.align(8)
	if b := w.take(8, what); b != nil {
		return w.order.Uint64(b)
	}
	return 0
}

// bytes gives a string or a sequence of bytes, within data. A length that leads outside is
// an error before anything is made of it.
func (w *wire) bytes(what string) []byte {
	n := w.uint32(what)
	if w.err == nil && uint64(n) > uint64(len(w.data)-w.at) {
		w.fail(w.at-4, fmt.Sprintf("%s within the message", what), fmt.Sprintf("one of %d bytes, and %d are left", n, len(w.data)-w.at))
	}
	return w.take(int(n), what)
}

// text gives a string, without the zero that ends it in CDR.
func (w *wire) text(what string) []byte {
	b := w.bytes(what)
	if n := len(b); w.cdr && n > 0 && b[n-1] == 0 {
		b = b[:n-1]
	}
	return b
}

// stamped is what a std_msgs/Header says; frame is good as long as the message.
type stamped struct {
	seconds, nanos uint32
	frame          []byte
}

// header reads a std_msgs/Header.
func (w *wire) header() (h stamped) {
	if !w.cdr {
		w.uint32("the header's number")
	}
	h.seconds, h.nanos = w.uint32("the header's seconds"), w.uint32("the header's nanoseconds")
	h.frame = w.text("the header's frame")
	return h
}

// geometry reads height and width.
func (w *wire) geometry() events.Geometry {
	w.align(4)
	at := w.at
	height, width := w.uint32("the height"), w.uint32("the width")
	if width > events.MaxSide || height > events.MaxSide || (width == 0) != (height == 0) {
		w.fail(at, fmt.Sprintf("a sensor with sides from 1 to %d", events.MaxSide), fmt.Sprintf("%dx%d", width, height))
	}
	return events.Geometry{Width: int(width), Height: int(height)}
}
