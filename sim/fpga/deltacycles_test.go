package fpga_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// cyclesOf takes a layer through changes of its first inputs and the sending of what they touched, on the default
// lanes, and gives what the device says of it.
func cyclesOf(t *testing.T, s hw.DeltaShape, changes []int32) fpga.Report {
	t.Helper()
	d, err := fpga.NewDevice(fpga.DeltaBuild())
	require.NoError(t, err)
	decay, err := hw.NewDecay(1000, hw.PeakBits(1))
	require.NoError(t, err)
	require.NoError(t, hwfpga.Configure(d, hwfpga.Config{Width: 1, Height: 1, Neurons: 1, Decay: decay}))
	for !d.Idle() {
		d.Tick(fpga.In{})
	}
	require.NoError(t, hwfpga.Describe(d, 0, &hwfpga.DeltaLayer{DeltaShape: s}))
	require.NoError(t, d.Write(hwfpga.RegControl, hwfpga.ControlCount))
	words := []uint32{hwfpga.CommandWord, hwfpga.Changes(0)}
	for _, i := range changes {
		words = hwfpga.AppendChange(words, i, 1)
	}
	stream(t, d, append(words, hwfpga.CommandWord, hwfpga.Sums(0, true))...)
	return d.Report()
}

// The cycles are those that the package comment says: from the first change's first register to its last sum written,
// and from the command to the end of what is sent. What is around them is the way of words into the device.
func TestDeltaCycles(t *testing.T) {
	linear := func(inputs, outputs int) hw.DeltaShape {
		return hw.DeltaShape{Kind: hw.DeltaLinear, Channels: inputs, Height: 1, Width: 1, Outputs: outputs}
	}
	tenth := func(inputs int) (out []int32) {
		for i := 0; i < inputs; i += 10 {
			out = append(out, int32(i))
		}
		return out
	}
	conv := hw.DeltaShape{Kind: hw.DeltaConv3x3, Channels: 1, Height: 34, Width: 34, Outputs: 16, Stride: 1, Padding: 1}
	strided := hw.DeltaShape{Kind: hw.DeltaConv3x3, Channels: 16, Height: 34, Width: 34, Outputs: 32, Stride: 2, Padding: 1}
	const ready, written = 3, 4 // registers ahead of the lanes, and behind them
	var cycles, macs uint64
	for _, c := range []struct {
		name       string
		shape      hw.DeltaShape
		changes    []int32
		parts      int
		words      int // of sums
		macs, sums int
	}{
		{"1156 to 256, a tenth changed", linear(1156, 256), tenth(1156), 2, 2, 116 * 256, 256},
		{"256 to 10, a tenth changed", linear(256, 10), tenth(256), 1, 1, 26 * 10, 10},
		{"conv of one change", conv, []int32{35}, 1, 144, 9 * 16, 9 * 16},
		{"conv of a corner", conv, []int32{0}, 1, 144, 4 * 16, 4 * 16},
		{"conv with a stride", strided, []int32{35 * 16}, 2, 72, 4 * 32, 4 * 32},
	} {
		r := cyclesOf(t, c.shape, c.changes)
		adding := len(c.changes)*c.parts + ready - 1 + written
		sending := c.words + c.sums + 1
		require.EqualValues(t, len(c.changes)*c.parts, r.Delta.Busy, c.name)
		require.EqualValues(t, adding+sending, r.Delta.Active, c.name)
		require.EqualValues(t, c.macs, r.Delta.MACs, c.name)
		require.EqualValues(t, c.sums, r.Delta.Sent, c.name)
		// The first words' way to stage b, and from there; words wait in the FIFO while the lanes are at work.
		require.LessOrEqual(t, r.Cycles, r.Delta.Active+14, c.name)
		t.Logf("%s: %d cycles, %d of them adding with %.0f %% of the lanes; %.1f multiply-adds a cycle", c.name, r.Cycles, r.Delta.Busy, 100*r.Delta.Occupancy(), float64(c.macs)/float64(r.Cycles))
		if c.shape.Kind == hw.DeltaLinear {
			cycles, macs = cycles+r.Cycles, macs+r.Delta.MACs
		}
	}
	dense := (1156*256 + 256*10) / fpga.DeltaBuild().Lanes
	t.Logf("1156-256-10, a tenth changed: %d cycles, %.1f multiply-adds a cycle; dense, with every lane busy: %d cycles of multiplying", cycles, float64(macs)/float64(cycles), dense)
	require.Less(t, cycles, uint64(dense)/2)
}
