package npy

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/internal/source"
)

// bufferBytes is how much is taken from a source at a time: no less than the buffer
// of events.Open, which then hands the file's bytes through.
const bufferBytes = 1 << 16

// array gives the records of one array of events.
type array struct {
	src  io.Reader
	left int64 // records that have not been decoded
	decoder

	buf        []byte
	begin, end int   // what of buf is read and not yet decoded
	offset     int64 // of buf[begin] in the array
	eof        error // set once the source has ended or failed
	begun      bool
}

func newArray(src io.Reader, h header, bounds events.Geometry) *array {
	a := &array{src: src, left: h.count, offset: h.bytes, buf: make([]byte, bufferBytes)}
	a.record, a.bounds = h.record, bounds
	return a
}

// read fills p behind what is in it. It returns io.EOF behind the last record, with
// whatever events there still were.
func (a *array) read(p *events.Packet) error {
	size := a.record.size
	for p.Room() > 0 {
		if a.left == 0 {
			return io.EOF
		}
		if a.end-a.begin < size || !a.begun {
			if err := a.fill(); err != nil {
				return err
			}
		}
		whole := min(int64(a.end-a.begin)/int64(size), a.left)
		src := a.buf[a.begin : a.begin+int(whole)*size]
		good, n, wrong := a.decode(p.Events[len(p.Events):cap(p.Events)], src)
		p.Events = p.Events[:len(p.Events)+good]
		taken := n
		if good < n {
			taken = good + 1 // with the record that is left out
		}
		at := a.offset + int64(good*size)
		a.begin += taken * size
		a.offset += int64(taken * size)
		a.left -= int64(taken)
		if good < n {
			return &events.FormatError{Format: Name, Offset: at, Want: wrong.want, Got: wrong.got}
		}
	}
	return nil
}

// fill reads on until a whole record is there; at first until the buffer is full, as
// the unit of times may have to be found out.
func (a *array) fill() error {
	size := a.record.size
	a.end = copy(a.buf, a.buf[a.begin:a.end])
	a.begin = 0
	enough := size
	if !a.begun {
		enough = int(min(int64(len(a.buf)/size), a.left)) * size
	}
	// No more than the array has: what is behind it is for others.
	limit := int(min(int64(len(a.buf)/size), a.left)) * size
	for a.end < enough && a.eof == nil {
		n, err := source.Some(a.src, a.buf[a.end:limit])
		a.end += n
		a.eof = err
	}
	if !a.begun {
		a.begun = true
		a.settleUnit()
	}
	if a.end >= size {
		return nil
	}
	if errors.Is(a.eof, io.EOF) {
		return &events.FormatError{
			Format: Name, Offset: a.offset, Fatal: true,
			Want: fmt.Sprintf("%d more events of %d bytes", a.left, size),
			Got:  fmt.Sprintf("the end of the file after %d bytes", a.end),
		}
	}
	return a.eof
}

// settleUnit finds out whether times in floats are of seconds: those have fractions.
func (a *array) settleUnit() {
	f := &a.record.fields[timeRole]
	if f.kind != 'f' || f.scale != 0 {
		return
	}
	f.scale = 1
	size := a.record.size
	for at := 0; at+size <= a.end; {
		n := min((a.end-at)/size, rows)
		a.column.load(*f, a.buf[at:], size, n)
		for _, v := range a.column.floats[:n] {
			if v != math.Trunc(v) {
				f.scale = 1e6
				return
			}
		}
		at += n * size
	}
}
