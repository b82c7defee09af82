package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/edit"
)

// chunk is the events of one message.
type chunk struct {
	events []events.Event
	last   bool // of its recording
}

// cutter cuts a recording into chunks. It looks one packet ahead, to know a
// recording's last chunk when it gives it.
type cutter struct {
	reader    events.Reader
	maxEvents int
	maxTime   int64 // microseconds, 0 for any
	packet    *events.Packet
	ahead     []events.Event // read and not given yet, behind what was
	given     int            // how many at the front of ahead were given
	ended     bool
	damage    error // why it ended, where that was not its end

	// from and to bound what is given, each event by its own time; nil for no bound.
	from, to *edit.Time
	// skipTo is where somebody jumped to, behind the first event: what stands before the first
	// one that is not before it is not given.
	skipTo int64
	jumped bool

	any         bool // an event was read:
	first       int64
	least, most int64 // from and to by its clock
	reached     int64 // and the latest lies so far behind it
	kept        bool  // there is one to give

	timeOffset int64 // added to every time
	carry      bool  // raised so far that the first one given is not before
	notBefore  int64
}

// next gives the next chunk, valid until the next call, and io.EOF behind the last. A damaged recording ends
// where the damage is. An end of ctx is looked at only while there is nothing to give.
func (c *cutter) next(ctx context.Context) (chunk, error) {
	if err := c.reach(ctx); err != nil {
		return chunk{}, err
	}
	for len(c.ahead)-c.given <= c.maxEvents && !c.ended {
		c.read()
	}
	rest := c.ahead[c.given:]
	if len(rest) == 0 {
		return chunk{}, io.EOF
	}
	n := min(len(rest), c.maxEvents)
	if c.maxTime > 0 {
		first := rest[0].T
		// Time that runs back ends a chunk too.
		if i := slices.IndexFunc(rest[:n], func(e events.Event) bool {
			return e.T-first >= c.maxTime || e.T < first
		}); i > 0 {
			n = i
		}
	}
	c.given += n
	return chunk{events: rest[:n], last: c.ended && n == len(rest)}, nil
}

// skip goes to a position, before anything was given.
func (c *cutter) skip(ctx context.Context, position int64) error {
	c.jumped = true
	c.skipTo = position
	return c.reach(ctx)
}

// reach reads up to the first event that is to be given.
func (c *cutter) reach(ctx context.Context) error {
	for !c.kept && !c.ended {
		if err := ctx.Err(); err != nil {
			return err
		}
		c.read()
	}
	return nil
}

// place is how far behind the recording's first event what comes next is.
func (c *cutter) place() int64 {
	if c.given < len(c.ahead) {
		return c.ahead[c.given].T - c.timeOffset - c.first
	}
	return c.reached
}

// read reads a packet.
func (c *cutter) read() {
	c.ahead = slices.Delete(c.ahead, 0, c.given)
	c.given = 0
	err := c.reader.Read(c.packet)
	if n := len(c.packet.Events); n > 0 {
		if !c.any {
			if bad := c.begin(c.packet.Events[0].T); bad != nil {
				c.ended, c.damage = true, bad
				return
			}
		}
		for _, e := range c.packet.Events {
			c.take(e)
		}
		if c.most <= edit.Never-edit.Grace && c.packet.Events[n-1].T >= c.most+edit.Grace {
			c.ended = true
		}
	}
	if err != nil {
		c.ended = true
		if !errors.Is(err, io.EOF) {
			c.damage = err
		}
	}
}

// begin takes note of when a recording begins.
func (c *cutter) begin(first int64) (err error) {
	c.any, c.first = true, first
	c.least, c.most = edit.Always, edit.Never
	if c.from != nil {
		c.least, err = c.from.By(first)
	}
	if c.to != nil && err == nil {
		c.most, err = c.to.By(first)
	}
	return err
}

// take takes an event that was read, where it is to be given.
func (c *cutter) take(e events.Event) {
	c.reached = max(c.reached, e.T-c.first)
	if e.T < c.least || e.T >= c.most || !c.kept && c.jumped && e.T-c.first < c.skipTo {
		return
	}
	if !c.kept && c.carry {
		c.timeOffset = max(c.timeOffset, c.notBefore-e.T)
	}
	c.kept = true
	e.T += c.timeOffset
	c.ahead = append(c.ahead, e)
}

// nothing says why a recording gave no event.
func (c *cutter) nothing() string {
	if !c.any {
		return "the recording has no events"
	}
	return fmt.Sprintf("the recording has no events in the part that was asked for: it begins at @%dus, and %v behind that were read", c.first, micros(c.reached))
}

// micros is a time of so many microseconds.
func micros(us int64) time.Duration { return time.Duration(us) * time.Microsecond }
