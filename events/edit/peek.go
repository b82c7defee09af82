package edit

import (
	"errors"
	"io"

	"github.com/saccade-dev/saccade/events"
)

// Peeked is a reader of which the first events are known before it is read. Its Header is
// what the source knows behind them, which may be more than at its start.
type Peeked struct {
	triggers
	src  events.Reader
	held *events.Packet // nil once it has been given
	at   int            // of it that has been given
	err  error          // behind it
}

// NewPeek reads a first packet. What it failed with, if it did, is what Read gives behind
// the events that were there.
func NewPeek(src events.Reader) *Peeked {
	k := &Peeked{src: src, held: events.NewPacket(events.DefaultPacketEvents)}
	k.listen(src)
	k.err = src.Read(k.held)
	return k
}

// First is the first event, if there is one before any damage.
func (k *Peeked) First() (first events.Event, ok bool) {
	if k.held == nil || len(k.held.Events) == 0 {
		return events.Event{}, false
	}
	return k.held.Events[0], true
}

// Start is the time of the first event or, where triggers stand before it, of the earliest of
// them; ok is as in First.
func (k *Peeked) Start() (t int64, ok bool) {
	e, ok := k.First()
	t = e.T
	for _, g := range k.waiting {
		if ok && g.After == 0 {
			t = min(t, g.T)
		}
	}
	return t, ok
}

// Header is the source's.
func (k *Peeked) Header() events.Header { return k.src.Header() }

// Skipped is the source's.
func (k *Peeked) Skipped() map[string]int64 { return k.skipped(k.src.Skipped()) }

// Read gives what was read before, and reads on.
func (k *Peeked) Read(p *events.Packet) error {
	if k.held != nil {
		return k.again(p)
	}
	err := k.src.Read(p)
	for _, t := range k.waiting {
		k.give(t, t.After)
	}
	k.waiting = k.waiting[:0]
	return err
}

// again gives events of the packet that is held, and the error behind them.
func (k *Peeked) again(p *events.Packet) error {
	p.Reset()
	n := min(p.Room(), len(k.held.Events)-k.at)
	p.Events = append(p.Events, k.held.Events[k.at:k.at+n]...)
	k.at += n
	last := k.at == len(k.held.Events)
	given := 0
	for ; given < len(k.waiting) && (last || k.waiting[given].After < int64(k.at)); given++ {
		k.give(k.waiting[given], k.waiting[given].After)
	}
	k.waiting = k.waiting[:copy(k.waiting, k.waiting[given:])]
	if !last || n > 0 && errors.Is(k.err, io.EOF) {
		return nil
	}
	k.held = nil
	return k.err
}
