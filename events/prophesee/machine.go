package prophesee

import (
	"fmt"

	"github.com/saccade-dev/saccade/events"
)

// Machine decodes the words of one encoding and keeps what they leave behind.
type Machine interface {
	// Run appends the events of data to p until p is full, data has no whole word
	// left, or damage. It gives the bytes it took: a word is taken once all its
	// events are in p, so that a vector may need several calls. An error is a
	// *events.FormatError with the offset within data; the word is then taken.
	// Run makes headway as long as p has room and data has a whole word: it takes
	// a word, or appends an event.
	Run(data []byte, p *events.Packet) (n int, err error)
	// WordBytes is the size of a word.
	WordBytes() int
	// Shared is the part that all encodings have.
	Shared() *State
	// Forget drops row and vector base, and the low part of time where it is
	// carried. The clock is not the machine's to forget.
	Forget()

	// Amid tells whether a word has been taken in part: the rest of its events wait
	// for room.
	Amid() bool
	// AppendCarried appends what Forget drops, but for the rest of a word.
	AppendCarried(dst []byte) []byte
	// Carry puts back what AppendCarried appended, after which no word has been taken
	// in part; timed tells whether the clock has a high part of time. What cannot be
	// is an error, and changes nothing.
	Carry(b []byte, timed bool) error
}

// State is what the machines of all encodings keep.
type State struct {
	Clock
	Pixels
	Counts
	Name string // the format's or encoding's, for errors
	// Strict leaves out the events before a first low part of time, where it
	// stands in words of its own. In a file, which begins where the camera began,
	// it is zero until then, as the vendor's decoders have it.
	Strict    bool
	Delivered int64 // events so far
	trigger   func(events.Trigger)
}

// Shared is the state itself; machines that embed it need no method of their own.
func (s *State) Shared() *State { return s }

// Amid and the two that follow are those of a machine that carries the clock alone.
func (*State) Amid() bool { return false }

// AppendCarried appends nothing.
func (*State) AppendCarried(dst []byte) []byte { return dst }

// Carry takes nothing back.
func (*State) Carry(b []byte, _ bool) error {
	if len(b) > 0 {
		return fmt.Errorf("expected the end, found %d bytes more", len(b))
	}
	return nil
}

// Trigger counts a trigger and hands it on if its time is known; pending is how
// many events were decoded since Delivered was last brought up to date.
func (s *State) Trigger(t int64, known bool, id uint8, rising bool, pending int) {
	s.Triggers++
	if s.trigger != nil && known {
		s.trigger(events.Trigger{T: t, ID: id, Rising: rising, After: s.Delivered + int64(pending)})
	}
}

// OnTrigger has f called for each trigger from now on.
func (s *State) OnTrigger(f func(events.Trigger)) { s.trigger = f }

// Counts are the words that are neither events nor part of one.
type Counts struct {
	Triggers      int64
	Others        int64 // words for extensions, of a vendor's own meaning
	Continuations int64 // words that carry on what stands before them
	Padding       int64
	Reserved      int64 // words of types that the encoding does not have
	Early         int64 // events before their time, row or vector base was known
}

// Skipped gives the counts by kind.
func (c *Counts) Skipped() map[string]int64 {
	m := map[string]int64{}
	for kind, n := range map[string]int64{
		"external trigger": c.Triggers, "other": c.Others, "continuation": c.Continuations,
		"padding": c.Padding, "reserved": c.Reserved, "event without a time or place": c.Early,
	} {
		if n > 0 {
			m[kind] = n
		}
	}
	return m
}
