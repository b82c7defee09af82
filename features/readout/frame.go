package readout

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
)

// Kernel, ELM, KNN and Schedule share a frame, little-endian:
//
//	 0  4  "skrn", "selm", "sknn" or "ssch"
//	 4  2  version, 1
//	 6  2  0
//	 8  ..  the body, which the type describes
//	..  4  CRC-32C of everything before
const frameBytes = 8

// sealed ends a frame.
func sealed(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// opening begins a frame.
func opening(magic string) []byte {
	b := binary.LittleEndian.AppendUint16([]byte(magic), 1)
	return append(b, 0, 0)
}

// cursor reads the body of a frame. After the first error it gives zeros.
type cursor struct {
	data []byte // up to the checksum
	at   int
	err  error
}

// opened checks a frame and gives its body.
func opened(data []byte, magic string) (*cursor, error) {
	if len(data) < frameBytes+crcBytes {
		return nil, malformed(len(data), fmt.Sprintf("%d bytes or more", frameBytes+crcBytes), fmt.Sprintf("%d bytes", len(data)))
	}
	if string(data[:4]) != magic {
		return nil, malformed(0, fmt.Sprintf("%q", magic), fmt.Sprintf("%q", data[:4]))
	}
	le := binary.LittleEndian
	if v := le.Uint32(data[4:]); v != 1 {
		return nil, malformed(4, "version 1", fmt.Sprintf("version %d", v))
	}
	end := len(data) - crcBytes
	if want, got := crc32.Checksum(data[:end], castagnoli), le.Uint32(data[end:]); want != got {
		return nil, malformed(end, fmt.Sprintf("checksum %08x", want), fmt.Sprintf("%08x", got))
	}
	return &cursor{data: data[:end], at: frameBytes}, nil
}

// fail keeps the first error.
func (c *cursor) fail(want, got string) {
	if c.err == nil {
		c.err = malformed(c.at, want, got)
	}
}

// take is the next n items of the given size; nil where they are not there, so
// that nothing is allocated for what a length only claims.
func (c *cursor) take(n, size int64) []byte {
	if c.err != nil {
		return nil
	}
	if left := int64(len(c.data) - c.at); n < 0 || n > left/size {
		c.fail(fmt.Sprintf("%d items of %d bytes", n, size), fmt.Sprintf("%d bytes", left))
		return nil
	}
	b := c.data[c.at : c.at+int(n*size)]
	c.at += int(n * size)
	return b
}

func (c *cursor) uint32() uint32 {
	if b := c.take(1, 4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// count is a uint32 from low to high.
func (c *cursor) count(name string, low, high uint32) int {
	v := c.uint32()
	if c.err == nil && (v < low || v > high) {
		c.at -= 4
		c.fail(fmt.Sprintf("%s from %d to %d", name, low, high), fmt.Sprint(v))
	}
	if c.err != nil {
		return int(low)
	}
	return int(v)
}

func (c *cursor) uint64() uint64 {
	if b := c.take(1, 8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// number is a float64 from low to high.
func (c *cursor) number(name string, low, high float64) float64 {
	v := math.Float64frombits(c.uint64())
	if c.err == nil && !(v >= low && v <= high) {
		c.at -= 8
		c.fail(fmt.Sprintf("%s from %g to %g", name, low, high), fmt.Sprint(v))
	}
	return v
}

// floats are n finite float32.
func (c *cursor) floats(n int64) []float32 {
	b := c.take(n, 4)
	if b == nil {
		return nil
	}
	out := make([]float32, n)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		if !finite(out[i]) {
			c.at -= len(b) - 4*i
			c.fail("a finite number", fmt.Sprint(out[i]))
			return nil
		}
	}
	return out
}

// names are as many classes' names, each a byte of length and as many of UTF-8.
func (c *cursor) names(classes, dim int) []string {
	var out []string
	for range classes {
		b := c.take(1, 1)
		if b == nil {
			return nil
		}
		name := c.take(int64(b[0]), 1)
		if c.err != nil {
			return nil
		}
		out = append(out, string(name))
	}
	if c.err == nil {
		if err := checkClasses(out, dim); err != nil {
			c.fail("names of classes", err.Error())
		}
	}
	return out
}

// end is the first error, or that the body goes on.
func (c *cursor) end() error {
	if c.err == nil && c.at != len(c.data) {
		c.fail("the end", fmt.Sprintf("%d bytes more", len(c.data)-c.at))
	}
	return c.err
}

func appendNames(b []byte, names []string) []byte {
	for _, name := range names {
		b = append(b, byte(len(name)))
		b = append(b, name...)
	}
	return b
}

func appendFloats(b []byte, values []float32) []byte {
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}
