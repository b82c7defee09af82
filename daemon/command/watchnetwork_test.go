package command

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/features/decide"
)

// What a network does is shown on a terminal and in a line.
func TestWatchShowsTheNetwork(t *testing.T) {
	b := newBoardTest(t)
	s := bus.Status{Width: 34, Height: 34, Encoding: "mono", Device: "purego", Layers: []bus.LayerStatus{{}}}
	b.status(t, "cam", s)
	require.NotContains(t, b.shown(120), "network")
	require.NotContains(t, statusLine(&s), "network")
	s.Network = bus.NewNetworkStatus(decide.Counters{
		Frames: 2000, First: 10, FirstMACs: 50_000,
		Layers: []decide.LayerCounters{{Layer: "input", StateBytes: 9000}, {Layer: "hidden", MACs: 3_000_000, Dense: 60_000_000, StateBytes: 512}},
	})
	b.status(t, "cam", s)
	require.Contains(t, b.shown(120), "network           2,000   frames, 1,500 multiply-adds a frame, 5.00 % of dense; 9,512 bytes of state")
	require.Contains(t, statusLine(&s), "network: 2,000 frames, 1,500 multiply-adds a frame, 5.00 % of dense; 9,512 bytes of state, queue 0")
	s.Network = bus.NewNetworkStatus(decide.Counters{})
	b.status(t, "cam", s)
	require.Contains(t, b.shown(120), "0   frames, 0 bytes of state")
}
