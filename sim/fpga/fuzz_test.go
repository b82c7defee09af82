package fpga_test

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// FuzzPins does to a device whatever bytes say: register accesses and words. It never
// panics, and whatever its state, what it took it ends within bounds.
func FuzzPins(f *testing.F) {
	words := func(w ...uint32) (b []byte) {
		for _, v := range w {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
		return b
	}
	const write, reads = 0xffff0000, 0xfffe0000 // followed by what is written
	f.Add(words(hwfpga.EventWord(3, 3, 1), 500, hwfpga.EventWord(3, 4, 0)|hwfpga.NoTime, hwfpga.CommandWord, hwfpga.Clear()))
	f.Add(words(hwfpga.EventWord(3, 3, 1), 1<<31-1, hwfpga.CommandWord, 0xffffffff, hwfpga.CommandWord, hwfpga.Rebase(7)))
	f.Add(words(write|hwfpga.RegRadius, 2, write|hwfpga.RegControl, 3, hwfpga.EventWord(5, 5, 1), 90, reads|hwfpga.RegData))
	f.Add(words(write|hwfpga.RegWindow, 0, write|hwfpga.RegPlace, 1<<31|2<<16, write|hwfpga.RegData, 1<<31, hwfpga.EventWord(3, 3, 1), 9))
	f.Add(words(write|hwfpga.RegHorizon, 1<<31-1, write|hwfpga.RegShifts, 14<<8|13<<16, write|hwfpga.RegControl, 1, write|hwfpga.RegRate, 1))
	c := small()
	f.Fuzz(func(t *testing.T, data []byte) {
		r := newRig(t, fpga.Build{Rows: 5, Lanes: 20, Neurons: 8, Cells: 64, In: 8, Out: 4}, c, nil)
		d := r.device
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
