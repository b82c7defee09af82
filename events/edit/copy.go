package edit

import (
	"context"
	"errors"
	"io"

	"github.com/saccade-dev/saccade/events"
)

// CopyOptions say how Copy deals with what a writer has no place for.
type CopyOptions struct {
	// Geometry is what the writer was told, zero for none: an event beyond it is one that
	// it has no place for, even if the format does not mind.
	Geometry events.Geometry
	// Lenient leaves out events and triggers that the writer has no place for, instead
	// of ending there.
	Lenient bool
	// Each, if any, is called behind each packet.
	Each func()
}

// Copied is what has been copied, and what was left out.
type Copied struct {
	Events, Triggers int64
	Unheld           int64 // events that the writer has no place for
	UnheldTriggers   int64 // triggers of which it has none for the time, though for others
	// FirstUnheld and FirstUnheldTrigger say why, of the first of each.
	FirstUnheld, FirstUnheldTrigger error
	Placeless                       int64 // triggers, where the writer has no place for any
	Channels                        int64 // triggers that lost their channel
	Channelless                     int64 // triggers of channels that the writer has not, though others
	Lost                            int64 // triggers behind [MaxTriggers] between two packets
}

// Copy writes all that a reader gives, triggers in their place between events where the
// writer is an [events.TriggerWriter]. It does not close the writer. damage is what
// reading ended with before the end, and what was before it is written then; err is what
// writing failed with, or the context.
func Copy(ctx context.Context, w events.Writer, r events.Reader, o CopyOptions) (c Copied, damage, err error) {
	cp := &copier{CopyOptions: o, w: w}
	cp.edges, _ = w.(events.TriggerWriter)
	cp.listen(r)
	p := events.NewPacket(events.DefaultPacketEvents)
	for {
		if err := ctx.Err(); err != nil {
			return cp.c, nil, err
		}
		damage := r.Read(p)
		if err := cp.packet(p.Events); err != nil {
			return cp.c, nil, err
		}
		if o.Each != nil {
			o.Each()
		}
		switch {
		case errors.Is(damage, io.EOF):
			cp.c.Lost = cp.lost + r.Skipped()[tooMany]
			return cp.c, nil, nil
		case damage != nil && ctx.Err() != nil:
			// The reader may have ended with the context, which is no damage.
			return cp.c, nil, ctx.Err()
		case damage != nil:
			return cp.c, damage, nil
		}
	}
}

// copier is a Copy under way.
type copier struct {
	triggers
	CopyOptions
	w     events.Writer
	edges events.TriggerWriter // nil where w has no place for triggers
	c     Copied
	read  int64 // events
}

// packet writes a packet and the triggers that wait.
func (cp *copier) packet(in []events.Event) error {
	at := 0
	for _, t := range cp.waiting {
		n := min(max(int(t.After-cp.read), at), len(in))
		if err := cp.run(in[at:n]); err != nil {
			return err
		}
		at = n
		if err := cp.trigger(t); err != nil {
			return err
		}
	}
	cp.waiting = cp.waiting[:0]
	cp.read += int64(len(in))
	return cp.run(in[at:])
}

// run writes events that stand behind each other, but for those that there is no place for.
func (cp *copier) run(in []events.Event) error {
	for len(in) > 0 {
		n := cp.within(in)
		var err error
		if n > 0 {
			err = cp.w.Write(in[:n])
		}
		if n < len(in) && err == nil {
			e := in[n]
			cp.c.Events += int64(n)
			err = events.Unheld(cp.c.Events, "x %d, y %d: expected an event within the recording's %dx%d pixels", e.X, e.Y, cp.Geometry.Width, cp.Geometry.Height)
			in = in[n:]
		}
		if err == nil {
			cp.c.Events += int64(n)
			return nil
		}
		unheld, ok := errors.AsType[*events.UnheldError](err)
		if !ok || !cp.Lenient {
			return err
		}
		note(&cp.c.FirstUnheld, err)
		cp.c.Unheld++
		written := unheld.Event - cp.c.Events
		cp.c.Events = unheld.Event
		in = in[written+1:]
	}
	return nil
}

// within is how many events lie within the geometry before the first that does not.
func (cp *copier) within(in []events.Event) int {
	if !cp.Geometry.Known() {
		return len(in)
	}
	for i, e := range in {
		if !cp.Geometry.Contains(e.X, e.Y) {
			return i
		}
	}
	return len(in)
}

func (cp *copier) trigger(t events.Trigger) error {
	if cp.edges == nil {
		cp.c.Placeless++
		return nil
	}
	channels := cp.edges.TriggerChannels()
	if channels > 1 && int(t.ID) >= channels {
		cp.c.Channelless++
		return nil
	}
	lost := channels == 1 && t.ID != 0
	if lost {
		t.ID = 0
	}
	err := cp.edges.WriteTrigger(t)
	if _, ok := errors.AsType[*events.UnheldError](err); ok && cp.Lenient {
		note(&cp.c.FirstUnheldTrigger, err)
		cp.c.UnheldTriggers++
		return nil
	}
	if err != nil {
		return err
	}
	if lost {
		cp.c.Channels++
	}
	cp.c.Triggers++
	return nil
}

func note(first *error, err error) {
	if *first == nil {
		*first = err
	}
}
