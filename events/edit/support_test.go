package edit_test

import (
	"io"
	"slices"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
)

// made is a reader of given events, triggers and damage, in packets of some events.
type made struct {
	g        events.Geometry
	in       []events.Event
	triggers []events.Trigger // with After
	damage   map[int]error    // behind so many events
	at, told int
	most     int // events a packet
	to       func(events.Trigger)
	end      error
}

func (m *made) Header() events.Header            { return events.Header{Format: "made", Geometry: m.g} }
func (m *made) Skipped() map[string]int64        { return map[string]int64{} }
func (m *made) OnTrigger(f func(events.Trigger)) { m.to = f }

func (m *made) Read(p *events.Packet) error {
	p.Reset()
	if m.end != nil {
		return m.end
	}
	for most := max(1, m.most); ; {
		for m.told < len(m.triggers) && m.triggers[m.told].After <= int64(m.at) {
			if m.to != nil {
				m.to(m.triggers[m.told])
			}
			m.told++
		}
		if err := m.damage[m.at]; err != nil {
			delete(m.damage, m.at)
			if fe, ok := err.(*events.FormatError); !ok || fe.Fatal { //nolint:errorlint // the tests' own
				m.end = err
			}
			return err
		}
		switch {
		case m.at == len(m.in) && len(p.Events) == 0:
			m.end = io.EOF
			return io.EOF
		case m.at == len(m.in), p.Room() == 0, len(p.Events) == most:
			return nil
		}
		p.Events = append(p.Events, m.in[m.at])
		m.at++
	}
}

// element is an event or a trigger in the order of a stream.
type element struct {
	events.Event
	trigger *events.Trigger
}

// elements reads all, triggers between events, and the error at the end.
func elements(t require.TestingT, r events.Reader, capacity int) (out []element, damage []error, end error) {
	var triggers []events.Trigger
	source, ok := r.(events.TriggerSource)
	require.True(t, ok)
	source.OnTrigger(func(g events.Trigger) { triggers = append(triggers, g) })
	var in []events.Event
	p := events.NewPacket(capacity)
	for {
		err := r.Read(p)
		in = append(in, p.Events...)
		if err == nil {
			require.NotEmpty(t, p.Events, "a packet without an event and without an error")
			continue
		}
		if fe, ok := err.(*events.FormatError); ok && !fe.Fatal { //nolint:errorlint // as it is
			damage = append(damage, err)
			continue
		}
		if err == io.EOF { //nolint:errorlint // as it is
			require.Empty(t, p.Events, "io.EOF comes alone")
		}
		end = err
		break
	}
	require.Equal(t, end, r.Read(p), "the end stays the end")
	require.Empty(t, p.Events)
	return weave(in, triggers), damage, end
}

// weave puts triggers between events.
func weave(in []events.Event, triggers []events.Trigger) []element {
	out := []element{}
	for i := 0; i <= len(in); i++ {
		for len(triggers) > 0 && triggers[0].After == int64(i) {
			g := triggers[0]
			g.After = 0
			out = append(out, element{trigger: &g})
			triggers = triggers[1:]
		}
		if i < len(in) {
			out = append(out, element{Event: in[i]})
		}
	}
	if len(triggers) > 0 {
		panic("triggers behind the end, or out of order")
	}
	return out
}

// time is that of the event or trigger.
func (e element) time() int64 {
	if e.trigger != nil {
		return e.trigger.T
	}
	return e.T
}

var sensor = events.Geometry{Width: 20, Height: 10}

// draw makes a recording, whose time falls now and then where it may.
func draw(t *rapid.T, name string, falls bool) (in []events.Event, triggers []events.Trigger) {
	at := rapid.Int64Range(-100, 100).Draw(t, name+" start")
	least := int64(0)
	if falls {
		least = -20
	}
	for i := range rapid.IntRange(0, 60).Draw(t, name+" events") {
		for range rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "triggers") {
			at += rapid.Int64Range(least, 5).Draw(t, "step")
			triggers = append(triggers, events.Trigger{T: at, ID: rapid.Uint8().Draw(t, "id"), Rising: rapid.Bool().Draw(t, "rising"), After: int64(i)})
		}
		at += rapid.Int64Range(least, 20).Draw(t, "step")
		in = append(in, events.Event{
			T: at, X: rapid.Uint16Range(0, 19).Draw(t, "x"), Y: rapid.Uint16Range(0, 9).Draw(t, "y"), P: events.Polarity(rapid.IntRange(0, 1).Draw(t, "p")),
		})
	}
	return in, triggers
}

func source(t *rapid.T, in []events.Event, triggers []events.Trigger) *made {
	return &made{g: sensor, in: slices.Clone(in), triggers: triggers, most: rapid.IntRange(1, 10).Draw(t, "packet")}
}
