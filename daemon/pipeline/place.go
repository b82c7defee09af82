package pipeline

import (
	"fmt"

	"github.com/saccade-dev/saccade/events"
)

// place is where in its stream a pipeline stands.
type place struct {
	Session string `json:"session"`
	Next    uint64 `json:"next"` // the number expected next
	Counted bool   `json:"counted"`

	Recording string `json:"recording"`
	Truth     string `json:"truth"`
	Open      bool   `json:"open"` // a recording, or a stream, has begun and not ended

	// First and Last are the times of the first and last event that the pooled
	// counts rest on, Events their number; Since is where the label's interval
	// began.
	First  int64 `json:"first"`
	Last   int64 `json:"last"`
	Events int64 `json:"events"`
	Since  int64 `json:"since"`
	// All is the number of events of the recording.
	All int64 `json:"all"`
}

// sequence judges a message's number: how many messages are missing before it,
// and whether its turn is now (Processed), was before or is yet to come.
func (p *place) sequence(in *Input) (missing uint64, o Outcome, err error) {
	if !in.HasSeq {
		return 0, Processed, nil
	}
	known := p.Counted && in.Session == p.Session
	switch {
	case known && in.Seq < p.Next && in.Session != "":
		return 0, Duplicate, nil
	case known && in.Seq < p.Next && in.Seq != 0:
		return 0, Rejected, fmt.Errorf("sequence: expected %d or above, or 0 for a new start, found %d", p.Next, in.Seq)
	case known && in.Seq > p.Next && in.HasOldest, !known && in.HasOldest && in.Seq != in.Oldest:
		return 0, Early, nil
	case known && in.Seq > p.Next:
		missing = in.Seq - p.Next
	}
	// What an unknown sender sent before this daemon listened is not missing.
	p.Counted, p.Session, p.Next = true, in.Session, in.Seq+1
	return missing, Processed, nil
}

// pooled takes note of the times of events that were pooled.
func (p *place) pooled(first, last, n int64) {
	if p.Events == 0 {
		p.First = first
	}
	p.Last = last
	p.Events += n
}

// restart forgets what was pooled.
func (p *place) restart() { p.First, p.Last, p.Events = 0, 0, 0 }

// until is how many of the events belong to the label interval that is running,
// every microseconds long; due is set when the interval is over before the first
// of them. Intervals begin with the first event after the last one.
func (p *place) until(in []events.Event, every int64) (n int, due bool) {
	if p.Events == 0 {
		p.Since = in[0].T
	}
	for i := range in {
		// Time that runs back by more than an interval is a new start.
		if d := in[i].T - p.Since; d >= every || d <= -every {
			return i, i == 0
		}
	}
	return len(in), false
}
