package aedat4

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/internal/source"
)

// The fields of IOHeader.
const (
	fieldCompression = 0
	fieldTable       = 1
	fieldInfo        = 2
)

// header is what a file's start says.
type header struct {
	bytes       int64
	compression Compression
	table       int64 // where the data table is, -1 where there is none
	streams     map[int32]stream
	damage      *events.FormatError // what was wrong and does not matter for the events
}

// readHeader reads the first line and the IOHeader.
func readHeader(br *bufio.Reader) (*header, error) {
	first, err := br.Peek(len(firstLine) + prefixBytes)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	case len(first) < len(firstLine) || string(first[:len(firstLine)]) != firstLine:
		return nil, damaged(0, fmt.Sprintf("%q", firstLine), fmt.Sprintf("%q", first[:min(len(first), len(firstLine))]))
	case err != nil:
		return nil, damaged(int64(len(first)), "the size of the header", "the end of the file")
	}
	size := binary.LittleEndian.Uint32(first[len(firstLine):])
	h := &header{bytes: int64(len(first)) + int64(size)}
	if size > maxHeader {
		return nil, damaged(int64(len(firstLine)), fmt.Sprintf("a header of at most %d bytes", maxHeader), fmt.Sprintf("%d", size))
	}
	if _, err := br.Discard(len(first)); err != nil {
		return nil, err
	}
	buf, err := source.Append(br, nil, int(size))
	if err != nil {
		if errors.Is(err, io.EOF) {
			return nil, damaged(int64(len(firstLine)+prefixBytes), fmt.Sprintf("a header of %d bytes", size), fmt.Sprintf("the end of the file after %d", len(buf)))
		}
		return nil, err
	}
	return h, h.parse(buf)
}

func (h *header) parse(buf []byte) error {
	const at = int64(len(firstLine) + prefixBytes)
	t, id, err := root(buf)
	if err == nil && id != idHeader {
		return damaged(at+4, idHeader, fmt.Sprintf("%q", id))
	}
	var compression int32
	var info []byte
	if err == nil {
		compression, err = t.int32(fieldCompression, int32(None))
	}
	if err == nil {
		h.table, err = t.int64(fieldTable, -1)
	}
	if err == nil {
		info, err = t.bytes(fieldInfo)
	}
	var pe *pointerError
	if errors.As(err, &pe) {
		return damaged(at+int64(pe.at), pe.want, pe.got)
	}
	h.compression = Compression(compression)
	if !h.compression.valid() {
		return damaged(at, fmt.Sprintf("a compression from 0 to %d", len(compressionNames)-1), fmt.Sprintf("%d", compression))
	}
	if h.streams, err = parseInfo(info); err != nil {
		h.damage = damaged(at, "XML that tells of the streams", err.Error())
		h.damage.Fatal = false
	}
	if h.table >= 0 && h.table < h.bytes {
		h.damage = damaged(at, fmt.Sprintf("a data table behind byte %d, or -1", h.bytes), fmt.Sprintf("one at byte %d", h.table))
		h.damage.Fatal = false
		h.table = -1
	}
	return nil
}

// damaged is damage that nothing can be read behind.
func damaged(offset int64, want, got string) *events.FormatError {
	return &events.FormatError{Format: Name, Offset: offset, Want: want, Got: got, Fatal: true}
}
