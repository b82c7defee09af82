package target

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// configured is a device that was told a small layer.
func configured(t *testing.T, link func(d *fpga.Device) hwfpga.Link) hwfpga.Link {
	t.Helper()
	d, err := fpga.NewDevice(fpga.DefaultBuild())
	require.NoError(t, err)
	decay, err := hw.NewDecay(20_000, hw.PeakBits(121))
	require.NoError(t, err)
	l := link(d)
	require.NoError(t, hwfpga.Configure(l, hwfpga.Config{
		Width: 34, Height: 34, Radius: 5, Neurons: 4, Decay: decay, Learning: true, Selecting: true, Detail: true,
		Rates: [2]hw.Rates{{Eta: 1 << 22, DeltaI: 1 << 14, DeltaE: 1 << 15}},
	}))
	status, err := l.Read(hwfpga.RegStatus)
	require.NoError(t, err)
	require.NotZero(t, status&hwfpga.StatusIdle, "registers are read when the device has come to rest")
	return l
}

func receiveAll(t *testing.T, l hwfpga.Link, n int) []uint32 {
	t.Helper()
	out := make([]uint32, 0, n)
	for len(out) < n {
		buffer := make([]uint32, n-len(out))
		k, err := l.Receive(buffer)
		require.NoError(t, err)
		require.Positive(t, k)
		out = append(out, buffer[:k]...)
	}
	return out
}

// Both links give the same words, and the clock is the device's own.
func TestClockedIsALink(t *testing.T) {
	plain := configured(t, func(d *fpga.Device) hwfpga.Link { return NewLink(d) })
	var clocked *Clocked
	configured(t, func(d *fpga.Device) hwfpga.Link { clocked = NewClocked(d); return clocked })
	rng := rand.New(rand.NewPCG(1, 1))
	var in, out []uint32
	var at uint64
	clocked.Watch(func(isOut bool, word uint32, cycle uint64) {
		require.GreaterOrEqual(t, cycle, at)
		if at = cycle; isOut {
			out = append(out, word)
		} else {
			in = append(in, word)
		}
	})
	for range 20 {
		var words []uint32
		for range 100 {
			words = append(words, hwfpga.EventWord(uint16(rng.IntN(40)), uint16(rng.IntN(34)), events.On), 1<<24+uint32(len(in)))
		}
		in, out = in[:0], out[:0]
		require.NoError(t, plain.Send(words))
		require.NoError(t, clocked.Send(words))
		want := receiveAll(t, plain, 300)
		require.Equal(t, want, receiveAll(t, clocked, 300))
		require.Equal(t, words, in)
		require.Equal(t, want, out)
	}
	require.Zero(t, clocked.Waiting())
	before := clocked.Cycle()
	require.NoError(t, clocked.Until(before+1000))
	require.Equal(t, before+1000, clocked.Cycle())
	cycles, err := clocked.Read(hwfpga.RegCounters)
	require.NoError(t, err)
	require.LessOrEqual(t, clocked.Cycle()-uint64(cycles), uint64(2), "the counter was cleared as the device was configured")

	buffer := make([]uint32, 1)
	_, err = clocked.Receive(buffer)
	require.ErrorIs(t, err, hwfpga.ErrTimeout)
	n, err := clocked.Receive(nil)
	require.NoError(t, err)
	require.Zero(t, n)
	require.ErrorContains(t, clocked.Send(make([]uint32, Window+1)), "expected at most 4096 words under way")
	// An event that lacks its second word keeps the device from coming to rest; nobody waits for ever.
	require.NoError(t, clocked.Send([]uint32{hwfpga.EventWord(1, 1, events.On)}))
	_, err = clocked.Receive(buffer)
	require.ErrorIs(t, err, hwfpga.ErrTimeout)
	require.NoError(t, clocked.Close())
	require.NoError(t, clocked.Close())
	_, err = clocked.Receive(buffer)
	require.ErrorIs(t, err, errClosed)
	require.ErrorIs(t, clocked.Send(buffer), errClosed)
	require.ErrorIs(t, clocked.Until(1<<40), errClosed)
	_, err = clocked.Read(hwfpga.RegID)
	require.ErrorIs(t, err, errClosed)
	require.ErrorIs(t, clocked.Write(hwfpga.RegError, 0), errClosed)
}
