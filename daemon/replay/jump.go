package replay

import (
	"context"

	"github.com/saccade-dev/saccade/events"
)

// played is where the replay is behind some events, the next ones of the recording; there
// may be none.
func (m *maker) played(in []events.Event) where {
	if len(in) == 0 {
		return m.where
	}
	if !m.runBegun {
		// A run begins a microsecond behind the one before, as carried time does.
		m.runTime, m.runBegun = in[0].T, true
		if m.ran {
			m.runPlay = m.play + 1
		}
		m.ran = true
		if !m.cutter.jumped {
			m.earliest = min(m.earliest, in[0].T-m.cutter.timeOffset)
		}
	}
	last := in[len(in)-1].T
	w := where{at: m.at, position: last - m.cutter.timeOffset - m.cutter.first, play: m.runPlay + last - m.runTime}
	m.latest = max(m.latest, last)
	w.latest = m.latest
	m.position, m.play = w.position, max(m.play, w.play)
	return w
}

// jump goes on from another place: position microseconds behind the first event of a source,
// which may lie behind the last one. from is the last message that was sent, nil for none:
// what was made beyond it is forgotten, and its number given again. Where its recording has
// not ended it ends now, as far as whoever listens is concerned: what comes next has nothing to
// do with it. It is opened anew even where it is the same, as it is read as a stream.
//
// Times are the recording's own, or carried on where they would go back.
//
// An error is that of opening the source or that of ctx; there is then nothing of the source to come.
func (m *maker) jump(ctx context.Context, from *message, at int, position int64) (where, error) {
	if m.cutter != nil {
		m.fail(m.closeFile())
	}
	m.cutter, m.rest, m.ending, m.gave = nil, nil, nil, true
	m.seq, m.where, m.ran = 0, where{}, from != nil
	if from != nil {
		m.seq, m.where = from.header.Seq+1, from.where
		if !from.header.End {
			m.end(from)
		}
	}
	m.at = at
	if err := m.openSource(); err != nil {
		m.at++
		return m.where, err
	}
	c := m.cutter
	if from != nil {
		c.carry, c.notBefore = true, from.latest+1
	}
	err := c.skip(ctx, position)
	m.position = c.place()
	return m.where, err
}

// end has the recording of a message end, by one without events.
func (m *maker) end(from *message) {
	h := from.header
	h.Seq, h.Oldest, h.End, h.TimeBase = m.seq, m.seq, true, 0
	m.ending = &message{header: h, source: from.source, where: m.where, cut: true}
	m.seq++
}
