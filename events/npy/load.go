package npy

import (
	"encoding/binary"
	"math"
)

// rows is how many records are taken at a time: their fields go through a column
// that stays in the first cache.
const rows = 512

// column is the numbers of one field: whole ones, or floats.
type column struct {
	ints   [rows]int64
	floats [rows]float64
}

// load takes n numbers of a field from records of the given size.
func (c *column) load(f field, src []byte, size, n int) {
	b := src[f.offset:]
	out := c.ints[:n]
	var order binary.ByteOrder = binary.LittleEndian
	if f.big {
		order = binary.BigEndian
	}
	switch {
	case f.kind == 'b':
		for i := range out {
			out[i] = 0
			if b[i*size] != 0 {
				out[i] = 1
			}
		}
	case f.size == 1 && f.kind == 'i':
		for i := range out {
			out[i] = int64(int8(b[i*size]))
		}
	case f.size == 1:
		for i := range out {
			out[i] = int64(b[i*size])
		}
	case f.kind == 'f':
		c.loadFloats(f, b, size, n, order)
	case f.big:
		for i := range out {
			switch f.size {
			case 2:
				out[i] = int64(order.Uint16(b[i*size:]))
			case 4:
				out[i] = int64(order.Uint32(b[i*size:]))
			default:
				out[i] = int64(order.Uint64(b[i*size:]))
			}
		}
		c.signs(f, n)
	case f.size == 2 && f.kind == 'i':
		for i := range out {
			out[i] = int64(int16(binary.LittleEndian.Uint16(b[i*size:])))
		}
	case f.size == 2:
		for i := range out {
			out[i] = int64(binary.LittleEndian.Uint16(b[i*size:]))
		}
	case f.size == 4 && f.kind == 'i':
		for i := range out {
			out[i] = int64(int32(binary.LittleEndian.Uint32(b[i*size:])))
		}
	case f.size == 4:
		for i := range out {
			out[i] = int64(binary.LittleEndian.Uint32(b[i*size:]))
		}
	default:
		for i := range out {
			out[i] = int64(binary.LittleEndian.Uint64(b[i*size:]))
		}
	}
}

// signs extends the signs of numbers that were loaded without.
func (c *column) signs(f field, n int) {
	if f.kind != 'i' {
		return
	}
	shift := 64 - 8*f.size
	for i := range c.ints[:n] {
		c.ints[i] = c.ints[i] << shift >> shift
	}
}

func (c *column) loadFloats(f field, b []byte, size, n int, order binary.ByteOrder) {
	for i := range c.floats[:n] {
		if f.size == 4 {
			c.floats[i] = float64(math.Float32frombits(order.Uint32(b[i*size:])))
		} else {
			c.floats[i] = math.Float64frombits(order.Uint64(b[i*size:]))
		}
	}
}

// times makes microseconds of n numbers, and tells how many there are before the
// first that is no time.
func (c *column) times(f field, n int) int {
	if f.kind != 'f' && f.scale == 1 && (f.kind != 'u' || f.size < 8) {
		return n
	}
	for i := range n {
		v, ok := c.time(f, i)
		if !ok {
			return i
		}
		c.ints[i] = v
	}
	return n
}

// time makes microseconds of one number.
func (c *column) time(f field, i int) (int64, bool) {
	v := c.ints[i]
	switch {
	case f.kind == 'f':
		us := math.Round(c.floats[i] * f.scale)
		if !(math.Abs(us) < 1<<63) { // not a number, too
			return 0, false
		}
		return int64(us), true
	case f.kind == 'u' && f.size == 8 && v < 0:
		return 0, false
	case f.scale == 1:
		return v, true
	case f.scale < 1:
		// Of nanoseconds the nearest, half away from zero.
		half := int64(500)
		if v < 0 {
			half = -500
		}
		return v/1000 + (v%1000+half)/1000, true
	default:
		scale := int64(f.scale)
		return v * scale, v <= math.MaxInt64/scale && v >= math.MinInt64/scale
	}
}

// wholes makes whole numbers of n floats, and tells how many there are before the
// first that is none.
func (c *column) wholes(f field, n int) int {
	if f.kind != 'f' {
		return n
	}
	for i := range n {
		v, ok := c.whole(f, i)
		if !ok {
			return i
		}
		c.ints[i] = v
	}
	return n
}

// whole gives one number if it is whole.
func (c *column) whole(f field, i int) (int64, bool) {
	if f.kind != 'f' {
		return c.ints[i], true
	}
	v := c.floats[i]
	if v != math.Trunc(v) || !(math.Abs(v) < 1<<53) {
		return 0, false
	}
	return int64(v), true
}
