package fpgaserve

import (
	"context"

	"github.com/saccade-dev/saccade/hw/fpga/etherbone"
)

// owner is the goroutine that has the device.
type owner struct {
	clock
	count    *counters
	requests <-chan *request
	sessions <-chan *session
	session  *session // nil where nobody has the streams
}

// request is a record that some host wants executed.
type request struct {
	record *etherbone.Record
	values []uint32
	err    error
	done   chan struct{} // has room for one token
}

// always is a channel from which everybody receives at once.
var always = func() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// run gives the device its clock, and serves whoever wants something of it, until the context ends.
func (o *owner) run(ctx context.Context) {
	defer o.letGo()
	for ctx.Err() == nil {
		resting := o.work(o.session)
		if o.flush() {
			resting = false // a device that had no room for its results may go on
		}
		if o.settle(resting) {
			continue
		}
		var ready, filled, room, dead <-chan struct{}
		sessions := o.sessions
		if !resting {
			ready = always
		}
		if s := o.session; s != nil {
			sessions = nil
			if !o.purging {
				dead = s.dead
			}
			filled = s.in.filled
			if len(o.results) > 0 {
				room = s.out.room
			}
		}
		select {
		case <-ctx.Done():
		case <-ready:
		case <-filled:
		case <-room:
		case <-dead:
			o.purge()
		case o.session = <-sessions:
			o.quiet = 0
		case r := <-o.requests:
			o.execute(r)
		}
	}
}

func (o *owner) execute(r *request) {
	r.values, r.err = etherbone.Execute(&o.clock, r.record, r.values)
	o.count.records.Add(1)
	if len(r.record.Writes) > 0 {
		o.quiet = 0 // a device that was stuck may not be any more
	}
	r.done <- struct{}{}
}

// flush gives results to the session's writer. It tells whether there were any for which it had room.
func (o *owner) flush() bool {
	if o.session == nil || len(o.results) == 0 {
		return false
	}
	n := o.session.out.offer(o.results)
	o.results = o.results[:copy(o.results, o.results[n:])]
	return n > 0
}

// settle brings a session to its end whose host sends nothing more, or is lost. It tells whether there is more to do at
// once.
func (o *owner) settle(resting bool) bool {
	s := o.session
	if s == nil || !resting {
		return false
	}
	if o.purging {
		o.letGo()
		return true
	}
	_, more := s.in.left()
	switch {
	case more || len(o.results) > 0:
		return false
	case o.at < len(o.words): // the device takes no words, and nobody is there who would change that
		o.purge()
	case !o.refill(s.in):
		if o.device.changes { // the next host shall not be in the middle of them
			o.purge()
			return true
		}
		if o.half {
			o.count.discarded.Add(1)
		}
		o.letGo()
	}
	return true
}

// purge throws away what is under way for a host that is gone. The device is left between events.
func (o *owner) purge() {
	left, _ := o.session.in.left()
	o.count.discarded.Add(uint64(left + o.drop()))
	o.quiet = 0
}

// letGo ends the session, for its writer and for who waits for the streams.
func (o *owner) letGo() {
	if s := o.session; s != nil {
		o.session = nil
		o.forget()
		s.out.end()
		close(s.over)
	}
}
