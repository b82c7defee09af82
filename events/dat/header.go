package dat

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/internal/source"
)

const (
	linePrefix = "% "
	// maxLine and maxHeader bound what is taken for a header: the vendor's are
	// below a kilobyte.
	maxLine   = 4096
	maxHeader = 1 << 16
)

// header is what stands before the records.
type header struct {
	version  int // 0 where the file does not say
	geometry events.Geometry
	bytes    int64
}

// headerLine cuts one line off, without its ends; nil when b does not begin with
// a header line. whole tells whether its end was there.
func headerLine(b []byte) (line, rest []byte, whole bool) {
	if !bytes.HasPrefix(b, []byte(linePrefix)) {
		return nil, b, false
	}
	line, rest, whole = bytes.Cut(b[len(linePrefix):], []byte{'\n'})
	return line, rest, whole
}

// keyValue takes a header line apart. Keys are compared in lower case, as files
// in circulation have "width" where the specification has "Width".
func keyValue(line []byte) (key, value string) {
	fields := strings.Fields(string(line[:min(len(line), maxLine)]))
	if len(fields) == 0 {
		return "", ""
	}
	return strings.ToLower(fields[0]), strings.Join(fields[1:], " ")
}

// readHeader reads the lines, the event type and the event size.
func readHeader(r *bufio.Reader) (header, error) {
	var h header
	fail := func(offset int64, want, got string) (header, error) {
		return h, &events.FormatError{Format: Name, Offset: offset, Want: want, Got: got, Fatal: true}
	}
	lines := 0
	for ended := false; !ended; lines++ {
		start, err := r.Peek(len(linePrefix))
		if err != nil && !errors.Is(err, io.EOF) {
			return h, err
		}
		if string(start) != linePrefix {
			break
		}
		line, err := r.ReadSlice('\n')
		at := h.bytes
		h.bytes += int64(len(line))
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return fail(at, fmt.Sprintf("a header line of at most %d bytes", maxLine), "a longer one")
		case errors.Is(err, io.EOF):
			return fail(h.bytes, "the end of a header line", "the end of the file")
		case err != nil:
			return h, err
		case h.bytes > maxHeader:
			return fail(at, fmt.Sprintf("a header of at most %d bytes", maxHeader), "a longer one")
		}
		key, value := keyValue(line[len(linePrefix):])
		switch key {
		case "version":
			switch value {
			case "1", "1.0":
				h.version = 1
			case "2", "2.0":
				h.version = 2
			default:
				return fail(at, "version 1 or 2", fmt.Sprintf("version %.20q", value))
			}
		case "width", "height":
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 || n > events.MaxSide {
				return fail(at, fmt.Sprintf("a %s from 1 to %d", key, events.MaxSide), fmt.Sprintf("%.20q", value))
			}
			if key == "width" {
				h.geometry.Width = n
			} else {
				h.geometry.Height = n
			}
		case "end":
			ended = true
		}
	}
	if lines == 0 {
		return fail(0, `a header line that begins with "% "`, "none")
	}
	if !h.geometry.Known() {
		h.geometry = events.Geometry{} // one side alone says nothing
	}
	return h, readType(r, &h)
}

// readType reads the two bytes behind the lines.
func readType(r io.Reader, h *header) error {
	var b [2]byte
	n, err := source.Full(r, b[:])
	fail := func(i int64, want, got string) error {
		return &events.FormatError{Format: Name, Offset: h.bytes + i, Want: want, Got: got, Fatal: true}
	}
	switch {
	case errors.Is(err, io.EOF):
		return fail(int64(n), "the event type and the event size", "the end of the file")
	case err != nil:
		return err
	case b[0] == typeTrigger:
		return fail(0, "events of type 0 (2D) or 12 (CD)", "type 14: external triggers, which are no events of pixels")
	case b[0] != type2D && b[0] != typeCD:
		return fail(0, "events of type 0 (2D) or 12 (CD)", fmt.Sprintf("type %d", b[0]))
	case b[1] != recordBytes:
		return fail(1, fmt.Sprintf("events of %d bytes", recordBytes), fmt.Sprintf("%d", b[1]))
	}
	h.bytes += 2
	return nil
}
