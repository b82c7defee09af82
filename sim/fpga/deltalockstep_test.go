package fpga_test

import (
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// describeRandomly describes layers to both, and fills all of the delta engine's memories.
func (r *rig) describeRandomly(rng *rand.Rand, l *literal) {
	r.t.Helper()
	can, err := hwfpga.ReadDeltaCapabilities(r.device)
	require.NoError(r.t, err)
	shapes := make([]hw.DeltaShape, 1+rng.IntN(3)) // which never are beyond the build
	for i := range shapes {
		shapes[i] = drawShape(rng)
	}
	l.layers, err = can.Place(shapes)
	require.NoError(r.t, err)
	for i := range l.layers {
		require.NoError(r.t, hwfpga.Describe(r.device, i, &l.layers[i]))
	}
	l.row, l.lanesOf, l.layer = can.Lanes, lanesOf(can.Lanes), -1
	l.touchedBits = make([]uint16, can.Sums)
	write := func(address, value uint32) { require.NoError(r.t, r.device.Write(address, value)) }
	write(hwfpga.RegWindow, hwfpga.WindowWeights)
	for range can.Weights {
		row := make([]int16, can.Lanes)
		for lane := range row {
			row[lane] = int16(rng.Uint32())
			if lane%2 == 1 {
				write(hwfpga.RegData, uint32(uint16(row[lane]))<<16|uint32(uint16(row[lane-1])))
			}
		}
		if can.Lanes%2 == 1 {
			write(hwfpga.RegData, uint32(uint16(row[can.Lanes-1])))
		}
		l.weights = append(l.weights, row)
	}
	write(hwfpga.RegWindow, hwfpga.WindowSums)
	for range can.Sums {
		row := make([]int32, can.Lanes)
		for lane := range row {
			row[lane] = int32(rng.Uint32())
			write(hwfpga.RegData, uint32(row[lane]))
		}
		l.totals = append(l.totals, row)
	}
	require.NoError(r.t, hwfpga.Complaint(r.device))
}

// drawDeltaWords makes words of events and of changes, in turn, with every command in between; some name what there
// is not.
func drawDeltaWords(rng *rand.Rand, r *rig, layers []hwfpga.DeltaLayer) (words []uint32) {
	e := drawEvents(rng, r.c, 40)
	for len(e) > 0 {
		number := rng.IntN(len(layers) + 1)
		shape := hw.DeltaShape{Channels: 100, Height: 1, Width: 1}
		if number < len(layers) {
			shape = layers[number].DeltaShape
		}
		switch rng.IntN(8) {
		case 0, 1, 2, 3:
			words = append(words, hwfpga.CommandWord, hwfpga.Changes(uint8(number)))
			for _, d := range drawChanges(rng, shape, rng.IntN(20)) {
				words = hwfpga.AppendChange(words, d.Index, d.Value)
			}
			if rng.IntN(9) == 0 {
				words = append(words, hwfpga.ChangeWord(1<<15-1, -1), hwfpga.ChangeWord(1<<16-1, 7)) // which the layer does not have
			}
		case 4, 5:
			words = append(words, hwfpga.CommandWord, hwfpga.Sums(uint8(number), rng.IntN(3) > 0))
		case 6:
			if rng.IntN(3) == 0 {
				words = append(words, hwfpga.CommandWord, hwfpga.Zero(uint8(number)))
			}
		}
		switch rng.IntN(4) {
		case 0:
			continue
		case 1:
			words = append(words, hwfpga.CommandWord, hwfpga.Mark(uint16(rng.Uint32())))
		}
		n := 1 + rng.IntN(min(len(e), 5))
		words = append(words, hwfpga.CommandWord, hwfpga.SetMode(true, true)) // an end of changes
		words = appendAll(words, r.host, e[:n])
		e = e[n:]
	}
	for i := range layers {
		words = append(words, hwfpga.CommandWord, hwfpga.Sums(uint8(i), false))
	}
	return words
}

func appendAll(words []uint32, h *hwfpga.Host, in []events.Event) []uint32 {
	for _, e := range in {
		words = h.Append(words, e)
	}
	return words
}

// With changes between the events, the device has the pins of its literal model in every cycle, under back-pressure
// at both ends, and all memories are the same in the end: FEAST's as well.
func TestDeltaLockstep(t *testing.T) {
	rng := rand.New(rand.NewPCG(78, 1))
	trials := 60
	if os.Getenv("SACCADE_SLOW") != "" {
		trials = 3000
	}
	for trial := range trials {
		c, b, change := drawSetup(rng)
		b.Weights, b.Sums, b.Lanes = 720, 243, max(b.Lanes, 2*b.Rows)
		r := newRig(t, b, c, change)
		l := newLiteral(b, r.config)
		w := r.layer.Weights()
		l.load(w.Master, w.Thresholds)
		r.describeRandomly(rng, l)
		words := drawDeltaWords(rng, r, l.layers)
		flow := pace(rng, []int{1, 1, 30, 200}[trial%4], []int{1, 40, 1, 300}[trial/2%4])
		r.lockstep(l, words, flow, 400)
		require.NoError(t, r.device.Write(hwfpga.RegError, 0)) // of what there was not
		master, thresholds := l.masters()
		require.Equal(t, master, r.window(hwfpga.WindowMaster, len(master)), "trial %d", trial)
		require.Equal(t, thresholds, r.window(hwfpga.WindowThresholds, len(thresholds)), "trial %d", trial)
		sums := r.window(hwfpga.WindowSums, b.Sums*b.Lanes)
		for i, row := range l.totals {
			require.Equal(t, row, sums[i*b.Lanes:][:b.Lanes], "trial %d, word %d", trial, i)
		}
	}
}
