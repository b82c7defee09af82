package events_test

import (
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// counted gives events up to a number, and then an error.
type counted struct {
	next, end int64
	err       error
}

func (c *counted) Header() events.Header     { return events.Header{} }
func (c *counted) Skipped() map[string]int64 { return nil }

func (c *counted) Read(p *events.Packet) error {
	p.Reset()
	if c.next == c.end {
		return c.err
	}
	for ; p.Room() > 0 && c.next < c.end; c.next++ {
		p.Events = append(p.Events, events.Event{T: c.next})
	}
	return nil
}

func TestReadAll(t *testing.T) {
	const n = 2*events.DefaultPacketEvents + 5
	all, err := events.ReadAll(&counted{end: n, err: io.EOF})
	require.NoError(t, err)
	require.Len(t, all, n)
	for i, e := range all {
		require.Equal(t, int64(i), e.T)
	}
	all, err = events.ReadAll(&counted{err: io.EOF})
	require.NoError(t, err)
	require.Empty(t, all)
	broken := errors.New("broken")
	all, err = events.ReadAll(&counted{end: n, err: broken})
	require.ErrorIs(t, err, broken)
	require.Nil(t, all)
}
