package aedat4

import (
	"encoding/binary"

	"github.com/saccade-dev/saccade/events"
)

// The fields of a Trigger, and the sources that are edges and pulses at the camera's input.
// The others are resets of the clock, the camera's own generator, and the beginnings and
// ends of frames and exposures.
const (
	fieldTime   = 0
	fieldSource = 1

	risingEdge  = 1
	fallingEdge = 2
	pulse       = 3
)

// packetTriggers is how many triggers a written packet holds at the most.
const packetTriggers = 1024

// takeTriggers counts those of n triggers that are there: edges and pulses at the input,
// which are handed on, as "external trigger", others as "internal trigger".
func (r *reader) takeTriggers(buf []byte, begin int, n int64) error {
	var external, other int64
	defer func() {
		r.count("external trigger", external)
		r.count("internal trigger", other)
	}()
	for at := begin; n > 0 && at+4 <= len(buf); at, n = at+4, n-1 {
		t, err := tableAt(buf, at, int64(at)+int64(binary.LittleEndian.Uint32(buf[at:])))
		if err != nil {
			return err
		}
		source, err := t.field(fieldSource, 1)
		if err != nil {
			return err
		}
		if source == 0 || buf[source] < risingEdge || buf[source] > pulse {
			other++
			continue
		}
		external++
		if r.trigger != nil {
			when, err := t.int64(fieldTime, 0)
			if err != nil {
				return err
			}
			r.trigger(events.Trigger{T: when, Rising: buf[source] != fallingEdge, After: r.delivered})
		}
	}
	return nil
}

// OnTrigger has f called for each edge at the camera's input from now on.
func (r *reader) OnTrigger(f func(events.Trigger)) { r.trigger = f }

// WriteTrigger writes a trigger into the stream of triggers, in a packet that stands
// between those of the events before and behind it. There is one input, channel 0.
func (w *writer) WriteTrigger(t events.Trigger) error {
	if w.err != nil {
		return w.err
	}
	if t.ID != 0 {
		return events.UnheldTrigger(w.events, "channel %d: %s knows one, channel 0", t.ID, Name)
	}
	w.triggers = append(w.triggers, t)
	if len(w.triggers) == packetTriggers {
		return w.flush()
	}
	return nil
}

// TriggerChannels is 1: the format does not tell inputs apart.
func (*writer) TriggerChannels() int { return 1 }

func (w *writer) flushTriggers() error {
	if len(w.triggers) == 0 || w.err != nil {
		return w.err
	}
	e := entry{
		stream: triggerStream, elements: int64(len(w.triggers)),
		first: w.triggers[0].T, last: w.triggers[len(w.triggers)-1].T,
	}
	data := buildTriggers(w.triggers)
	w.triggers = w.triggers[:0]
	return w.packet(data, e)
}
