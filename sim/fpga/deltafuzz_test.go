package fpga_test

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// FuzzDelta does to a device with layers whatever bytes say: register accesses, events, changes and commands. It never
// panics, and whatever its state, what it took it ends within bounds.
func FuzzDelta(f *testing.F) {
	words := func(w ...uint32) (b []byte) {
		for _, v := range w {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
		return b
	}
	const write, reads = 0xffff0000, 0xfffe0000 // followed by what is written
	f.Add(words(hwfpga.CommandWord, hwfpga.Changes(0), 3, 1<<16|9, hwfpga.CommandWord, hwfpga.Sums(0, true)))
	f.Add(words(hwfpga.CommandWord, hwfpga.Changes(1), 3, 99<<16|9, hwfpga.CommandWord, hwfpga.Sums(1, false), hwfpga.EventWord(3, 3, 1), 500))
	f.Add(words(hwfpga.CommandWord, hwfpga.Zero(9), hwfpga.CommandWord, hwfpga.Zero(1), hwfpga.EventWord(3, 3, 1), 500, hwfpga.CommandWord, hwfpga.Changes(0)))
	f.Add(words(write|hwfpga.RegKind, 2|1<<8, write|hwfpga.RegSize, 9<<16|9, write|hwfpga.RegLayer, 1, hwfpga.CommandWord, hwfpga.Changes(1), 80<<16|1))
	f.Add(words(write|hwfpga.RegWindow, hwfpga.WindowSums, write|hwfpga.RegPlace, 39<<hwfpga.PlaceLanes|18, reads|hwfpga.RegData, reads|hwfpga.RegData))
	c := small()
	f.Fuzz(func(t *testing.T, data []byte) {
		r := newRig(t, fpga.Build{Rows: 5, Lanes: 20, Neurons: 8, Cells: 64, In: 8, Out: 4, Weights: 50, Sums: 40}, c, nil)
		d := r.device
		require.NoError(t, hwfpga.Describe(d, 0, linearLayer(10, 33)))
		conv := hwfpga.DeltaLayer{DeltaShape: linearLayer(2, 3).DeltaShape, WeightsAt: 20, SumsAt: 2}
		conv.Kind, conv.Height, conv.Width, conv.Stride = 2, 5, 7, 1
		require.NoError(t, hwfpga.Describe(d, 1, &conv))
		for len(data) >= 4 && len(data) < 1<<12 {
			w := binary.LittleEndian.Uint32(data)
			data = data[4:]
			switch {
			case w&write == write && len(data) >= 4:
				require.NoError(t, d.Write(w&^write, binary.LittleEndian.Uint32(data)))
				data = data[4:]
			case w&write == reads:
				_, err := d.Read(w &^ write)
				require.NoError(t, err)
			default:
				d.Tick(fpga.In{Valid: true, Word: w, Ready: w&1 == 1})
			}
		}
		const enough = 20_000
		for cycle := 0; ; cycle++ {
			require.Less(t, cycle, enough, "it does not come to an end")
			if d.Tick(fpga.In{Ready: true}); d.Idle() {
				break
			}
			if cycle == enough/2 { // half of an event is all that is left, perhaps
				d.Tick(fpga.In{Valid: true, Word: 9})
			}
		}
		_ = d.Report()
	})
}
