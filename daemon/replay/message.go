package replay

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/events"
)

// message is one that was made and is not acknowledged.
type message struct {
	header bus.EventsHeader
	data   []byte
	events int
	due    time.Time // when a camera would have sent it
	source Source
	acked  bool
}

// maker makes messages of recordings.
type maker struct {
	options Options
	encoder events.Encoder
	sources []Source
	session string

	file   *events.File
	cutter *cutter
	at     int   // the source that is being replayed
	begun  bool  // a message of it was made
	offset int64 // what looping has added to the times
	latest int64 // the latest time of a message
	seq    uint64
	round  uint64 // the seq at which the round began

	rest    []events.Event // of a chunk that took more than one message
	restEnd bool           // the recording ends with it

	// origin maps a recording's time to the clock's, for pacing.
	origin     time.Time
	originTime int64

	spare   [][]byte // memory of messages that were acknowledged
	trial   nats.Header
	damage  []error
	damaged map[int]bool // sources whose damage is known
}

func newMaker(sources []Source, o Options, e events.Encoder, session string) *maker {
	return &maker{
		options: o, encoder: e, sources: sources, session: session,
		trial: nats.Header{}, damaged: map[int]bool{},
	}
}

// next makes the next message, nil behind the last.
func (m *maker) next() *message {
	for {
		for len(m.rest) == 0 {
			switch {
			case m.cutter == nil && !m.open():
				return nil
			case m.cutter == nil:
				continue // that source could not be opened
			}
			c, err := m.cutter.next()
			if err != nil { // io.EOF, before any event: an end is known with the last chunk
				m.fail(m.cutter.damage)
				if m.cutter.damage == nil {
					m.fail(fmt.Errorf("%s: the recording has no events", m.sources[m.at].Path))
				}
				m.finish()
				continue
			}
			m.rest, m.restEnd = c.events, c.last
		}
		if msg := m.encode(); msg != nil {
			return msg
		}
	}
}

// done gives back the memory of a message.
func (m *maker) done(msg *message) {
	m.spare = append(m.spare, msg.data[:0])
	msg.data = nil
}

// encode makes a message of the rest of the chunk, or of as much as fits. What
// cannot be encoded ends the recording as damage in the file does; there is no
// message where none of it was made before.
func (m *maker) encode() *message {
	s := m.sources[m.at]
	msg := &message{source: s, header: bus.EventsHeader{
		Encoding: m.options.Encoding, Geometry: m.geometry(),
		Session: m.session, Seq: m.seq, HasSeq: true, Oldest: m.seq, HasOldest: true,
		Recording: s.Recording, Truth: s.Truth,
	}}
	err := m.fill(msg)
	end := m.restEnd && msg.events == len(m.rest)
	if err != nil {
		m.fail(fmt.Errorf("%s: %w", s.Path, err))
		end = true
	}
	if msg.events == 0 && !m.begun {
		m.rest = nil
		m.finish()
		return nil
	}
	in := m.rest[:msg.events]
	if m.options.OnMake != nil {
		m.options.OnMake(s, in, end)
	}
	if msg.events > 0 {
		last := in[len(in)-1].T
		m.latest = max(m.latest, last)
		msg.due = m.due(last)
	}
	m.begun = true
	m.rest = m.rest[msg.events:]
	m.seq++
	if end {
		msg.header.End = true
		m.rest = nil
		m.finish()
	}
	return msg
}

// fill encodes as much of the rest as one message holds.
func (m *maker) fill(msg *message) error {
	if !msg.header.Geometry.Known() {
		return errors.New("the recording does not say how large the sensor is: give --geometry")
	}
	h := msg.header
	h.TimeBase = m.encoder.TimeBase(m.rest[0].T)
	// A name or a time that no header holds is found out here, not when it is sent.
	if err := h.Set(m.trial); err != nil {
		return err
	}
	var dst []byte
	if n := len(m.spare); n > 0 {
		dst, m.spare = m.spare[n-1], m.spare[:n-1]
	}
	data, n, err := m.encoder.Encode(h.Message(), dst, m.rest)
	if err == nil && n == 0 {
		err = errors.New("no event fits in a message")
	}
	if n > 0 {
		msg.header, msg.data, msg.events = h, data, n
	}
	return err
}

// fail takes note of damage, once for each source however often it is replayed.
func (m *maker) fail(err error) {
	if err != nil && !m.damaged[m.at] {
		m.damaged[m.at] = true
		m.damage = append(m.damage, err)
	}
}

// farAway is longer than any replay.
const farAway = 100 * 365 * 24 * time.Hour

// due is when an event of that time is due; the zero time where there is no pace.
func (m *maker) due(t int64) time.Time {
	if m.options.Speed <= 0 {
		return time.Time{}
	}
	if m.origin.IsZero() {
		m.origin, m.originTime = time.Now(), t
	}
	wait := float64(t-m.originTime) / m.options.Speed * float64(time.Microsecond)
	return m.origin.Add(time.Duration(max(min(wait, float64(farAway)), -float64(farAway))))
}

func (m *maker) geometry() events.Geometry {
	if m.options.Geometry.Known() {
		return m.options.Geometry
	}
	return m.file.Header().Geometry
}

// open opens the next source; it is false behind the last.
func (m *maker) open() bool {
	if m.at >= len(m.sources) {
		if !m.options.Loop || m.seq == m.round {
			return false
		}
		m.at, m.round = 0, m.seq
		m.offset = m.latest + 1
	}
	m.begun = false
	f, err := events.Open(m.sources[m.at].Path, events.OpenOptions{Geometry: m.options.Geometry})
	if err != nil {
		m.fail(err)
		m.at++
		return true
	}
	m.file = f
	m.cutter = &cutter{
		reader: f, maxEvents: m.options.PacketEvents, maxTime: m.options.PacketTime.Microseconds(),
		packet: events.NewPacket(max(m.options.PacketEvents, events.DefaultPacketEvents)), timeOffset: m.offset,
	}
	m.origin = time.Time{}
	return true
}

// finish leaves the source behind.
func (m *maker) finish() {
	m.fail(m.cutter.damage)
	m.fail(m.closeFile())
	m.cutter = nil
	m.at++
}

func (m *maker) closeFile() error {
	if m.file == nil {
		return nil
	}
	err := m.file.Close()
	m.file = nil
	return err
}

// close ends the making and gives the damage of all sources.
func (m *maker) close() error {
	return errors.Join(append(slices.Clip(m.damage), m.closeFile())...)
}
