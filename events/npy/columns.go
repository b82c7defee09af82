package npy

import (
	"fmt"
	"io"
	"math"

	"github.com/saccade-dev/saccade/events"
)

// maxHeld bounds the events of an archive that has an array a field: each stands at
// four places of the file, so that all are held.
const maxHeld = 1 << 26

// columns are the arrays of the fields of events, in memory.
type columns struct {
	bounds events.Geometry
	have   [roles]bool
	count  int64
	t      []int64
	x, y   []uint16
	p      []uint8
	at     int
}

func (c *columns) complete() bool {
	return c.have[timeRole] && c.have[xRole] && c.have[yRole] && c.have[pRole]
}

// What cannot be read keeps its place, so that the columns stay beside each other.
const (
	missingTime  = math.MinInt64
	missingPixel = math.MaxUint16
	missingP     = math.MaxUint8
)

// take reads the array of one field. Memory grows with what is there, not with what
// the header claims.
func (c *columns) take(ro role, scale float64, src io.Reader, h header) error {
	if h.count > maxHeld {
		return &events.FormatError{Format: Name, Offset: 10, Want: fmt.Sprintf("at most %d events", maxHeld), Got: fmt.Sprint(h.count), Fatal: true}
	}
	for other := timeRole; other < roles; other++ {
		if c.have[other] && c.count != h.count {
			return &events.FormatError{Format: Name, Offset: 10, Want: fmt.Sprintf("%d numbers, as before", c.count), Got: fmt.Sprint(h.count), Fatal: true}
		}
	}
	again := c.have[ro] // a second array of a name is passed over
	c.have[ro], c.count = true, h.count
	f := h.record.fields[none]
	if f.kind == 0 {
		return &events.FormatError{Format: Name, Offset: 10, Want: "an array of numbers", Got: "another", Fatal: true}
	}
	f.scale = scale
	if scale == 0 && f.kind != 'f' {
		f.scale = 1
	}
	a := newArray(src, h, c.bounds)
	a.record.fields[timeRole] = f // for the unit alone
	for a.left > 0 {
		if a.end-a.begin < f.size || !a.begun {
			if err := a.fill(); err != nil {
				return err
			}
		}
		n := min((a.end-a.begin)/f.size, rows)
		a.column.load(f, a.buf[a.begin:], f.size, n)
		if !again {
			c.add(ro, a.record.fields[timeRole], &a.column, n)
		}
		a.begin += n * f.size
		a.offset += int64(n * f.size)
		a.left -= int64(n)
	}
	return nil
}

// add appends n numbers to a column.
func (c *columns) add(ro role, f field, col *column, n int) {
	for i := range n {
		if ro == timeRole {
			t, ok := col.time(f, i)
			if !ok {
				t = missingTime
			}
			c.t = append(c.t, t)
			continue
		}
		v, ok := col.whole(f, i)
		if !ok {
			v = math.MaxInt64
		}
		switch ro {
		case xRole:
			c.x = append(c.x, pixel(v, c.bounds.Width))
		case yRole:
			c.y = append(c.y, pixel(v, c.bounds.Height))
		default:
			p := uint8(missingP)
			if v >= -1 && v <= 1 {
				p = uint8((v + 1) >> 1)
			}
			c.p = append(c.p, p)
		}
	}
}

func pixel(v int64, limit int) uint16 {
	if v < 0 || v >= int64(limit) {
		return missingPixel
	}
	return uint16(v)
}

// reader gives the events of the columns.
func (c *columns) reader(g events.Geometry) events.Reader {
	return &reader{
		name: NameZip, geometry: g, array: c, finish: func() error { return nil },
		place: func(at int64) (int64, string) { return 0, fmt.Sprintf(" in event %d", at) },
	}
}

func (c *columns) read(p *events.Packet) error {
	for ; p.Room() > 0; c.at++ {
		if c.at == len(c.t) {
			return io.EOF
		}
		t, x, y, pol := c.t[c.at], c.x[c.at], c.y[c.at], c.p[c.at]
		var want string
		switch {
		case t == missingTime:
			want = "a time that fits into 64 bits of microseconds"
		case x == missingPixel:
			want = fmt.Sprintf("x from 0 to %d", c.bounds.Width-1)
		case y == missingPixel:
			want = fmt.Sprintf("y from 0 to %d", c.bounds.Height-1)
		case pol == missingP:
			want = "a polarity of 0, 1 or -1"
		default:
			p.Events = append(p.Events, events.Event{T: t, X: x, Y: y, P: events.Polarity(pol)})
			continue
		}
		c.at++
		return &events.FormatError{Format: Name, Offset: int64(c.at - 1), Want: want, Got: "another number"}
	}
	return nil
}
