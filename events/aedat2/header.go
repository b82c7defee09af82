package aedat2

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/saccade-dev/saccade/events"
)

const (
	// maxHeader bounds the text: jAER's preferences are some 200 KiB.
	maxHeader = 16 << 20
	// longLine is how long a line is that no run of records is taken for, even
	// though its end is not the end that the lines before it have.
	longLine = 3 * recordBytes

	chipKey   = "# AEChip:"
	sizeKey   = "# Sensor size:"
	originKey = "# Time origin:"
	endMark   = "#End Of ASCII Header"
	prefsMark = "#Start of Preferences"
	prefsEnd  = "#End of Preferences"
)

// header is what the text of a file says.
type header struct {
	bytes     int64
	class     string // of the line AEChip
	classAt   int64  // where that stands
	chip      *chip  // nil where none is named
	size      events.Geometry
	sizeGiven bool // by a line of ours, which may say that it is not known
	origin    int64

	prefs bool // within the preferences
	bare  bool // lines end without a carriage return
}

// readHeader reads the text and leaves br at the first record.
func readHeader(br *bufio.Reader) (*header, error) {
	h := &header{}
	for {
		line, err := h.textLine(br)
		if err != nil || line == nil {
			return h, err
		}
		end, err := h.take(line)
		if err != nil {
			return h, err
		}
		h.bytes += int64(len(line))
		if _, err := br.Discard(len(line)); err != nil {
			return h, err
		}
		if end {
			return h, nil
		}
		if h.bytes > maxHeader {
			return h, h.damage(fmt.Sprintf("a text of at most %d bytes", maxHeader), "more of it")
		}
	}
}

func (h *header) damage(want, got string) error {
	return &events.FormatError{Format: Name, Offset: h.bytes, Want: want, Got: got, Fatal: true}
}

// textLine gives the next line of text, with its end, without taking it from br;
// nil where records begin or the file ends. A line longer than br's buffer comes in
// parts.
//
// A record may begin with '#' as well. It is told from text by its bytes: text has no
// control characters, few bytes beyond ASCII, and ends as the lines before it. Files
// of jAER mix line ends within the preferences.
func (h *header) textLine(br *bufio.Reader) ([]byte, error) {
	for {
		b, err := br.Peek(max(1, br.Buffered()))
		switch {
		case errors.Is(err, io.EOF):
			return nil, nil
		case err != nil:
			return nil, err
		case b[0] != '#':
			return nil, nil
		}
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			if h.isText(b[:i]) {
				return b[:i+1], nil
			}
			return nil, nil
		}
		if control(b) {
			return nil, nil
		}
		if len(b) == br.Size() {
			return h.longPart(br)
		}
		// The line goes on behind what is buffered, which moves to the buffer's start.
		if b, err = br.Peek(len(b) + 1); err != nil {
			if errors.Is(err, io.EOF) {
				if !plain(b) {
					return nil, nil
				}
				return nil, h.damage("the end of a line of text", fmt.Sprintf("the end of the file after %d bytes", len(b)))
			}
			return nil, err
		}
	}
}

// longPart takes a line that is longer than br's buffer, but for its last part.
func (h *header) longPart(br *bufio.Reader) ([]byte, error) {
	for h.bytes <= maxHeader {
		b, err := br.ReadSlice('\n')
		h.bytes += int64(len(b))
		switch {
		case err == nil:
			return h.textLine(br)
		case errors.Is(err, io.EOF):
			return nil, h.damage("the end of a line of text", "the end of the file")
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
	return nil, h.damage(fmt.Sprintf("a text of at most %d bytes", maxHeader), "more of it")
}

func (h *header) isText(line []byte) bool {
	body, crlf := bytes.CutSuffix(line, []byte{'\r'})
	return plain(body) && !bytes.HasSuffix(body, []byte{'\r'}) && (crlf || h.bare || h.bytes == 0 || h.prefs || len(line) >= longLine)
}

// plain tells whether bytes may be text: no control characters, at most one byte in
// eight beyond ASCII (names of users in Latin-1).
func plain(b []byte) bool {
	beyond := 0
	for _, c := range b {
		if c >= 0x80 {
			beyond++
		}
	}
	return beyond*8 <= len(b) && !control(b)
}

// control tells whether there are control characters other than the tabulator. A
// carriage return at the very end is none: its line feed may not be there yet.
func control(b []byte) bool {
	for i, c := range b {
		if (c < ' ' || c == 0x7f) && c != '\t' && (c != '\r' || i != len(b)-1) {
			return true
		}
	}
	return false
}

// take learns from a line and tells whether it says that it is the last.
func (h *header) take(line []byte) (end bool, err error) {
	text, crlf := bytes.CutSuffix(bytes.TrimSuffix(line, []byte{'\n'}), []byte{'\r'})
	if h.bytes == 0 {
		h.bare = !crlf
		if string(text) != magic {
			return false, h.damage(magic, fmt.Sprintf("%.40q", text))
		}
		return false, nil
	}
	s := string(text)
	switch {
	case strings.HasPrefix(s, endMark):
		return true, nil
	case strings.HasPrefix(s, prefsMark):
		h.prefs = true
	case strings.HasPrefix(s, prefsEnd):
		h.prefs = false
	case h.prefs:
	case strings.HasPrefix(s, chipKey):
		h.class, h.classAt = strings.TrimSpace(s[len(chipKey):]), h.bytes
		h.chip = mentioned(h.class)
	case strings.HasPrefix(s, sizeKey):
		return false, h.takeSize(strings.TrimSpace(s[len(sizeKey):]))
	case strings.HasPrefix(s, originKey):
		return false, h.takeOrigin(strings.TrimSpace(s[len(originKey):]))
	case h.class == "" && (h.chip == nil || !h.chip.size.Known()):
		if c := mentioned(s); c != nil {
			h.chip = c
		}
	}
	return false, nil
}

func (h *header) takeSize(s string) error {
	h.size = events.Geometry{}
	if s != "unknown" {
		if n, err := fmt.Sscanf(s, "%dx%d pixels", &h.size.Width, &h.size.Height); n != 2 || err != nil || !h.size.Valid() {
			return h.damage(fmt.Sprintf("a sensor size as 34x34 pixels, sides from 1 to %d", events.MaxSide), fmt.Sprintf("%.40q", s))
		}
	}
	h.sizeGiven = true
	return nil
}

func (h *header) takeOrigin(s string) error {
	if n, err := fmt.Sscanf(s, "%d us", &h.origin); n != 1 || err != nil || h.origin%turn != 0 {
		return h.damage("a time origin in us, a multiple of 2^32", fmt.Sprintf("%.40q", s))
	}
	return nil
}
