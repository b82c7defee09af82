package aedat4

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events/internal/source"
)

// takePacket reads a packet, or what there is of it.
func (r *reader) takePacket(id int32, size int) error {
	at := r.offset
	var err error
	r.packet, err = source.Append(r.br, r.packet[:0], size)
	r.offset += int64(len(r.packet))
	switch {
	case errors.Is(err, io.EOF):
		r.pending = damaged(at, fmt.Sprintf("a packet of %d bytes", size), fmt.Sprintf("the end of the file after %d", len(r.packet)))
	case err != nil:
		r.pending = err // behind the events that were there
	}
	data, err := r.data.decompress(r.header.compression, r.packet)
	if r.pending == nil && err != nil {
		want := fmt.Sprintf("%v that can be decompressed", r.header.compression)
		if errors.Is(err, source.ErrMore) {
			want = fmt.Sprintf("a packet that decompresses to at most %d bytes", maxPacket)
		}
		r.lose(at, want, err.Error())
	}
	r.open(id, at, data)
	return nil
}

// lose notes damage of the packet that is given behind its events, unless some is
// noted already.
func (r *reader) lose(at int64, want, got string) {
	if r.pending != nil {
		return
	}
	fe := damaged(at, want, got)
	fe.Fatal = false
	r.pending = fe
}

func (r *reader) losePointer(at int64, err error) {
	var pe *pointerError
	if errors.As(err, &pe) {
		r.lose(r.within(at, prefixBytes+pe.at), pe.want, pe.got+r.where())
	}
}

// open looks into a packet, of which the end may be missing.
func (r *reader) open(id int32, at int64, data []byte) {
	if len(data) < prefixBytes {
		r.lose(at, "a flatbuffer with its size", fmt.Sprintf("%d bytes", len(data)))
		return
	}
	size := int64(binary.LittleEndian.Uint32(data))
	buf := data[prefixBytes:]
	switch {
	case size < int64(len(buf)):
		buf = buf[:size]
	case size > int64(len(buf)):
		r.lose(at, fmt.Sprintf("a flatbuffer of %d bytes", size), fmt.Sprintf("%d", len(buf))+r.where())
	}
	t, kind, err := root(buf)
	var begin int
	var n int64
	if err == nil {
		switch kind {
		case idEvents, idIMU, idTrigger:
			begin, n, err = t.vector(0)
		default:
			r.other(id, at, kind)
			return
		}
	}
	if err != nil {
		r.losePointer(at, err)
		return
	}
	if want := r.header.streams[id].kind; want != "" && want != kind {
		r.lose(r.within(at, prefixBytes+4), want+" as the stream's kind", fmt.Sprintf("%q", kind))
		return
	}
	switch kind {
	case idIMU:
		r.count("imu", min(n, int64(len(buf)-begin)/4))
	case idTrigger:
		if err := r.takeTriggers(buf, begin, n); err != nil {
			r.losePointer(at, err)
		}
	default:
		r.openEvents(id, at, buf, begin, n, size)
	}
}

// openEvents takes a packet's events, as many as are there.
func (r *reader) openEvents(id int32, at int64, buf []byte, begin int, n, size int64) {
	there := min(n, int64(len(buf)-begin)/eventBytes)
	if there < n {
		r.lose(r.within(at, prefixBytes+begin-4), fmt.Sprintf("%d events within %d bytes", n, size), fmt.Sprintf("room for %d", there)+r.where())
	}
	if !r.chosen {
		r.stream, r.chosen = id, true
	}
	if id != r.stream {
		r.count(fmt.Sprintf("event of stream %d", id), there)
		return
	}
	r.elements = buf[begin : begin+int(there)*eventBytes]
	r.at, r.done = r.within(at, prefixBytes+begin), 0
}

// other counts a packet of another kind in a stream that the header is silent about.
func (r *reader) other(id int32, at int64, kind string) {
	switch want := r.header.streams[id].kind; {
	case want != "":
		r.lose(r.within(at, prefixBytes+4), want+" as the stream's kind", fmt.Sprintf("%q", kind))
	case kind == idFrame:
		r.count("frame", 1)
	default:
		r.count(fmt.Sprintf("packet of %q", kind), 1)
	}
}

// within is the offset in the file of a byte of a packet, as far as that has one.
func (r *reader) within(at int64, n int) int64 {
	if r.header.compression != None {
		return at
	}
	return at + int64(n)
}

func (r *reader) where() string {
	if r.header.compression != None {
		return ", in the packet that begins there"
	}
	return ""
}

func (r *reader) count(kind string, n int64) {
	if n == 0 {
		return
	}
	if _, known := r.skipped[kind]; !known && len(r.skipped) >= maxKinds {
		kind = "other"
	}
	r.skipped[kind] += n
}
