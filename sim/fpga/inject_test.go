package fpga_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

func inject(t require.TestingT, d *fpga.Device, f fpga.Fault) *fpga.Injection {
	i, err := d.Inject(f)
	require.NoError(t, err)
	return i
}

// A device with faults that do not strike, or that undo each other, is what it is without: results, memories and cycles.
func TestFaultsThatDoNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 4))
		c, b, change := drawSetup(rng)
		r, plain := newRig(rt, b, c, change), newRig(rt, b, c, change)
		for k := fpga.FlipSurface; k <= fpga.Reset; k++ {
			inject(rt, r.device, fpga.Fault{Kind: k, Event: math.MaxUint64 - 1, Place: -1, Bit: -1})
		}
		// The same bit twice: from then on, dot products are made product by product.
		for range 2 {
			inject(rt, r.device, fpga.Fault{Kind: fpga.FlipMatch, Event: 5, Place: 3, Bit: 9})
		}
		in := drawEvents(rng, c, 120)
		r.same(in, fpga.Flow{})
		r.sameMemories()
		plain.same(in, fpga.Flow{})
		require.Equal(rt, plain.device.Report(), r.device.Report())
	})
}

// A bit that is turned over is turned over, at its place and no other, behind the event that was said.
func TestFlips(t *testing.T) {
	for kind, window := range map[fpga.FaultKind]uint32{
		fpga.FlipSurface: hwfpga.WindowSurface, fpga.FlipMaster: hwfpga.WindowMaster,
		fpga.FlipThreshold: hwfpga.WindowThresholds, fpga.FlipSquares: hwfpga.WindowSquares,
	} {
		c := small()
		r, plain := newRig(t, fpga.DefaultBuild(), c, nil), newRig(t, fpga.DefaultBuild(), c, nil)
		i := inject(t, r.device, fpga.Fault{Kind: kind, Event: 40, Place: 4, Bit: 3})
		in := drawEvents(rand.New(rand.NewPCG(2, 2)), c, 41)
		words := map[uint32]int{
			hwfpga.WindowSurface: 2 * c.Width * c.Height, hwfpga.WindowMaster: c.Features() * c.Elements(),
			hwfpga.WindowThresholds: c.Features(), hwfpga.WindowSquares: c.Features(),
		}[window]
		r.results(in[:40], fpga.Flow{})
		require.Zero(t, i.Struck())
		plain.results(in, fpga.Flow{})
		r.results(in[40:], fpga.Flow{})
		require.Equal(t, int64(1), i.Struck())
		cycle, event := i.First()
		require.Equal(t, uint64(41), event)
		require.Positive(t, cycle)
		got, want := r.window(window, words), plain.window(window, words)
		want[4] ^= 1 << 3
		if kind == fpga.FlipMaster || kind == fpga.FlipSquares || kind == fpga.FlipThreshold {
			// The event may still be learned from behind it.
			require.NotEqual(t, plain.window(window, words), got)
			continue
		}
		require.Equal(t, want, got)
	}
}

// Flips at a rate are as many as are to be expected, and the same every time.
func TestFlipsAtARate(t *testing.T) {
	flipped := func(seed uint64) (int64, []int32) {
		c := small()
		r := newRig(t, fpga.DefaultBuild(), c, nil)
		i := inject(t, r.device, fpga.Fault{Kind: fpga.FlipSurface, Rate: 1e-5, Seed: seed, Place: -1, Bit: -1})
		for range 10_000 {
			r.device.Tick(fpga.In{})
		}
		return i.Struck(), r.window(hwfpga.WindowSurface, 2*c.Width*c.Height)
	}
	// 112 stamps of 31 bits for 10,000 cycles.
	const expected = 112 * 31 * 10_000 * 1e-5
	n, cells := flipped(1)
	require.InDelta(t, expected, float64(n), 5*math.Sqrt(expected))
	again, same := flipped(1)
	require.Equal(t, n, again)
	require.Equal(t, cells, same)
	_, other := flipped(2)
	require.NotEqual(t, cells, other)
}

// A stuck multiplier makes those dot products wrong that it has a part in, and by as much as it must.
func TestStuckLane(t *testing.T) {
	c := small()
	c.Neurons = 20 // 16 of which are matched at once
	b := fpga.DefaultBuild()
	const neuron, row = 1, 2
	r, plain := newRig(t, b, c, nil), newRig(t, b, c, nil)
	inject(t, r.device, fpga.Fault{Kind: fpga.StuckLane, Place: neuron*b.Rows + row, Stuck: fpga.StuckOnes, Bit: -1})
	for _, d := range []*rig{r, plain} {
		d.words = []uint32{hwfpga.CommandWord, hwfpga.SetMode(false, false)}
		d.run(fpga.Flow{})
		d.results(drawEvents(rand.New(rand.NewPCG(3, 3)), c, 50), fpga.Flow{})
		// One that stands alone: a patch with one pixel, in its middle, which the broken lane has no part in.
		d.words = append(d.host.Reset(nil), hwfpga.EventWord(4, 4, 0), 1<<20)
		d.run(fpga.Flow{})
	}
	got, want := r.window(hwfpga.WindowDots, c.Neurons), plain.window(hwfpga.WindowDots, c.Neurons)
	for k := range want {
		if k%16 == neuron {
			want[k] -= int32(c.Side()) // products of 0 that became -1
		}
	}
	require.Equal(t, want, got)
}

// A clock that stands still changes nothing but the time, where the host's stands still with it; otherwise words are lost.
func TestClockStandsStill(t *testing.T) {
	c := small()
	in := drawEvents(rand.New(rand.NewPCG(5, 5)), c, 1000) // more than the FIFO holds
	r := newRig(t, fpga.DefaultBuild(), c, nil)
	i := inject(t, r.device, fpga.Fault{Kind: fpga.Stall, Event: 50, Cycles: 1000, Bit: -1})
	plain := newRig(t, fpga.DefaultBuild(), c, nil)
	r.same(in, fpga.Flow{})
	plain.same(in, fpga.Flow{})
	r.sameMemories()
	require.Equal(t, int64(1), i.Struck())
	require.Equal(t, plain.device.Report().Events, r.device.Report().Events)

	// The host then sees the same pins in each of these cycles.
	slipped := newRig(t, fpga.DefaultBuild(), c, nil)
	inject(t, slipped.device, fpga.Fault{Kind: fpga.Slip, Event: 50, Cycles: 30, Bit: -1})
	for _, e := range in {
		slipped.words = slipped.host.Append(slipped.words, e)
	}
	_, given, err := slipped.device.Exchange(slipped.words, make([]uint32, 4*len(in)))
	require.NoError(t, err)
	require.NotEqual(t, len(in), given)
}

// A pin that says ready whatever is behind it loses words, uncounted.
func TestReadyStuck(t *testing.T) {
	c := small()
	b := fpga.DefaultBuild()
	b.In = 8
	r := newRig(t, b, c, nil)
	inject(t, r.device, fpga.Fault{Kind: fpga.ReadyStuck, Bit: -1})
	in := drawEvents(rand.New(rand.NewPCG(5, 6)), c, 300)
	reader := hwfpga.NewResultReader(false)
	for _, e := range in {
		r.words = r.host.Append(r.words, e)
	}
	results := make([]uint32, 2*len(in))
	_, given, err := r.device.Exchange(r.words, results)
	require.NoError(t, err)
	require.Less(t, given, len(in))
	require.Zero(t, counter(t, r.device, hwfpga.CountDroppedIn))
	require.False(t, reader.Between())
}

// A device that was reset has nothing left of what it was told.
func TestResetInMidStream(t *testing.T) {
	c := small()
	r := newRig(t, fpga.DefaultBuild(), c, nil)
	inject(t, r.device, fpga.Fault{Kind: fpga.Reset, Event: 20, Bit: -1})
	for _, e := range drawEvents(rand.New(rand.NewPCG(5, 7)), c, 600) {
		r.words = r.host.Append(r.words, e)
	}
	results := make([]uint32, 1000)
	_, given, err := r.device.Exchange(r.words, results)
	require.ErrorIs(t, err, fpga.ErrStuck)
	require.Less(t, given, 21)
	require.Zero(t, read(t, r.device, hwfpga.RegStatus)&hwfpga.StatusConfigured)
	require.Zero(t, counter(t, r.device, hwfpga.CountEvents))
}

func TestFaultsThatCannotBe(t *testing.T) {
	d, err := fpga.NewDevice(fpga.DefaultBuild())
	require.NoError(t, err)
	for says, f := range map[string]fpga.Fault{
		"a kind of 0 to":  {Kind: 99},
		"a rate of":       {Rate: math.NaN()},
		"a bit of":        {Kind: fpga.FlipMatch, Bit: 16},
		"a place of":      {Kind: fpga.StuckLane, Place: 176},
		"a lane stuck in": {Kind: fpga.StuckLane, Stuck: 4},
	} {
		_, err := d.Inject(f)
		require.ErrorContains(t, err, says)
	}
}

// The checks of a build that has them are those of the words that crossed the pins; another build has no such registers.
func TestWordChecks(t *testing.T) {
	c := small()
	b := fpga.DefaultBuild()
	plain := newRig(t, b, c, nil)
	require.Zero(t, read(t, plain.device, hwfpga.RegChecks))
	require.NotZero(t, read(t, plain.device, hwfpga.RegError))
	b.Checks = true
	r := newRig(t, b, c, func(c *hwfpga.Config) { c.Detail = true })
	require.Equal(t, uint32(hwfpga.Checks), read(t, r.device, hwfpga.RegChecks))
	var sent, got []uint32
	for _, e := range drawEvents(rand.New(rand.NewPCG(5, 8)), c, 500) {
		sent = r.host.Append(sent, e)
	}
	rng := rand.New(rand.NewPCG(9, 9))
	require.NoError(t, fpga.Run(t.Context(), r.device, sent, pace(rng, 3, 40), func(w uint32) { got = append(got, w) }))
	require.Len(t, got, 1500)
	require.Equal(t, hwfpga.CheckWords(0, sent), read(t, r.device, hwfpga.RegCheckIn))
	require.Equal(t, hwfpga.CheckWords(hwfpga.CheckWords(0, got[:77]), got[77:]), read(t, r.device, hwfpga.RegCheckOut))
	require.NoError(t, hwfpga.Complaint(r.device))
	require.NoError(t, r.device.Write(hwfpga.RegControl, hwfpga.ControlCount))
	require.Zero(t, read(t, r.device, hwfpga.RegCheckIn))
	require.NoError(t, r.device.Write(hwfpga.RegCheckIn, 1))
	require.Error(t, hwfpga.Complaint(r.device))
}
