package hil

import (
	"time"

	"github.com/saccade-dev/saccade/events"
)

// sent is one event of a batch, and what is expected of it.
type sent struct {
	event     events.Event
	number    int64 // of all events
	recording int
	within    int64 // its number in its recording
	from, to  int   // its words, and those of commands ahead of it
	stamp     uint32
	want      Answer // without what is valid for a moment only
}

// batch is what is sent between two looks at the device's counters.
type batch struct {
	events  []sent
	words   []uint32
	seq     uint16  // of its first event
	extra   int     // events behind the last that only keep the device in step
	flushes uint16  // such that brought it into step later
	start   *Golden // the reference ahead of it
	raw     []uint32
	sentAt  []time.Time // when the words of each event were handed to the link, at the latest
	gotAt   []received
	whole   bool // as many words came as there should have, with the mark behind them
}

// received says that so many words had come by then.
type received struct {
	words int
	at    time.Time
}

func (b *batch) reset() {
	b.events, b.words, b.raw, b.sentAt, b.gotAt = b.events[:0], b.words[:0], b.raw[:0], b.sentAt[:0], b.gotAt[:0]
	b.whole, b.extra, b.flushes = false, 0, 0
}
