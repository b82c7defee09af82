package ros

import (
	"strings"

	"github.com/saccade-dev/saccade/events"
	_ "github.com/saccade-dev/saccade/events/evt2" // the encodings that EventPacket is met with
	_ "github.com/saccade-dev/saccade/events/evt21"
	_ "github.com/saccade-dev/saccade/events/evt3"
	_ "github.com/saccade-dev/saccade/events/libcaer"
	_ "github.com/saccade-dev/saccade/events/mono"
)

const (
	// triggerEncoding is that of messages of triggers alone, triggerBytes each.
	triggerEncoding = "trigger"
	triggerBytes    = 8
	// clocked begins the names of the encodings that have a clock of their own.
	clocked = "evt"
)

// use takes the decoder of an encoding, which is kept from message to message.
func (r *reader) use(encoding []byte) error {
	if r.decoder != nil && string(encoding) == r.encoding {
		return nil
	}
	e, err := events.EncodingByName(string(encoding))
	if err != nil {
		return err
	}
	r.counts(r.skipped)
	r.decoded = 0
	r.decoder, r.encoding, r.clocked = e.NewDecoder(), e.Name, strings.HasPrefix(e.Name, clocked)
	r.watch()
	return nil
}

// OnTrigger is that of events.TriggerSource. The decoders of encodings with triggers tell
// of them; those of messages of triggers alone are counted only.
func (r *reader) OnTrigger(f func(events.Trigger)) {
	r.trigger = f
	r.watch()
}

// watch has the decoder tell of triggers. It counts events from its own first.
func (r *reader) watch() {
	d, ok := r.decoder.(events.TriggerSource)
	if !ok {
		return
	}
	if r.trigger == nil {
		d.OnTrigger(nil)
		return
	}
	before := r.delivered - r.decoded
	d.OnTrigger(func(t events.Trigger) {
		t.After += before
		r.trigger(t)
	})
}

// counts adds what the decoder left out.
func (r *reader) counts(to map[string]int64) {
	if d, ok := r.decoder.(interface{ Skipped() map[string]int64 }); ok {
		for kind, n := range d.Skipped() {
			to[kind] += n
		}
	}
}

// lost tells the decoder that something is missing before the next message. One with a
// clock of its own keeps the turns that the clock has made, which Reset would forget.
func (r *reader) lost() {
	switch d := r.decoder.(type) {
	case nil:
	case interface{ Lost() }:
		d.Lost()
	default:
		d.Reset()
	}
}
