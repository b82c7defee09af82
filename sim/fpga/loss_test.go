package fpga_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// counter reads one of the 64 bit counters.
func counter(t testing.TB, d *fpga.Device, which uint32) uint64 {
	t.Helper()
	low := read(t, d, hwfpga.RegCounters+8*which)
	return uint64(low) | uint64(read(t, d, hwfpga.RegCounters+8*which+4))<<32
}

// A device that drops what does not fit says so to the event: what it took and what it
// dropped are all that there was, and every result belongs to an event that it took.
func TestDropping(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	b := fpga.DefaultBuild()
	b.In, b.Out = 8, 4
	for _, ends := range []struct{ in, out, detail bool }{{true, false, false}, {false, true, false}, {true, true, true}, {false, true, true}} {
		r := newRig(t, b, small(), func(c *hwfpga.Config) { c.DropIn, c.DropOut, c.Detail = ends.in, ends.out, ends.detail })
		const n = 3000
		for _, e := range drawEvents(rng, r.c, n) {
			r.words = r.host.Append(r.words, e)
		}
		commands := uint64(0)
		for i := 0; i < len(r.words); i++ {
			if r.words[i] == hwfpga.CommandWord {
				commands++
			}
			if r.words[i]&hwfpga.NoTime == 0 {
				i++
			}
		}
		reader := hwfpga.NewResultReader(ends.detail)
		results := uint64(0)
		require.NoError(t, fpga.Run(context.Background(), r.device, r.words, pace(rng, 1, 30), func(w uint32) {
			if _, ok := reader.Word(w); ok {
				results++
			}
		}))
		require.False(t, reader.Between())
		require.NoError(t, hwfpga.Complaint(r.device))
		events, in, out := counter(t, r.device, hwfpga.CountEvents), counter(t, r.device, hwfpga.CountDroppedIn), counter(t, r.device, hwfpga.CountDroppedOut)
		require.Equal(t, ends.in, in > 0)
		require.Equal(t, ends.out, out > 0)
		require.Equal(t, events, results+out)
		require.Equal(t, results, counter(t, r.device, hwfpga.CountResults))
		require.GreaterOrEqual(t, n+commands, events+in)
		require.LessOrEqual(t, uint64(n), events+in)
		var status uint32
		if ends.in {
			status |= hwfpga.StatusOverflowIn
		}
		if ends.out {
			status |= hwfpga.StatusOverflowOut
		}
		require.Equal(t, status, read(t, r.device, hwfpga.RegStatus)&(hwfpga.StatusOverflowIn|hwfpga.StatusOverflowOut))
		require.NoError(t, r.device.Write(hwfpga.RegControl, hwfpga.ControlCount))
		require.Zero(t, counter(t, r.device, hwfpga.CountDroppedIn)+uint64(read(t, r.device, hwfpga.RegStatus)&hwfpga.StatusOverflowOut))
	}
}

// Whether results are taken at once or hesitantly changes none of them.
func TestBackPressureChangesNothing(t *testing.T) {
	c := small()
	in := drawEvents(rand.New(rand.NewPCG(8, 8)), c, 2000)
	b := fpga.DefaultBuild()
	b.In, b.Out = 4, 4
	var want []hwfpga.Result
	var cycles []uint64
	for i, most := range [][2]int{{1, 1}, {1, 100}, {100, 1}, {70, 90}} {
		r := newRig(t, b, c, func(f *hwfpga.Config) { f.Detail = true })
		got := r.results(in, pace(rand.New(rand.NewPCG(uint64(i), 0)), most[0], most[1]))
		cycles = append(cycles, counter(t, r.device, hwfpga.CountCycles))
		if want == nil {
			want = got
		}
		require.Equal(t, want, got)
	}
	require.Less(t, cycles[0], cycles[1])
	require.Less(t, cycles[0], cycles[2])
}

// A stamp beyond the last one, or a command that there is none of, is reported, and the
// stream goes on.
func TestBadWords(t *testing.T) {
	r := newRig(t, fpga.DefaultBuild(), small(), nil)
	event := hwfpga.EventWord(3, 3, 1)
	var got []hwfpga.Result
	reader := hwfpga.NewResultReader(false)
	run := func(words ...uint32) {
		require.NoError(t, fpga.Run(context.Background(), r.device, words, fpga.Flow{}, func(w uint32) {
			result, _ := reader.Word(w)
			got = append(got, result)
		}))
	}
	run(event, 1<<20, event, 1<<31-1, event|hwfpga.NoTime, hwfpga.CommandWord, hwfpga.Mark(77))
	complains(t, r.device, hwfpga.ErrorStamp, (1<<31-1)>>8)
	require.Len(t, got, 4)
	require.Equal(t, hwfpga.Refused, got[1].Winner)
	require.NotEqual(t, hwfpga.Refused, got[2].Winner)
	require.Equal(t, hwfpga.Result{Mark: true, Seq: 77, Winner: got[3].Winner}, got[3])
	require.Equal(t, uint64(1), counter(t, r.device, hwfpga.CountRefused))
	run(hwfpga.CommandWord, 0xff<<24|5)
	complains(t, r.device, hwfpga.ErrorCommand, 0xff0000)
	run(event, 1<<20+5)
	require.Equal(t, uint16(3), got[4].Seq)
}

// Run gives up on a device that takes nothing, and when it is told to.
func TestRunEnds(t *testing.T) {
	d, err := fpga.NewDevice(fpga.DefaultBuild())
	require.NoError(t, err)
	none := func(uint32) {}
	require.ErrorIs(t, fpga.Run(context.Background(), d, []uint32{1}, fpga.Flow{}, none), fpga.ErrStuck)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, fpga.Run(ctx, d, []uint32{1}, fpga.Flow{}, none), context.Canceled)
	// An event that lacks its second word is still under way.
	r := newRig(t, fpga.DefaultBuild(), small(), nil)
	require.ErrorIs(t, fpga.Run(context.Background(), r.device, []uint32{hwfpga.EventWord(1, 1, 1)}, fpga.Flow{}, none), fpga.ErrStuck)
}

// Where a stamp was dropped, no event that would have had it is taken.
func TestDroppedStampIsNotMissed(t *testing.T) {
	b := fpga.DefaultBuild()
	b.In = 8
	r := newRig(t, b, small(), func(c *hwfpga.Config) { c.DropIn = true })
	rng := rand.New(rand.NewPCG(2, 2))
	tick := func(w uint32) (dropped bool) {
		before := counter(t, r.device, hwfpga.CountDroppedIn)
		r.device.Tick(fpga.In{Valid: true, Word: w, Ready: true})
		return counter(t, r.device, hwfpga.CountDroppedIn) > before
	}
	stale, followed, taken := false, 0, 0
	for i := range uint32(5000) {
		event := hwfpga.EventWord(3, 3, 1)
		switch rng.IntN(4) {
		case 0:
			stale = tick(event)
			tick(1000 + i)
		case 1, 2:
			dropped := tick(event | hwfpga.NoTime)
			require.True(t, dropped || !stale, "event %d", i)
			if stale {
				followed++
			} else if !dropped {
				taken++
			}
		default: // a pause, in which there is room again
			for range rng.IntN(40) {
				r.device.Tick(fpga.In{Ready: true})
			}
		}
	}
	require.Greater(t, followed, 100)
	require.Greater(t, taken, 100)
}
