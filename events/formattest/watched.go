package formattest

import (
	"maps"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// watched is a packet whose use by readers and decoders is looked at.
type watched struct {
	t        require.TestingT
	p        *events.Packet
	capacity int
	memory   *events.Event
}

func newWatched(t require.TestingT, capacity int) *watched {
	p := events.NewPacket(capacity)
	return &watched{t: t, p: p, capacity: cap(p.Events), memory: unsafe.SliceData(p.Events)}
}

// stale is what a packet holds before it is read into: an event that no source has.
var stale = events.Event{T: -0x5a5a_5a5a_5a5a_5a5a, X: 0xffff, Y: 0xffff, P: 0x5a}

// read calls r once, with a packet that is full of something else.
func (w *watched) read(r events.Reader) error {
	helper(w.t)
	w.p.Events = w.p.Events[:w.capacity]
	for i := range w.p.Events {
		w.p.Events[i] = stale
	}
	err := r.Read(w.p)
	w.check()
	return err
}

// check sees that the packet is still the one that was handed over.
func (w *watched) check() {
	helper(w.t)
	if len(w.p.Events) > w.capacity || cap(w.p.Events) != w.capacity || unsafe.SliceData(w.p.Events) != w.memory {
		require.Failf(w.t, "a packet is filled in its own memory", "%d events in room for %d, of %d that were handed over",
			len(w.p.Events), cap(w.p.Events), w.capacity)
	}
}

// checkEnd sees that an end stays one.
func (w *watched) checkEnd(r events.Reader, end error) {
	helper(w.t)
	skipped := maps.Clone(r.Skipped())
	for range 2 {
		require.Equal(w.t, end, w.read(r), "the end stays the end")
		require.Empty(w.t, w.p.Events, "behind the end")
	}
	require.Equal(w.t, skipped, r.Skipped(), "nothing is skipped behind the end")
}
