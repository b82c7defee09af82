package npz

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const magic = "\x93NUMPY"

// Bounds of an array.
const (
	MaxValues = 1 << 28
	maxHeader = 1 << 16
	maxAxes   = 16
)

// ReadArray reads the header of the bytes of an .npy file, which the array keeps.
func ReadArray(b []byte) (*Array, error) {
	a, err := readHeader(bytes.NewReader(b), uint64(len(b)))
	if err != nil {
		return nil, err
	}
	a.values.data = b
	return a, nil
}

// readHeader reads what stands in front of the values, of a file of a length.
func readHeader(r io.Reader, length uint64) (*Array, error) {
	var head [12]byte
	n, err := io.ReadFull(r, head[:10])
	switch {
	case !bytes.HasPrefix(head[:min(n, len(magic))], []byte(magic)):
		return nil, fmt.Errorf("npy at byte 0: expected %q, found %q", magic, head[:min(n, len(magic))])
	case err != nil:
		return nil, headerCut(n, err)
	}
	at, size := 10, int(binary.LittleEndian.Uint16(head[8:]))
	switch head[6] {
	case 1:
	case 2, 3:
		if n, err := io.ReadFull(r, head[10:]); err != nil {
			return nil, headerCut(10+n, err)
		}
		at, size = 12, int(min(binary.LittleEndian.Uint32(head[8:]), maxHeader+1))
	default:
		return nil, fmt.Errorf("npy at byte 6: expected version 1, 2 or 3, found %d", head[6])
	}
	if left := max(length, uint64(at)) - uint64(at); size > maxHeader || uint64(size) > left {
		return nil, fmt.Errorf("npy at byte 8: expected a header of at most %d bytes, found %d", min(maxHeader, left), size)
	}
	text := make([]byte, size)
	if n, err := io.ReadFull(r, text); err != nil {
		return nil, headerCut(at+n, err)
	}
	h, err := parseHeader(string(text))
	if err != nil {
		return nil, fmt.Errorf("npy at byte %d: %w", at, err)
	}
	return h.array(at+size, length)
}

// headerCut is an error of a file that ends too soon, or cannot be unpacked.
func headerCut(at int, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("npy at byte %d: expected a header, found the end", at)
	}
	return fmt.Errorf("npy at byte %d: expected a header: %w", at, err)
}

// kindOf are the letters of types and the sizes that are read.
var kindOf = map[byte][]int{'b': {1}, 'i': {1, 2, 4, 8}, 'u': {1, 2, 4, 8}, 'f': {2, 4, 8}}

// array is one whose values begin at a byte of a file of a length, and fill it.
func (h *header) array(at int, length uint64) (*Array, error) {
	l := layout{fortran: h.fortran, count: 1}
	var err error
	if l.order, l.kind, l.size, err = h.format(); err != nil {
		return nil, fmt.Errorf("npy: %w", err)
	}
	for _, n := range h.shape {
		if n > 0 && l.count > MaxValues/n {
			return nil, fmt.Errorf("npy: shape %v: expected at most %d values", h.shape, MaxValues)
		}
		l.count *= n
	}
	if left := length - uint64(at); left != uint64(l.count*l.size) {
		return nil, fmt.Errorf("npy at byte %d: expected %d bytes of shape %v and type %s, found %d", at, l.count*l.size, h.shape, h.descr, left)
	}
	return &Array{Shape: h.shape, Type: h.descr, layout: l, values: values{at: at}}, nil
}
