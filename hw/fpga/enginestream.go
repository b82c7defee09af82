package fpga

import (
	"github.com/saccade-dev/saccade/hw"
)

// PanicLengths is the panic of Process for results of another length than the events.
const PanicLengths = "fpga: Process needs one result for each event"

// Process implements [hw.Engine]. Behind the events of each call goes a mark, so that results which are missing
// are noticed in the call that should have had them.
func (e *engine) Process(in []hw.EngineEvent, winners []int16) error {
	if len(in) != len(winners) {
		panic(PanicLengths)
	}
	if err := e.begin(); err != nil || len(in) == 0 {
		return err
	}
	if err := e.stream(in, winners); err != nil {
		return e.end(err)
	}
	if e.sent-e.checked >= uint64(e.options.CheckEvery) {
		if err := e.check(); err != nil {
			return e.end(err)
		}
	}
	if e.auditDue() {
		return e.end(e.audit())
	}
	return nil
}

// turn is the part of the stream that is on its way: events, and a mark behind them.
type turn struct {
	in      []hw.EngineEvent
	winners []int16
	next    int // the first that was not put into words
	first   int // the first that was not answered
	head    int // words ahead of the first event and of it
	marked  bool
	done    bool
}

// stream sends what waits, events and a mark, and takes their results as they come. No more words are on their way
// than the link's window has.
func (e *engine) stream(in []hw.EngineEvent, winners []int16) error {
	t := turn{in: in, winners: winners, head: len(e.words)}
	e.commands = 0
	for !t.done {
		if err := e.fill(&t); err != nil {
			return err
		}
		if len(e.words) > 0 {
			if err := e.link.Send(e.words); err != nil {
				return &SilenceError{Unanswered: uint64(len(in) - t.first), Err: err}
			}
			e.guard.sending(e.words)
			e.underWay += len(e.words)
			e.words = e.words[:0]
		}
		n, err := e.link.Receive(e.got)
		if err != nil {
			return &SilenceError{Unanswered: uint64(len(in) - t.first), Err: err}
		}
		e.guard.received(e.got[:n])
		for _, w := range e.got[:n] {
			if err := e.take(&t, w); err != nil {
				return err
			}
		}
	}
	e.underWay = 0
	return e.checkWords()
}

// fill turns events into words, as far as the window has room, and puts a mark behind the last.
func (e *engine) fill(t *turn) error {
	room := e.window - e.underWay
	// A few words at a time would be a call of the link for each.
	if t.marked || room < e.window/4 && t.first != t.next {
		return nil
	}
	for t.next < len(t.in) && len(e.words)+2 <= room {
		ev := &t.in[t.next]
		if ev.Stamp > hw.MaxStamp {
			return &ResultError{Event: e.sent, Expected: "a stamp of at most MaxStamp to send", Found: Refused}
		}
		word := EventWord(ev.X, ev.Y, ev.P)
		if e.stamped && ev.Stamp == e.stamp {
			e.words = append(e.words, word|NoTime)
		} else {
			e.stamp, e.stamped = ev.Stamp, true
			e.words = append(e.words, word, ev.Stamp)
		}
		if t.next == 0 {
			t.head = len(e.words)
		}
		t.next++
		e.sent++
	}
	if t.next == len(t.in) && len(e.words)+2 <= room {
		e.words = append(e.words, CommandWord, Mark(e.tag()))
		t.marked = true
	}
	return nil
}

// tag is that of the mark which is asked for next, or was last.
func (e *engine) tag() uint16 { return uint16(e.marks) }

// take takes one word of the device's.
func (e *engine) take(t *turn, w uint32) error {
	seq, winner := uint16(w>>16), int16(uint16(w))
	switch {
	case winner == MarkResult && (!t.marked || t.done || seq != e.tag() || t.first < len(t.in)):
		return &MarkError{Expected: e.tag(), Found: seq, Unanswered: uint64(len(t.in) - t.first)}
	case winner == MarkResult:
		t.done = true
		e.marks++
		return nil
	case t.first == t.next:
		return &SurplusError{Events: e.sent, Word: w}
	case seq != uint16(e.answered):
		return &SequenceError{Event: e.answered, Expected: uint16(e.answered), Found: seq}
	}
	ev := &t.in[t.first]
	if expected := e.expected(ev, winner); expected != "" {
		return &ResultError{Event: e.answered, Expected: expected, Found: winner}
	}
	t.winners[t.first] = winner
	e.took(ev, winner)
	switch {
	case t.first == 0:
		e.underWay -= t.head
	case ev.Stamp == t.in[t.first-1].Stamp:
		e.underWay--
	default:
		e.underWay -= 2
	}
	t.first++
	e.answered++
	return nil
}

// expected says what an event's result should have been, where it can be known without the device: empty where it
// can be what was found.
func (e *engine) expected(ev *hw.EngineEvent, winner int16) string {
	c := &e.layer
	x, y, r := int(ev.X), int(ev.Y), c.Radius
	switch {
	case x >= c.Geometry.Width || y >= c.Geometry.Height:
		return unless(winner == hw.Outside, "the answer of an event outside the sensor")
	case c.Mode == hw.EngineOn && ev.P&1 == 0:
		return unless(winner == hw.Ignored, "the answer of an event that is ignored")
	case !c.Zero && (x < r || y < r || x+r >= c.Geometry.Width || y+r >= c.Geometry.Height):
		return unless(winner == hw.Border, "the answer of an event at the border")
	case winner == hw.Missed:
		return unless(e.selecting, "a winner, as nothing is selected")
	case winner == hw.Noise:
		return unless(c.MinRecent > 0, "a winner, as nothing is noise")
	}
	low := 0
	if c.Mode == hw.EngineSplit && ev.P&1 == 1 {
		low = c.Neurons
	}
	return unless(int(winner) >= low && int(winner) < low+c.Neurons, "a winner of the event's bank")
}

func unless(ok bool, expected string) string {
	if ok {
		return ""
	}
	return expected
}
