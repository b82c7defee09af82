package aedat31

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/saccade-dev/saccade/events"
)

// maxHeader bounds the text: real ones are some hundred bytes.
const maxHeader = 1 << 20

// header is what the text of a file says.
type header struct {
	bytes   int64
	format  string
	sources map[int16]string
	size    events.Geometry // by a line of ours
	start   time.Time
}

// readHeader reads the text, the last line of it included.
func readHeader(br *bufio.Reader) (*header, error) {
	h := &header{sources: map[int16]string{}}
	for {
		line, err := br.ReadSlice('\n')
		switch {
		case errors.Is(err, io.EOF):
			return nil, h.damage("a line of text, "+endMark+" the last of them", fmt.Sprintf("the end of the file after %d bytes", len(line)))
		case errors.Is(err, bufio.ErrBufferFull) || err == nil && h.bytes+int64(len(line)) > maxHeader:
			return nil, h.damage(fmt.Sprintf("%s within %d bytes", endMark, maxHeader), "more text")
		case err != nil:
			return nil, err
		case line[0] != '#':
			return nil, h.damage("a line of text, "+endMark+" the last of them", fmt.Sprintf("%.20q", line))
		}
		text := string(bytes.TrimRight(line, "\r\n"))
		if h.bytes == 0 && text != magic {
			return nil, h.damage(magic, fmt.Sprintf("%.40q", text))
		}
		if err := h.take(text); err != nil {
			return nil, err
		}
		h.bytes += int64(len(line))
		if text == endMark {
			return h, nil
		}
	}
}

func (h *header) damage(want, got string) error {
	return &events.FormatError{Format: Name, Offset: h.bytes, Want: want, Got: got, Fatal: true}
}

func (h *header) take(text string) error {
	switch {
	case strings.HasPrefix(text, formatKey):
		h.format = strings.TrimSpace(text[len(formatKey):])
		if h.format != rawFormat {
			return h.damage("the format RAW, the only one that is read", fmt.Sprintf("%.40q", h.format))
		}
	case strings.HasPrefix(text, sourceKey):
		number, name, found := strings.Cut(text[len(sourceKey):], ":")
		id, err := strconv.ParseInt(number, 10, 16)
		if !found || err != nil {
			return h.damage("a source as '1: DVS128'", fmt.Sprintf("%.40q", text[len(sourceKey):]))
		}
		h.sources[int16(id)] = strings.TrimSpace(name)
	case strings.HasPrefix(text, startKey):
		h.start = parseStart(text[len(startKey):])
	case strings.HasPrefix(text, sizeKey):
		if n, err := fmt.Sscanf(text[len(sizeKey):], "%dx%d", &h.size.Width, &h.size.Height); n != 2 || err != nil || !h.size.Valid() {
			return h.damage(fmt.Sprintf("a sensor size as 34x34, sides from 1 to %d", events.MaxSide), fmt.Sprintf("%.40q", text[len(sizeKey):]))
		}
	}
	return nil
}
