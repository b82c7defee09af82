package fpga_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// deltaDevice is a configured device with room for little.
func deltaDevice(t *testing.T, change func(*hwfpga.Config)) *fpga.Device {
	t.Helper()
	d, err := fpga.NewDevice(fpga.Build{Rows: 3, Lanes: 18, Neurons: 1, Cells: 64, In: 8, Out: 16, Weights: 20, Sums: 12})
	require.NoError(t, err)
	decay, err := hw.NewDecay(1000, hw.PeakBits(1))
	require.NoError(t, err)
	c := hwfpga.Config{Width: 1, Height: 1, Neurons: 1, Decay: decay}
	if change != nil {
		change(&c)
	}
	require.NoError(t, hwfpga.Configure(d, c))
	for !d.Idle() {
		d.Tick(fpga.In{})
	}
	return d
}

// stream runs words through a device.
func stream(t *testing.T, d *fpga.Device, words ...uint32) (out []uint32) {
	t.Helper()
	require.NoError(t, fpga.Run(t.Context(), d, words, fpga.Flow{}, func(w uint32) { out = append(out, w) }))
	return out
}

func linearLayer(inputs, outputs int) *hwfpga.DeltaLayer {
	return &hwfpga.DeltaLayer{DeltaShape: hw.DeltaShape{Kind: hw.DeltaLinear, Channels: inputs, Height: 1, Width: 1, Outputs: outputs}}
}

// A build without a delta engine has none of its registers, windows and commands.
func TestNoDelta(t *testing.T) {
	b := fpga.DefaultBuild()
	d, err := fpga.NewDevice(b)
	require.NoError(t, err)
	for _, address := range []uint32{hwfpga.RegWeights, hwfpga.RegSums, hwfpga.RegLayers, hwfpga.RegKind, hwfpga.RegDeltaCounters} {
		read(t, d, address)
		require.Equal(t, &hwfpga.DeviceError{Code: hwfpga.ErrorAddress, Operand: address}, hwfpga.Complaint(d))
		require.NoError(t, d.Write(hwfpga.RegError, 0))
	}
	require.NoError(t, d.Write(hwfpga.RegWindow, hwfpga.WindowWeights))
	require.Equal(t, &hwfpga.DeviceError{Code: hwfpga.ErrorValue, Operand: hwfpga.RegWindow}, hwfpga.Complaint(d))
	require.Equal(t, uint32(hwfpga.Version), read(t, d, hwfpga.RegVersion))
	_, err = hwfpga.ReadDeltaCapabilities(d)
	require.ErrorContains(t, err, "delta engine")
}

// Builds are bounded.
func TestDeltaBuild(t *testing.T) {
	for _, change := range []func(*fpga.Build){
		func(b *fpga.Build) { b.Weights = 0 }, func(b *fpga.Build) { b.Sums = 0 }, func(b *fpga.Build) { b.Sums = -1 },
		func(b *fpga.Build) { b.Weights = 1 << 40 }, func(b *fpga.Build) { b.Sums = fpga.MaxSums + 1 },
	} {
		b := fpga.DeltaBuild()
		change(&b)
		_, err := fpga.NewDevice(b)
		require.ErrorContains(t, err, "delta engine")
	}
	_, err := fpga.NewDevice(fpga.DeltaBuild())
	require.NoError(t, err)
}

// The registers say what the engine has, what describes a layer is read back, and what makes no sense is refused by
// the name of its register; a layer that was refused is not there any more.
func TestDeltaRegisters(t *testing.T) {
	d := deltaDevice(t, nil)
	can, err := hwfpga.ReadDeltaCapabilities(d)
	require.NoError(t, err)
	require.Equal(t, fpga.Build{Lanes: 18, Weights: 20, Sums: 12}.DeltaCapabilities(), can)
	require.Equal(t, uint32(hwfpga.VersionDelta), read(t, d, hwfpga.RegVersion))

	conv := hwfpga.DeltaLayer{DeltaShape: hw.DeltaShape{Kind: hw.DeltaConv3x3, Channels: 2, Height: 6, Width: 3, Outputs: 3, Stride: 2, Padding: 1}, SumsAt: 1}
	require.NoError(t, hwfpga.Describe(d, 1, &conv))
	require.Equal(t, uint32(2|2<<8|1<<16), read(t, d, hwfpga.RegKind))
	require.Equal(t, uint32(6<<16|3), read(t, d, hwfpga.RegSize))
	for register, change := range map[uint32][]func(*hwfpga.DeltaLayer){
		hwfpga.RegKind:     {func(l *hwfpga.DeltaLayer) { l.Stride = 3 }, func(l *hwfpga.DeltaLayer) { l.Stride = 0 }, func(l *hwfpga.DeltaLayer) { l.Padding = 2 }},
		hwfpga.RegChannels: {func(l *hwfpga.DeltaLayer) { l.Channels = 0 }, func(l *hwfpga.DeltaLayer) { l.Channels = 1 << 17 }},
		hwfpga.RegSize: {
			func(l *hwfpga.DeltaLayer) { l.Height = 0 }, func(l *hwfpga.DeltaLayer) { l.Width = 0 }, func(l *hwfpga.DeltaLayer) { l.Width, l.Padding = 2, 0 },
			func(l *hwfpga.DeltaLayer) { l.Height, l.Width = 300, 300 }, func(l *hwfpga.DeltaLayer) { l.Kind = hw.DeltaLinear },
		},
		hwfpga.RegOutputs:   {func(l *hwfpga.DeltaLayer) { l.Outputs = 0 }, func(l *hwfpga.DeltaLayer) { l.Outputs = 1 << 31 }},
		hwfpga.RegWeightsAt: {func(l *hwfpga.DeltaLayer) { l.WeightsAt = 17 }, func(l *hwfpga.DeltaLayer) { l.WeightsAt = 1<<32 - 1 }},
		hwfpga.RegSumsAt:    {func(l *hwfpga.DeltaLayer) { l.SumsAt = 11 }},
	} {
		for i, f := range change {
			bad := conv
			f(&bad)
			require.NoError(t, d.Write(hwfpga.RegError, 0))
			require.Equal(t, &hwfpga.DeviceError{Code: hwfpga.ErrorApply, Operand: register}, hwfpga.Describe(d, 1, &bad), "change %d", i)
		}
	}
	require.NoError(t, d.Write(hwfpga.RegError, 0))
	require.NoError(t, d.Write(hwfpga.RegLayer, 32))
	require.Equal(t, &hwfpga.DeviceError{Code: hwfpga.ErrorValue, Operand: hwfpga.RegLayer}, hwfpga.Complaint(d))

	// The layer is not there: what is asked of it is an error, its sums have an end alone.
	require.NoError(t, d.Write(hwfpga.RegError, 0))
	require.Equal(t, []uint32{0}, stream(t, d, hwfpga.CommandWord, hwfpga.Changes(1), 5, hwfpga.CommandWord, hwfpga.Sums(1, false)))
	require.Equal(t, &hwfpga.DeviceError{Code: hwfpga.ErrorLayer, Operand: 1}, hwfpga.Complaint(d))
	require.EqualValues(t, 1, d.Report().Delta.Refused)
	require.Zero(t, d.Report().Delta.Changes)
}

// Changes of inputs that the layer does not have are refused by their index, and counted; the others are done.
func TestDeltaRefused(t *testing.T) {
	d := deltaDevice(t, nil)
	require.NoError(t, hwfpga.Describe(d, 0, linearLayer(3, 1)))
	require.NoError(t, d.Write(hwfpga.RegWindow, hwfpga.WindowWeights))
	for i := range uint32(3) {
		require.NoError(t, d.Write(hwfpga.RegPlace, i<<hwfpga.PlaceLanes))
		require.NoError(t, d.Write(hwfpga.RegData, i+10))
	}
	minus := uint32(0xffff_ffff)
	out := stream(t, d, hwfpga.CommandWord, hwfpga.Changes(0), hwfpga.ChangeWord(2, -1), hwfpga.ChangeWord(3, 5), hwfpga.ChangeWord(0, 2),
		hwfpga.CommandWord, hwfpga.Sums(0, true), hwfpga.CommandWord, hwfpga.Mark(7), hwfpga.CommandWord, hwfpga.Sums(0, true), hwfpga.CommandWord, hwfpga.Sums(0, false))
	sum := minus*12 + 20
	require.Equal(t, []uint32{1, sum, 1 << 16, hwfpga.ResultWord(7, hwfpga.MarkResult), 0, 1, sum, 1 << 16}, out)
	require.Equal(t, &hwfpga.DeviceError{Code: hwfpga.ErrorChange, Operand: 3}, hwfpga.Complaint(d))
	r := d.Report().Delta
	require.EqualValues(t, 2, r.Changes)
	require.EqualValues(t, 1, r.Refused)
	require.EqualValues(t, 2, r.MACs)
	require.EqualValues(t, 2, r.Sent)
	require.InDelta(t, 1.0/18, r.Occupancy(), 1e-12)
	text := d.Report()
	require.Contains(t, text.Text(200e6), "delta engine: 2 changes, 2 multiply-adds")
	require.NoError(t, d.Write(hwfpga.RegControl, hwfpga.ControlCount))
	require.Zero(t, d.Report().Delta.Changes)
}

// Places beyond the memories are refused, and so is everything but waiting while changes are under way.
func TestDeltaBusy(t *testing.T) {
	d := deltaDevice(t, nil)
	for what, places := range map[uint32][]uint32{
		hwfpga.WindowWeights: {20 << hwfpga.PlaceLanes, 18, 1, 1<<32 - 1},
		hwfpga.WindowSums:    {12 << hwfpga.PlaceLanes, 18, 1<<32 - 1},
	} {
		require.NoError(t, d.Write(hwfpga.RegWindow, what))
		for _, place := range places {
			require.NoError(t, d.Write(hwfpga.RegPlace, place))
			read(t, d, hwfpga.RegData)
			require.Equal(t, &hwfpga.DeviceError{Code: hwfpga.ErrorWindow, Operand: hwfpga.RegPlace}, hwfpga.Complaint(d))
			require.NoError(t, d.Write(hwfpga.RegError, 0))
		}
	}
	require.NoError(t, hwfpga.Describe(d, 0, linearLayer(1, 18*12)))
	words := []uint32{hwfpga.CommandWord, hwfpga.Changes(0), hwfpga.ChangeWord(0, 1)}
	for len(words) > 0 {
		if d.Out().Ready {
			d.Tick(fpga.In{Valid: true, Word: words[0]})
			words = words[1:]
		}
	}
	for cycles := 0; !d.Idle(); cycles++ {
		require.Less(t, cycles, 30)
		require.Equal(t, &hwfpga.DeviceError{Code: hwfpga.ErrorBusy, Operand: hwfpga.RegKind}, hwfpga.Describe(d, 0, linearLayer(1, 1)))
		require.NoError(t, d.Write(hwfpga.RegError, 0))
		d.Tick(fpga.In{})
	}
	require.EqualValues(t, 12, d.Report().Delta.Busy)
}

// With FlagDropIn, events are dropped that do not fit, changes never: they wait. Where the command ahead of changes was
// dropped, they are dropped with it, and counted, so that no change is taken for an event.
func TestDeltaDrops(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	dropped := 0
	for trial := range 200 {
		d := deltaDevice(t, func(c *hwfpga.Config) { c.DropIn = true })
		require.NoError(t, hwfpga.Describe(d, 0, linearLayer(6, 40)))
		var events, changes uint64
		for range 6 {
			words := make([]uint32, 2*rng.IntN(30))
			for i := range words { // each begins a run that the device is slow with, or drops
				if words[i] = hwfpga.EventWord(0, 0, 1); i%2 == 1 {
					words[i] = 1
				}
			}
			events += uint64(len(words) / 2)
			words = append(words, hwfpga.CommandWord, hwfpga.Changes(0))
			for range rng.IntN(20) {
				words = append(words, hwfpga.ChangeWord(int32(rng.IntN(6)), int32(1+rng.IntN(9))))
				changes++
			}
			words = append(words, hwfpga.CommandWord, hwfpga.Mark(0))
			for len(words) > 0 {
				in := fpga.In{Valid: true, Word: words[0], Ready: rng.IntN(9) == 0}
				if d.Out().Ready {
					words = words[1:]
				}
				d.Tick(in)
			}
		}
		stream(t, d)
		r := d.Report()
		require.LessOrEqual(t, r.Delta.Changes, changes, "trial %d", trial)
		require.LessOrEqual(t, r.Events, events, "a change was taken for an event")
		require.NoError(t, hwfpga.Complaint(d))
		if lost := changes - r.Delta.Changes; lost > 0 {
			require.GreaterOrEqual(t, r.DroppedIn, lost)
			require.NotZero(t, read(t, d, hwfpga.RegStatus)&hwfpga.StatusOverflowIn)
			dropped++
		}
	}
	require.Positive(t, dropped)
	require.Less(t, dropped, 200)
}
