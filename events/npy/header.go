package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/internal/source"
)

const (
	magic = "\x93NUMPY"
	// maxHeader bounds the text of a header; numpy's own readers stop at 10,000.
	maxHeader = 1 << 16
	// maxItem bounds a record.
	maxItem = 4096
)

// header is what stands before the records of an array.
type header struct {
	record record
	count  int64
	bytes  int64 // of the header
}

// readHeader reads the header of an array. An error that is a *events.FormatError
// counts its offset from the array's beginning.
func readHeader(r io.Reader) (header, error) {
	var h header
	fail := func(offset int64, want, got string) (header, error) {
		return h, &events.FormatError{Format: Name, Offset: offset, Want: want, Got: got, Fatal: true}
	}
	read := func(n int) ([]byte, error) {
		b := make([]byte, n)
		got, err := source.Full(r, b)
		h.bytes += int64(got)
		if errors.Is(err, io.EOF) {
			_, err = fail(h.bytes, "the header of a numpy array", "the end of the file")
		}
		return b[:got], err
	}
	b, err := read(8)
	if len(b) >= len(magic) && string(b[:len(magic)]) != magic {
		return fail(0, fmt.Sprintf("%q", magic), fmt.Sprintf("%q", b[:len(magic)]))
	}
	if err != nil {
		return h, err
	}
	sizeBytes := 4
	switch b[6] {
	case 1:
		sizeBytes = 2
	case 2, 3:
	default:
		return fail(6, "version 1, 2 or 3", fmt.Sprintf("version %d.%d", b[6], b[7]))
	}
	if b, err = read(sizeBytes); err != nil {
		return h, err
	}
	size := uint32(binary.LittleEndian.Uint16(b))
	if sizeBytes == 4 {
		size = binary.LittleEndian.Uint32(b)
	}
	if size > maxHeader {
		return fail(8, fmt.Sprintf("a header of at most %d bytes", maxHeader), fmt.Sprintf("%d", size))
	}
	at := h.bytes
	if b, err = read(int(size)); err != nil {
		return h, err
	}
	v, err := parseLiteral(string(b))
	if err != nil {
		return fail(at, "a dict of Python", err.Error())
	}
	dict, ok := v.(map[string]any)
	if !ok {
		return fail(at, "a dict of Python", fmt.Sprintf("%.40q", b))
	}
	shape, ok := dict["shape"].(tuple)
	if !ok {
		return fail(at, "a shape", fmt.Sprintf("%.100q", b))
	}
	if len(shape) != 1 {
		return fail(at, "an array of one dimension", fmt.Sprintf("%d", len(shape)))
	}
	if h.count, ok = shape[0].(int64); !ok || h.count < 0 {
		return fail(at, "a number of events", fmt.Sprintf("%v", shape[0]))
	}
	if h.record, err = parseRecord(dict["descr"]); err != nil {
		return fail(at, "a type of records", err.Error())
	}
	if h.count > math.MaxInt64/maxItem {
		return fail(at, "a number of events that can be", fmt.Sprint(h.count))
	}
	return h, nil
}
