package evt21

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/saccade-dev/saccade/events"
)

// digits is the length of a word in a list, and maxListLine that of a line: what
// is longer is damage.
const (
	digits      = 16
	maxListLine = 1 << 12
)

// detectList tells whether every whole line of head is a word.
func detectList(head []byte) error {
	line, rest, ended := bytes.Cut(head, []byte{'\n'})
	if !ended && len(head) > lineBytes {
		return errors.New("the first line is longer than a word")
	}
	for {
		if _, err := parseWord(line); err != nil {
			return err
		}
		if line, rest, ended = bytes.Cut(rest, []byte{'\n'}); !ended {
			return nil // the last line may be cut off
		}
	}
}

func parseWord(line []byte) (uint64, error) {
	line = bytes.TrimRight(line, "\r \t")
	if len(line) != digits {
		return 0, fmt.Errorf("a line of %d characters, and a word has %d digits", len(line), digits)
	}
	// A sign or underscore would be taken by ParseUint at some bases only: not at 16.
	w, err := strconv.ParseUint(string(line), 16, 64)
	if err != nil {
		return 0, fmt.Errorf("%.20q has other characters than hexadecimal digits", line)
	}
	return w, nil
}

// list reads a list of hexadecimal words.
type list struct {
	m      *machine
	lines  *bufio.Reader
	offset int64 // of the next line in the file
	word   [wordBytes]byte
	at     int64 // of the line that word is from
	full   bool  // word is not done with
	err    error // that ended the source
}

func newList(src io.Reader, g events.Geometry) (*list, error) {
	if g != (events.Geometry{}) && !g.Valid() {
		return nil, fmt.Errorf("geometry %dx%d: expected sides from 1 to %d", g.Width, g.Height, events.MaxSide)
	}
	l := &list{m: newMachine(little), lines: bufio.NewReaderSize(src, maxListLine)}
	l.m.Name = Name
	l.m.SetGeometry(g, false)
	return l, nil
}

func (l *list) Header() events.Header {
	return events.Header{Format: Name, Geometry: l.m.Geometry()}
}

func (l *list) Skipped() map[string]int64 { return l.m.Skipped() }

// OnTrigger has f called for each trigger from now on.
func (l *list) OnTrigger(f func(events.Trigger)) { l.m.OnTrigger(f) }

func (l *list) Read(p *events.Packet) error {
	p.Reset()
	for p.Room() > 0 {
		if !l.full {
			if err := l.next(); err != nil {
				if len(p.Events) > 0 && errors.Is(err, io.EOF) {
					return nil
				}
				return err
			}
			continue
		}
		n, err := l.m.Run(l.word[:], p)
		l.full = n < wordBytes
		var fe *events.FormatError
		if errors.As(err, &fe) {
			fe.Offset = l.at
			return fe
		}
	}
	return nil
}

// next reads a line; an empty one is none.
func (l *list) next() error {
	if l.err != nil {
		return l.err
	}
	line, err := l.lines.ReadSlice('\n')
	l.at = l.offset
	l.offset += int64(len(line))
	long := errors.Is(err, bufio.ErrBufferFull)
	for errors.Is(err, bufio.ErrBufferFull) {
		var more []byte
		more, err = l.lines.ReadSlice('\n')
		l.offset += int64(len(more))
	}
	l.err = err
	text := bytes.TrimSpace(line)
	if len(text) == 0 {
		return err
	}
	if long {
		return l.damage(fmt.Sprintf("a line of more than %d bytes", maxListLine))
	}
	w, bad := parseWord(text)
	if bad != nil {
		return l.damage(bad.Error())
	}
	binary.LittleEndian.PutUint64(l.word[:], w)
	l.full = true
	return nil
}

func (l *list) damage(got string) error {
	return &events.FormatError{Format: Name, Offset: l.at, Want: fmt.Sprintf("a word of %d hexadecimal digits", digits), Got: got}
}
