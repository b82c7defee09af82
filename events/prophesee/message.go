package prophesee

import (
	"fmt"

	"github.com/saccade-dev/saccade/events"
)

// Decoder reads the messages of one sensor.
type Decoder struct {
	m Machine
}

// NewDecoder makes a decoder of the messages of a sensor, for the encoding of
// that name.
func NewDecoder(name string, m Machine) *Decoder {
	s := m.Shared()
	s.Name, s.Strict = name, true
	return &Decoder{m}
}

// Reset forgets what earlier messages left behind, the turns of the clock
// included.
func (d *Decoder) Reset() {
	d.m.Shared().Reset()
	d.m.Forget()
}

// Lost says that a message is missing. Events are left out until time, row and
// vector base are known again; unlike after Reset, the turns of the clock are
// kept: time goes on as if what is missing were less than 15/16 of a turn long.
func (d *Decoder) Lost() {
	d.m.Shared().Lost()
	d.m.Forget()
}

// Skipped counts the words that are neither events nor part of one, by kind, and
// the events that were left out.
func (d *Decoder) Skipped() map[string]int64 { return d.m.Shared().Skipped() }

// OnTrigger has f called for each trigger from now on.
func (d *Decoder) OnTrigger(f func(events.Trigger)) { d.m.Shared().OnTrigger(f) }

// Decode reads words as [events.Decoder] says.
func (d *Decoder) Decode(h events.MessageHeader, data []byte, p *events.Packet) (int, error) {
	s := d.m.Shared()
	if !h.Geometry.Known() {
		return len(data), &events.FormatError{
			Format: s.Name, Fatal: true,
			Want: "the sensor's geometry in the message's header", Got: fmt.Sprintf("%dx%d", h.Geometry.Width, h.Geometry.Height),
		}
	}
	if h.Geometry != s.Geometry() {
		s.SetGeometry(h.Geometry, false)
	}
	s.Anchor(h.TimeBase)
	n, err := d.m.Run(data, p)
	if err != nil {
		return n, err
	}
	// The rest is reported once the words before it are all done with.
	if rest := len(data) - n; rest > 0 && rest < d.m.WordBytes() {
		return len(data), &events.FormatError{
			Format: s.Name, Offset: int64(n), Fatal: true,
			Want: fmt.Sprintf("a word of %d bytes", d.m.WordBytes()),
			Got:  fmt.Sprintf("the end of the message after %d", rest),
		}
	}
	return n, nil
}
