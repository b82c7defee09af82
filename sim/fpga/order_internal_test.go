package fpga

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/fpga"
)

// tickInOrder is Tick with the units in another order.
func (d *Device) tickInOrder(in In, order []int) {
	*d.next, d.pending = *d.current, pending{}
	for _, unit := range order {
		[]func(){
			func() { d.stepInput(in) }, d.stepParse, d.stepSurface, d.stepNorm, d.stepMatch, d.stepDecide, d.stepLearn,
			func() { d.stepResults(in) },
		}[unit]()
	}
	d.commit()
}

// The order in which units are evaluated has no influence: they look at the current state
// only.
func TestOrderOfUnits(t *testing.T) {
	decay, err := hw.NewDecay(20_000, hw.PeakBits(25))
	require.NoError(t, err)
	c := fpga.Config{
		Width: 9, Height: 8, Radius: 2, Neurons: 20, Mode: fpga.ModeSplit, Decay: decay, Rates: [2]hw.Rates{{Eta: 1 << 24, DeltaI: 1 << 14, DeltaE: 1 << 15}, {Eta: 1 << 22, DeltaI: 1 << 15, DeltaE: 1 << 16}},
		MinRecent: 3, Recent: 500, Learning: true, Selecting: true, DropOut: true,
	}
	open := func() *Device {
		d, err := NewDevice(Build{Rows: 5, Lanes: 40, Neurons: 20, Cells: 64, In: 8, Out: 8})
		require.NoError(t, err)
		require.NoError(t, fpga.Configure(d, c))
		for !d.Idle() {
			d.Tick(In{})
		}
		rng := rand.New(rand.NewPCG(1, 1))
		for bank := range 2 {
			for k := range c.Neurons {
				for e := range 25 {
					d.weights.setMaster(bank, k, e, rng.Int32N(1<<23))
				}
				d.weights.banks[bank].thresholds[k] = 1<<23 + rng.Int32N(1<<23)
			}
		}
		return d
	}
	usual, other := open(), open()
	rng := rand.New(rand.NewPCG(2, 2))
	order := rng.Perm(8)
	var word uint32
	stamp := uint32(1 << 20)
	second := false
	for cycle := range 20_000 {
		require.Equal(t, usual.Out(), other.Out(), "cycle %d", cycle)
		in := In{Valid: rng.IntN(4) > 0, Ready: rng.IntN(5) == 0}
		switch {
		case !second:
			word = fpga.EventWord(uint16(rng.IntN(10)), uint16(rng.IntN(8)), events.Polarity(rng.IntN(2)))
			if rng.IntN(50) == 0 {
				word = fpga.CommandWord
			}
			in.Word = word
		case word == fpga.CommandWord:
			in.Word = []uint32{fpga.Clear(), fpga.Rebase(5), fpga.Mark(3), fpga.SetMode(true, true), fpga.SetMode(false, true), 0xff << 24, fpga.SetMode(true, true)}[rng.IntN(7)]
		default:
			stamp += rng.Uint32N(300)
			in.Word = stamp
			if rng.IntN(60) == 0 {
				in.Word = 1<<31 - 1 // beyond the last stamp
			}
		}
		if in.Valid && usual.Out().Ready {
			second = !second
		}
		usual.Tick(in)
		other.counts[fpga.CountCycles]++
		other.tickInOrder(in, order)
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		require.Equal(t, usual.current, other.current, "cycle %d", cycle)
		require.Equal(t, usual.fault, other.fault)
	}
	require.Equal(t, usual.weights, other.weights)
	require.Equal(t, usual.counts, other.counts)
	require.Equal(t, usual.usage, other.usage)
	for _, count := range []int{fpga.CountWon, fpga.CountMissed, fpga.CountNoise, fpga.CountBorder, fpga.CountOutside, fpga.CountRefused, fpga.CountCorrections, fpga.CountDroppedOut} {
		require.NotZero(t, usual.counts[count], "counter %d: the test has met it", count)
	}
}
