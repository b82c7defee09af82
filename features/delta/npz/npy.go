package npz

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
)

const magic = "\x93NUMPY"

// Bounds of an array.
const (
	MaxValues = 1 << 28
	maxHeader = 1 << 16
	maxAxes   = 16
)

// ReadArray reads the bytes of an .npy file.
func ReadArray(b []byte) (*Array, error) {
	if !bytes.HasPrefix(b, []byte(magic)) {
		return nil, fmt.Errorf("npy at byte 0: expected %q, found %q", magic, b[:min(len(b), len(magic))])
	}
	if len(b) < 10 {
		return nil, fmt.Errorf("npy at byte %d: expected a header, found the end", len(b))
	}
	at, length := 10, int(binary.LittleEndian.Uint16(b[8:]))
	switch b[6] {
	case 1:
	case 2, 3:
		if len(b) < 12 {
			return nil, fmt.Errorf("npy at byte %d: expected a header, found the end", len(b))
		}
		at, length = 12, int(min(binary.LittleEndian.Uint32(b[8:]), maxHeader+1))
	default:
		return nil, fmt.Errorf("npy at byte 6: expected version 1, 2 or 3, found %d", b[6])
	}
	if length > maxHeader || length > len(b)-at {
		return nil, fmt.Errorf("npy at byte 8: expected a header of at most %d bytes, found %d", min(maxHeader, len(b)-at), length)
	}
	h, err := parseHeader(string(b[at : at+length]))
	if err != nil {
		return nil, fmt.Errorf("npy at byte %d: %w", at, err)
	}
	return h.read(b[at+length:], at+length)
}

// kindOf are the letters of types and the sizes that are read.
var kindOf = map[byte][]int{'b': {1}, 'i': {1, 2, 4, 8}, 'u': {1, 2, 4, 8}, 'f': {2, 4, 8}}

// read reads the values, which begin at byte at of the file.
func (h *header) read(b []byte, at int) (*Array, error) {
	order, kind, size, err := h.format()
	if err != nil {
		return nil, fmt.Errorf("npy: %w", err)
	}
	count := 1
	for _, n := range h.shape {
		if n > 0 && count > MaxValues/n {
			return nil, fmt.Errorf("npy: shape %v: expected at most %d values", h.shape, MaxValues)
		}
		count *= n
	}
	if len(b) != count*size {
		return nil, fmt.Errorf("npy at byte %d: expected %d bytes of shape %v and type %s, found %d", at, count*size, h.shape, h.descr, len(b))
	}
	a := &Array{Shape: h.shape, Type: h.descr}
	if kind == 'f' {
		a.floats = make([]float64, count)
	} else {
		a.ints = make([]int64, count)
	}
	for i := range count {
		bits := word(b[i*size:][:size], order)
		switch {
		case kind == 'f':
			a.floats[i] = float(bits, size)
		case kind == 'u' && bits > math.MaxInt64:
			return nil, fmt.Errorf("npy at byte %d: expected at most %d, found %d", at+i*size, int64(math.MaxInt64), bits)
		case kind == 'b' && bits > 1:
			return nil, fmt.Errorf("npy at byte %d: expected a boolean, 0 or 1, found %d", at+i*size, bits)
		case kind == 'i':
			unused := 64 - 8*size
			a.ints[i] = int64(bits<<unused) >> unused
		default:
			a.ints[i] = int64(bits)
		}
	}
	if h.fortran && len(h.shape) > 1 {
		if kind == 'f' {
			a.floats = fortran(a.floats, a.Shape)
		} else {
			a.ints = fortran(a.ints, a.Shape)
		}
	}
	return a, nil
}

// word is an unsigned number of as many bytes.
func word(b []byte, order byte) (v uint64) {
	for i := range b {
		if order == '>' {
			v = v<<8 | uint64(b[i])
		} else {
			v |= uint64(b[i]) << (8 * i)
		}
	}
	return v
}

// float is a number of IEEE 754, of 2, 4 or 8 bytes.
func float(bits uint64, size int) float64 {
	switch size {
	case 8:
		return math.Float64frombits(bits)
	case 4:
		return float64(math.Float32frombits(uint32(bits)))
	}
	sign, exponent, fraction := 1-2*float64(bits>>15), int(bits>>10&31), float64(bits&1023)
	switch exponent {
	case 0:
		return sign * math.Ldexp(fraction, -24)
	case 31:
		if fraction != 0 {
			return math.NaN()
		}
		return math.Inf(int(sign))
	default:
		return sign * math.Ldexp(1024+fraction, exponent-25)
	}
}
