package service

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/events"
)

// Limits bound what one sensor may take from all others: it may be broken, or somebody's who means harm. A zero
// bounds nothing.
type Limits struct {
	// Rate is how many bytes of messages of one sensor are taken a second, twice as many at once; a message counts
	// with its headers, and as 1 KiB at least. What is beyond is answered busy.
	Rate int64
	// TotalPending is how many bytes of all sensors' messages may wait: a sensor's may wait only while no more of them
	// do than there is room for others'. So one alone comes to half of it, and k that all want as much as they get to
	// k/(k+1), and there is always room for one more.
	TotalPending int64
	// Rejects is how many rejects of one sensor are published a second, and of all messages together that are no sensor's.
	// Those between are counted in the next. Of a sensor that has sent as many in a row that could not be read, and none that
	// could, no more messages than that are looked at a second: the others are answered busy.
	Rejects int
	// MaxPixels is the size of the largest sensor, TotalPixels what all may have together: its surfaces
	// are what a sensor takes of the memory, and its size what it says it is.
	MaxPixels, TotalPixels int64
}

// Bounds of an events message's headers, which are a handful of short ones. What has more is not
// looked at: a map of many thousand entries takes twenty times the memory that it took on its way.
const (
	maxHeaders     = 64
	maxHeaderBytes = 16 << 10
)

// leastCost is what the smallest message costs of a rate.
const leastCost = 1 << 10

// guard keeps the limits of a service.
type guard struct {
	limits   Limits
	waiting  atomic.Int64 // bytes in all queues
	pixels   atomic.Int64 // of all sensors
	unserved *bus.Fold    // rejects of messages that are no sensor's
	turns    turns
}

func newGuard(l Limits) *guard {
	g := &guard{limits: l, unserved: bus.NewFold(l.Rejects)}
	g.turns.free = runtime.GOMAXPROCS(0)
	return g
}

// guarded is what the guard knows of a sensor.
type guarded struct {
	bucket    bus.Bucket   // of the subscription's goroutine
	throttled atomic.Int64 // messages beyond the rate
	rejects   *bus.Fold
	garbage   atomic.Int64 // messages that were rejected since one was not
	looks     bus.Bucket   // at messages of a sensor that sends garbage; of the subscription's goroutine
	turn      turn

	// Of the sensor's goroutine.
	sized     bool      // its size is known, and counted
	computing time.Time // since when it has its turn, zero where it has none
}

func (g *guard) sensor() guarded {
	rate, rejects := float64(g.limits.Rate), float64(g.limits.Rejects)
	return guarded{
		bucket: bus.NewBucket(rate, 2*rate), rejects: bus.NewFold(g.limits.Rejects), looks: bus.NewBucket(rejects, rejects),
	}
}

// headersBounded tells what is wrong with the size of a message's headers, if anything.
func headersBounded(h nats.Header) error {
	if len(h) > maxHeaders {
		return fmt.Errorf("headers: expected at most %d, found %d", maxHeaders, len(h))
	}
	n := 0
	for key, values := range h {
		for _, v := range values {
			n += len(key) + len(v)
		}
	}
	if n > maxHeaderBytes {
		return fmt.Errorf("headers: expected at most %d bytes, found %d", maxHeaderBytes, n)
	}
	return nil
}

// answerable tells what is wrong with where a message wants its answer, if anything.
func (s *Service) answerable(m *nats.Msg) error {
	if m.Reply == "" || s.options.Subjects.IsInbox(m.Reply) {
		return nil
	}
	return fmt.Errorf("reply subject: expected an inbox, which begins with _, found %q", bus.Clip(m.Reply))
}

// within tells whether a message is looked at now: not beyond its sensor's rate, and of one that sends nothing but
// garbage not all the time.
func (sn *sensor) within(m *nats.Msg) bool {
	l := &sn.service.guard.limits
	sends := l.Rejects > 0 && sn.guard.garbage.Load() >= int64(l.Rejects)
	if l.Rate == 0 && !sends {
		return true
	}
	now := time.Now()
	if (!sends || sn.guard.looks.Take(1, now)) && (l.Rate == 0 || sn.guard.bucket.Take(max(leastCost, float64(m.Size())), now)) {
		return true
	}
	sn.guard.throttled.Add(1)
	sn.refused.Add(1)
	return false
}

// readable takes note that a message of the sensor could be read.
func (sn *sensor) readable() { sn.guard.garbage.Store(0) }

// reserve takes room for n bytes that wait, unless there is none.
func (sn *sensor) reserve(n int64) bool {
	s := sn.service
	own := sn.waiting.Add(n)
	others := s.guard.waiting.Add(n) - n
	most := s.guard.limits.TotalPending
	if own <= int64(s.options.PendingBytes) && (most == 0 || own <= most-others) {
		return true
	}
	sn.release(n)
	return false
}

func (sn *sensor) release(n int64) {
	sn.waiting.Add(-n)
	sn.service.guard.waiting.Add(-n)
}

// dequeued frees the room that a message had among all; handle frees that among the sensor's own.
func (sn *sensor) dequeued(m *nats.Msg) { sn.service.guard.waiting.Add(-int64(len(m.Data))) }

// reject tells whether a reject of the sensor is published, and then how many were not since the one before. Of a
// sensor whose messages come from a stream all are: what comes of them does not depend on clocks.
func (sn *sensor) reject() (through bool, held int64) {
	sn.guard.garbage.Add(1)
	if sn.stream != nil {
		return true, 0
	}
	return sn.guard.rejects.Next(time.Now())
}

// rejectOf is the same for a sensor by its name, or for a message that is none's.
func (s *Service) rejectOf(name string) (through bool, held int64) {
	if sn := s.find(name); sn != nil {
		return sn.reject()
	}
	return s.guard.unserved.Next(time.Now())
}

// admit tells what is beyond a limit in a message that is taken up, if anything.
func (sn *sensor) admit(m *nats.Msg, h *bus.EventsHeader) (bus.Reason, error) {
	if sn.stream != nil { // others were looked at before they waited
		if err := headersBounded(m.Header); err != nil {
			return bus.ReasonHeader, err
		}
	}
	return bus.ReasonGeometry, sn.fits(h.Geometry)
}

// fits tells whether there is room for a sensor of the size that its message says, if it says one, and takes it.
func (sn *sensor) fits(g events.Geometry) error {
	if sn.guard.sized {
		return nil
	}
	guard := sn.service.guard
	if layer := sn.pipe.Layer(); layer != nil { // by its model, its configuration or its stored state
		c := layer.Config()
		guard.pixels.Add(int64(c.Width) * int64(c.Height))
		sn.guard.sized = true
		return nil
	}
	if !g.Known() {
		return nil // the pipeline says so
	}
	n := int64(g.Width) * int64(g.Height)
	if most := guard.limits.MaxPixels; most > 0 && n > most {
		return fmt.Errorf("expected a sensor of at most %d pixels, found %dx%d", most, g.Width, g.Height)
	}
	// A sensor that comes from a stream is bounded by its own size alone: what its messages come to must be the same
	// beside any others.
	if most := guard.limits.TotalPixels; guard.pixels.Add(n) > most && most > 0 && sn.stream == nil {
		guard.pixels.Add(-n)
		return fmt.Errorf("expected no more than %d pixels of all sensors together, found %dx%d beside %d", most, g.Width, g.Height, guard.pixels.Load())
	}
	sn.guard.sized = true
	return nil
}
