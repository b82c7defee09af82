package pipeline

import (
	"fmt"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/events"
)

// place is where in its stream a pipeline stands.
type place struct {
	Session string `json:"session"`
	Next    uint64 `json:"next"` // the number expected next
	Counted bool   `json:"counted"`
	// Skipped are the latest gaps in the numbers of the session, in their order.
	Skipped []gap `json:"skipped,omitempty"`

	Recording string `json:"recording"`
	Truth     string `json:"truth"`
	Open      bool   `json:"open"` // a recording, or a stream, has begun and not ended

	// First and Last are the times of the first and last event that the pooled
	// counts rest on, Events their number. A label's interval begins with First.
	First  int64 `json:"first"`
	Last   int64 `json:"last"`
	Events int64 `json:"events"`
	// Seq is the number of the message that the last of them came with, if any.
	Seq    uint64 `json:"seq"`
	HasSeq bool   `json:"has_seq"`
	// Won is how many of them a feature won.
	Won uint64 `json:"won,omitempty"`
	// Since and Pending are the time of the first event after the last running label,
	// and how many events there were since.
	Since   int64 `json:"since,omitempty"`
	Pending int64 `json:"pending,omitempty"`
	// All is the number of events of the recording, Latest the time of the last
	// event of all.
	All    int64 `json:"all"`
	Latest int64 `json:"latest"`
}

// gap is messages that are missing, From to To.
type gap struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
}

// maxSkipped bounds the gaps that are remembered.
const maxSkipped = 64

// turn is what a message's number says.
type turn struct {
	outcome Outcome // Processed: it is its turn
	missing uint64  // messages before it
	fresh   bool    // its sender has started again
}

// sequence judges a message's number.
func (p *place) sequence(in *Input) (turn, error) {
	if !in.HasSeq {
		return turn{}, nil
	}
	if in.Seq == math.MaxUint64 {
		return turn{}, fmt.Errorf("%w: expected a number that another can follow, found %d", ErrSequence, in.Seq)
	}
	known := p.Counted && in.Session == p.Session
	switch {
	case known && in.Seq < p.Next && in.Session != "" && p.skipped(in.Seq):
		// It never came, and what it would have changed has been used: calling it
		// a duplicate would tell its sender that it was processed.
		return turn{}, fmt.Errorf("%w: %d comes after %d, which was processed without it", ErrSequence, in.Seq, p.Next-1)
	case known && in.Seq < p.Next && in.Session != "":
		return turn{outcome: Duplicate}, nil
	case known && in.Seq < p.Next && in.Seq != 0:
		return turn{}, fmt.Errorf("%w: expected %d or above, or 0 for a new start, found %d", ErrSequence, p.Next, in.Seq)
	case in.HasOldest && in.Seq != in.Oldest && (!known || in.Seq > p.Next):
		// The sender goes back to the oldest one that it has no acknowledgement
		// of. Those before that one were acknowledged, by a daemon that was here
		// before or as rejected, and do not come again.
		return turn{outcome: Early}, nil
	}
	t := turn{fresh: p.Counted && (!known || in.Seq < p.Next)}
	if t.fresh {
		p.Skipped = nil
	}
	if known && in.Seq > p.Next {
		t.missing = in.Seq - p.Next
		if len(p.Skipped) == maxSkipped {
			p.Skipped = slices.Delete(p.Skipped, 0, 1)
		}
		p.Skipped = append(p.Skipped, gap{p.Next, in.Seq - 1})
	}
	// What an unknown sender sent before this daemon listened is not missing.
	p.Counted, p.Session, p.Next = true, in.Session, in.Seq+1
	return t, nil
}

// skipped tells whether a number is in a gap.
func (p *place) skipped(seq uint64) bool {
	return slices.ContainsFunc(p.Skipped, func(g gap) bool { return g.From <= seq && seq <= g.To })
}

// pooled takes note of n events that were pooled, of a message, won of which a feature
// won.
func (p *place) pooled(in *Input, first, last, n int64, won uint64) {
	if p.Events == 0 {
		p.First = first
	}
	p.Last = last
	p.Events += n
	p.Won += won
	p.Seq, p.HasSeq = in.Seq, in.HasSeq
}

// restart forgets what was pooled.
func (p *place) restart() {
	p.First, p.Last, p.Events, p.Won, p.Seq, p.HasSeq = 0, 0, 0, 0, 0, false
	p.Since, p.Pending = 0, 0
}

// interval is how often labels are due; zeros for never.
type interval struct {
	every  int64 // microseconds
	events int64
}

func (v interval) none() bool { return v.every == 0 && v.events == 0 }

// until is how many of the events belong to the interval that is running, which
// began at a time and has seen so many events; due is set when it is over before the
// first of them. Intervals begin with the first event after the last one.
func (v interval) until(in []events.Event, since, seen int64) (n int, due bool) {
	n = len(in)
	if v.events > 0 {
		n = int(min(int64(n), max(0, v.events-seen)))
	}
	if seen == 0 {
		since = in[0].T
	}
	for i := range in[:n] {
		// Time that runs back by more than an interval is a new start.
		if d := in[i].T - since; v.every > 0 && (d >= v.every || d <= -v.every) {
			return i, i == 0
		}
	}
	return n, n == 0
}
