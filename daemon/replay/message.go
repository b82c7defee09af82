package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/events"
)

// message is one that was made and is not acknowledged.
type message struct {
	header bus.EventsHeader
	data   []byte
	events int
	source Source
	cut    bool // it ends a recording that has more, for a jump
	acked  bool
	where
}

// where is how far a replay is with a message.
type where struct {
	at       int   // which of the sources
	position int64 // of the last event, behind the recording's first one, in microseconds
	latest   int64 // of all times in messages up to here
	play     int64 // on the replay's own timeline, in microseconds
}

// maker makes messages of recordings.
type maker struct {
	options Options
	encoder events.Encoder
	sources []Source
	session string

	file   *events.File
	cutter *cutter
	begun  bool  // a message of the recording was made
	offset int64 // what looping has added to the times
	seq    uint64
	gave   bool // the round has given a message, or somebody has jumped in it
	where       // of what was made; its play is the latest

	// earliest is the first time in any recording of the first round: looping carries on from it.
	earliest int64

	rest    []events.Event // of a chunk that took more than one message
	restEnd bool           // the recording ends with it
	ending  *message       // to be given before all others: what was jumped out of ends

	// A run is what is played of a recording without a jump: the time of its first event, and
	// when that is played.
	ran              bool // there was one
	runTime, runPlay int64
	runBegun         bool

	spare   [][]byte // memory of messages that were acknowledged
	trial   nats.Header
	damage  []error
	damaged map[int]bool // sources whose damage is known
}

func newMaker(sources []Source, o Options, e events.Encoder, session string) *maker {
	return &maker{
		options: o, encoder: e, sources: sources, session: session, earliest: math.MaxInt64,
		trial: nats.Header{}, damaged: map[int]bool{},
	}
}

// next makes the next message. Behind the last it is io.EOF; another error is that of a
// context that ended while a recording was skipped.
func (m *maker) next(ctx context.Context) (*message, error) {
	if msg := m.ending; msg != nil {
		m.ending = nil
		return msg, nil
	}
	for {
		for len(m.rest) == 0 {
			switch {
			case m.cutter == nil && !m.open():
				return nil, io.EOF
			case m.cutter == nil:
				continue // that source could not be opened
			}
			c, err := m.cutter.next(ctx)
			if err != nil && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if err != nil { // io.EOF, before any event: an end is known with the last chunk
				m.fail(m.cutter.damage)
				if m.cutter.damage == nil && !m.cutter.jumped {
					m.fail(fmt.Errorf("%s: %s", m.sources[m.at].Path, m.cutter.nothing()))
				}
				m.finish()
				continue
			}
			m.rest, m.restEnd = c.events, c.last
		}
		if msg := m.encode(); msg != nil {
			return msg, nil
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
	msg.where = m.played(in)
	m.begun, m.gave = true, true
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

func (m *maker) geometry() events.Geometry {
	if m.options.Geometry.Known() {
		return m.options.Geometry
	}
	return m.file.Header().Geometry
}

// open opens the next source; it is false behind the last.
func (m *maker) open() bool {
	if m.at >= len(m.sources) {
		if !m.options.Loop || !m.gave {
			return false
		}
		m.at, m.gave = 0, false
		if m.earliest != math.MaxInt64 {
			m.offset = m.latest + 1 - m.earliest
		}
	}
	if err := m.openSource(); err != nil {
		m.fail(err)
		m.at++
	}
	return true
}

// openSource opens the source that the maker is at.
func (m *maker) openSource() error {
	m.begun, m.runBegun = false, false
	f, err := events.Open(m.sources[m.at].Path, events.OpenOptions{Geometry: m.options.Geometry, Topic: m.options.Topic})
	if err != nil {
		return err
	}
	m.file = f
	m.cutter = &cutter{
		reader: f, maxEvents: m.options.PacketEvents, maxTime: m.options.PacketTime.Microseconds(),
		packet: events.NewPacket(max(m.options.PacketEvents, events.DefaultPacketEvents)), timeOffset: m.offset,
		from: m.options.From, to: m.options.To,
	}
	return nil
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
