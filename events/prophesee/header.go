package prophesee

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/saccade-dev/saccade/events"
)

// Bounds of a header: a line of one is well below a hundred bytes in what
// cameras write, a header well below two thousand.
const (
	maxLine   = 1 << 12
	maxHeader = 1 << 16
)

// mark begins each line of a header.
const mark = "% "

// Field is one line of a header.
type Field struct {
	Keyword, Value string
}

// Header is the text at the head of a RAW file.
type Header struct {
	Fields   []Field         // all lines but the end mark, in their order
	Encoding string          // EVT2, EVT21, EVT3 or another's name; empty where none is given
	Options  []Field         // what stands behind the encoding in the format line
	Geometry events.Geometry // zero where the header does not give it
	Bytes    int             // the length of the header
}

// Value gives the value of a keyword, whatever its case, and whether it is there.
func (h *Header) Value(keyword string) (string, bool) { return value(h.Fields, keyword) }

// Option gives an option of the format line, such as endianness.
func (h *Header) Option(name string) (string, bool) { return value(h.Options, name) }

func value(fields []Field, keyword string) (string, bool) {
	for _, f := range fields {
		if strings.EqualFold(f.Keyword, keyword) {
			return f.Value, true
		}
	}
	return "", false
}

// ParseHeader reads the header at the start of b. It is complete when its end is
// in b, or b is all there is (last); otherwise call it again with more. Data
// without a header gives an empty one. An error is a *[events.FormatError] without
// the format's name.
func ParseHeader(b []byte, last bool) (h *Header, complete bool, err error) {
	h = new(Header)
	at, ended := 0, false
	for !ended {
		line, size, whole := headerLine(b[at:], last)
		if !whole {
			if at+maxLine >= maxHeader {
				return nil, false, &events.FormatError{
					Offset: int64(at), Fatal: true,
					Want: fmt.Sprintf("a header of at most %d bytes", maxHeader), Got: "more of it",
				}
			}
			return h, false, nil
		}
		if size == 0 {
			break
		}
		keyword, value, _ := strings.Cut(line, " ")
		if ended = strings.EqualFold(keyword, "end"); !ended {
			h.Fields = append(h.Fields, Field{keyword, strings.TrimSpace(value)})
		}
		at += size
	}
	h.Bytes = at
	h.encoding()
	if err := h.geometry(); err != nil {
		return nil, false, err
	}
	return h, true, nil
}

// headerLine gives the line at the start of b without its mark and end. Size is
// zero where the header has ended; whole is false where more bytes are needed to
// tell.
func headerLine(b []byte, last bool) (line string, size int, whole bool) {
	if !bytes.HasPrefix(b, []byte(mark)) {
		return "", 0, last || len(b) >= len(mark)
	}
	end := bytes.IndexByte(b[:min(len(b), maxLine)], '\n')
	switch {
	case end >= 0:
		size = end + 1
	case len(b) >= maxLine:
		return "", 0, true // no line is so long: these are words
	case !last:
		return "", 0, false
	default:
		end, size = len(b), len(b)
	}
	// A word may happen to begin like a line, but text does not follow.
	text := bytes.TrimRight(b[len(mark):end], " \r")
	if !utf8.Valid(text) || bytes.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return "", 0, true
	}
	return strings.TrimLeft(string(text), " \t"), size, true
}

// encoding finds out what the words are. The newer keyword counts.
func (h *Header) encoding() {
	if format, ok := h.Value("format"); ok {
		parts := strings.Split(format, ";")
		h.Encoding = encodingName(parts[0])
		for _, part := range parts[1:] {
			name, value, _ := strings.Cut(part, "=")
			h.Options = append(h.Options, Field{strings.TrimSpace(name), strings.TrimSpace(value)})
		}
		return
	}
	if version, ok := h.Value("evt"); ok {
		h.Encoding = encodingName("EVT" + version)
	}
}

// encodingName makes EVT3 of "EVT3", "EVT 3.0" and "evt3.0", and the like of the
// others.
func encodingName(s string) string {
	name := strings.ToUpper(strings.NewReplacer(" ", "", ".", "").Replace(strings.TrimSpace(s)))
	switch name {
	case "EVT20":
		return EVT2
	case "EVT30":
		return EVT3
	default:
		return name
	}
}

// The names of the encodings as headers have them.
const (
	EVT2  = "EVT2"
	EVT21 = "EVT21"
	EVT3  = "EVT3"
)

// geometry finds the sensor's size where it is written. What is written and makes
// no sense is an error, as it would be believed.
func (h *Header) geometry() error {
	var sides [2]string
	w, okW := h.Option("width")
	t, okH := h.Option("height")
	if okW && okH {
		sides = [2]string{w, t}
	} else if g, ok := h.Value("geometry"); ok {
		var found bool
		if sides[0], sides[1], found = strings.Cut(strings.ToLower(g), "x"); !found {
			return badGeometry(g)
		}
	} else {
		w, okW = h.Value("width")
		t, okH = h.Value("height")
		if !okW || !okH {
			return nil
		}
		sides = [2]string{w, t}
	}
	width, err := strconv.Atoi(strings.TrimSpace(sides[0]))
	height, err2 := strconv.Atoi(strings.TrimSpace(sides[1]))
	g := events.Geometry{Width: width, Height: height}
	if err != nil || err2 != nil || !g.Valid() {
		return badGeometry(sides[0] + "x" + sides[1])
	}
	h.Geometry = g
	return nil
}

func badGeometry(got string) error {
	return &events.FormatError{
		Fatal: true,
		Want:  fmt.Sprintf("a geometry in the header with sides from 1 to %d", events.MaxSide), Got: strconv.Quote(got),
	}
}
