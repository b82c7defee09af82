package fpga_test

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

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
	f.Add(words(fpga.EventWord(3, 3, 1), 500, fpga.EventWord(3, 4, 0)|fpga.NoTime, fpga.CommandWord, fpga.Clear()))
	f.Add(words(fpga.EventWord(3, 3, 1), 1<<31-1, fpga.CommandWord, 0xffffffff, fpga.CommandWord, fpga.Rebase(7)))
	f.Add(words(write|fpga.RegRadius, 2, write|fpga.RegControl, 3, fpga.EventWord(5, 5, 1), 90, reads|fpga.RegData))
	f.Add(words(write|fpga.RegWindow, 0, write|fpga.RegPlace, 1<<31|2<<16, write|fpga.RegData, 1<<31, fpga.EventWord(3, 3, 1), 9))
	f.Add(words(write|fpga.RegHorizon, 1<<31-1, write|fpga.RegShifts, 14<<8|13<<16, write|fpga.RegControl, 1, write|fpga.RegRate, 1))
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
