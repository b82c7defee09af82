package edit

import (
	"errors"
	"io"

	"github.com/saccade-dev/saccade/events"
)

// input is a source of a merge: its events and triggers one behind the other, of which a
// packet is read ahead.
type input struct {
	triggers
	src  events.Reader
	p    *events.Packet
	at   int   // of the packet that has been given
	base int64 // events before the packet
	told int   // of the waiting triggers that have been given
	err  error // behind the packet
}

func newInput(src events.Reader) *input {
	in := &input{src: src, p: events.NewPacket(events.DefaultPacketEvents)}
	in.listen(src)
	return in
}

// edge tells whether a trigger comes next.
func (in *input) edge() bool {
	return in.told < len(in.waiting) && (in.at == len(in.p.Events) || in.waiting[in.told].After <= in.base+int64(in.at))
}

// time is that of the next event or trigger; ok is false at the end. Damage is given once
// where the source goes on behind it.
func (in *input) time() (t int64, ok bool, err error) {
	for {
		switch {
		case in.edge():
			return in.waiting[in.told].T, true, nil
		case in.at < len(in.p.Events):
			return in.p.Events[in.at].T, true, nil
		case errors.Is(in.err, io.EOF):
			return 0, false, nil
		case in.err != nil:
			err, in.err = in.err, nil
			return 0, false, err
		}
		in.base += int64(len(in.p.Events))
		in.at, in.told, in.waiting = 0, 0, in.waiting[:0]
		in.err = in.src.Read(in.p)
	}
}

// run takes the next events, at most so many, up to the first that is later than limit or
// stands behind a trigger. The first of them is taken whenever it is.
func (in *input) run(n int, limit int64) []events.Event {
	rest := in.p.Events[in.at:]
	n = min(n, len(rest))
	if in.told < len(in.waiting) {
		n = min(n, int(in.waiting[in.told].After-in.base)-in.at)
	}
	i := 1
	for i < n && rest[i].T <= limit {
		i++
	}
	in.at += i
	return rest[:i]
}
