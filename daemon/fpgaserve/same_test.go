package fpgaserve

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/hw/fpga/remote"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// A device behind sockets answers as one in this process does, event for event, and has learned the same.
func TestSameAsInProcess(t *testing.T) {
	for name, o := range map[string]remote.Options{"tcp": {}, "udp": {Network: "udp", Burst: 64}, "a small window": {Window: 16}} {
		t.Run(name, func(t *testing.T) { sameAsInProcess(t, recordings(t, 3), o) })
	}
}

func sameAsInProcess(t *testing.T, in [][]events.Event, o remote.Options) {
	t.Helper()
	c := learner(t)
	here, err := fpga.NewDevice(fpga.DefaultBuild())
	require.NoError(t, err)
	prepare(t, here, c, func() {
		for !here.Idle() {
			here.Tick(fpga.In{})
		}
	})
	words, count := stream(c, in)
	var want []uint32
	require.NoError(t, fpga.Run(context.Background(), here, words, fpga.Flow{}, func(w uint32) { want = append(want, w) }))
	require.Len(t, want, count+1)

	s := serve(t, fpga.DefaultBuild(), Options{UDP: "127.0.0.1:0"})
	address := s.Registers()
	if o.Network == "udp" {
		address, o.Stream = s.UDP(), s.Stream()
	}
	l := dial(t, address, o)
	require.Equal(t, 176, l.Capabilities().Lanes)
	prepare(t, l, c, func() { settled(t, l) })
	require.Equal(t, want, through(t, l, words))
	settled(t, l)
	for window, n := range map[uint32]int{
		hwfpga.WindowMaster: 2 * 16 * 121, hwfpga.WindowThresholds: 32, hwfpga.WindowSquares: 32, hwfpga.WindowSurface: 2 * 34 * 34,
	} {
		require.Equal(t, memory(t, here, window, n), memory(t, l, window, n), "window %d", window)
	}
	counters := make([]uint32, hwfpga.Counters)
	addresses := make([]uint32, hwfpga.Counters)
	for i := range addresses {
		addresses[i] = hwfpga.RegCounters + 8*uint32(i)
	}
	require.NoError(t, l.ReadList(addresses, counters))
	require.Equal(t, uint32(count), counters[hwfpga.CountEvents])
	require.Equal(t, uint32(count+1), counters[hwfpga.CountResults])
	require.Zero(t, counters[hwfpga.CountDroppedIn]+counters[hwfpga.CountDroppedOut])
	require.NoError(t, l.Close())
	s.stop()
	stats := s.Stats()
	require.Equal(t, uint64(len(words)), stats.WordsIn)
	require.Equal(t, uint64(len(want)), stats.WordsOut)
	require.Zero(t, stats.Discarded+stats.Refused+stats.Rejected)
	require.Equal(t, uint64(1), stats.Hosts)
}
