package rostest

import (
	"encoding/binary"

	"github.com/saccade-dev/saccade/events"
)

// Wire is how a message is serialised.
type Wire int

// The serialisations: that of ROS 1, and CDR with either byte first.
const (
	ROS1 Wire = iota
	CDRLittle
	CDRBig
)

// Wires are all of them.
var Wires = []Wire{ROS1, CDRLittle, CDRBig}

// CDR tells whether it is ROS 2's.
func (w Wire) CDR() bool { return w != ROS1 }

// Packet is an event_camera_msgs/EventPacket.
type Packet struct {
	Geometry  events.Geometry
	Seq, Base uint64
	Encoding  string
	Big       bool // is_bigendian
	Data      []byte
}

// Bytes serialises the packet.
func (p Packet) Bytes(w Wire) []byte {
	b := newBuilder(w)
	b.header("camera")
	b.uint32(uint32(p.Geometry.Height))
	b.uint32(uint32(p.Geometry.Width))
	b.uint64(p.Seq)
	b.uint64(p.Base)
	b.text(p.Encoding)
	b.bool(p.Big)
	b.uint32(uint32(len(p.Data)))
	b.out = append(b.out, p.Data...)
	return b.out
}

// Array serialises a dvs_msgs/EventArray, with times of whole microseconds and the
// nanoseconds given. Ends says where each event ends.
func Array(w Wire, g events.Geometry, nanos uint32, in ...events.Event) (out []byte, ends []int) {
	b := newBuilder(w)
	b.header("camera frame")
	b.uint32(uint32(g.Height))
	b.uint32(uint32(g.Width))
	b.uint32(uint32(len(in)))
	for _, e := range in {
		b.uint16(e.X)
		b.uint16(e.Y)
		b.uint32(uint32(e.T / 1e6))
		b.uint32(uint32(e.T%1e6)*1000 + nanos)
		b.bool(e.P == events.On)
		ends = append(ends, len(b.out))
	}
	return b.out, ends
}

// builder puts fields behind each other.
type builder struct {
	out   []byte
	cdr   bool
	order binary.AppendByteOrder
}

func newBuilder(w Wire) *builder {
	b := &builder{cdr: w.CDR(), order: binary.LittleEndian}
	switch w {
	case CDRLittle:
		b.out = append(b.out, 0, 1, 0, 0)
	case CDRBig:
		b.out, b.order = append(b.out, 0, 0, 0, 0), binary.BigEndian
	case ROS1:
	}
	return b
}

// align fills up with bytes that mean nothing. The encapsulation header takes four, so
// that up to four bytes it does not matter from where one counts.
func (b *builder) align(n int) {
	for b.cdr && (len(b.out)-4)%n != 0 {
		b.out = append(b.out, 0xa5)
	}
}

func (b *builder) uint16(v uint16) {
	b.align(2)
	b.out = b.order.AppendUint16(b.out, v)
}

func (b *builder) uint32(v uint32) {
	b.align(4)
	b.out = b.order.AppendUint32(b.out, v)
}

func (b *builder) uint64(v uint64) {
	b.align(8)
	b.out = b.order.AppendUint64(b.out, v)
}

func (b *builder) bool(v bool) {
	var c byte
	if v {
		c = 1
	}
	b.out = append(b.out, c)
}

func (b *builder) text(s string) {
	if b.cdr {
		s += "\x00"
	}
	b.uint32(uint32(len(s)))
	b.out = append(b.out, s...)
}

func (b *builder) header(frame string) {
	if !b.cdr {
		b.uint32(7)
	}
	b.uint32(1700000000)
	b.uint32(123456789)
	b.text(frame)
}
