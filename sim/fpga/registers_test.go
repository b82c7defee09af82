package fpga_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// small is a layer that fits everywhere.
func small() feast.Config {
	c := feast.Default()
	c.Width, c.Height, c.Radius, c.Neurons = 8, 7, 1, 3
	return c
}

func read(t testing.TB, d *fpga.Device, address uint32) uint32 {
	t.Helper()
	v, err := d.Read(address)
	require.NoError(t, err)
	return v
}

// complains requires that the device has an error, and clears it.
func complains(t testing.TB, d *fpga.Device, code int, operand uint32) {
	t.Helper()
	require.NotZero(t, read(t, d, hwfpga.RegStatus)&hwfpga.StatusError)
	require.Equal(t, &hwfpga.DeviceError{Code: code, Operand: operand}, hwfpga.Complaint(d))
	require.NoError(t, d.Write(hwfpga.RegError, 0))
	require.NoError(t, hwfpga.Complaint(d))
}

func TestIdentification(t *testing.T) {
	b := fpga.DefaultBuild()
	d, err := fpga.NewDevice(b)
	require.NoError(t, err)
	require.Equal(t, "SCAD", string([]byte{byte(read(t, d, hwfpga.RegID)), byte(read(t, d, hwfpga.RegID) >> 8), byte(read(t, d, hwfpga.RegID) >> 16), byte(read(t, d, hwfpga.RegID) >> 24)}))
	require.Equal(t, uint32(hwfpga.Version), read(t, d, hwfpga.RegVersion))
	for i, want := range []int{b.Rows, b.Lanes, b.Neurons, b.Cells, b.In, b.Out} {
		require.Equal(t, uint32(want), read(t, d, uint32(hwfpga.RegRows+4*i)))
	}
	require.Equal(t, uint32(hwfpga.StatusIdle), read(t, d, hwfpga.RegStatus), "it is not configured")
	require.False(t, d.Out().Ready, "it takes no events before it is")
}

func TestNonsenseIsRefused(t *testing.T) {
	r := newRig(t, fpga.DefaultBuild(), small(), nil)
	d := r.device
	write := func(address, value uint32) { require.NoError(t, d.Write(address, value)) }
	write(0x3000, 1)
	complains(t, d, hwfpga.ErrorAddress, 0x3000)
	read(t, d, hwfpga.RegWidth+1)
	complains(t, d, hwfpga.ErrorAddress, hwfpga.RegWidth+1)
	write(hwfpga.RegID, 1)
	complains(t, d, hwfpga.ErrorAccess, hwfpga.RegID)
	write(hwfpga.RegCounters+8, 1)
	complains(t, d, hwfpga.ErrorAccess, hwfpga.RegCounters+8)
	read(t, d, hwfpga.RegControl)
	complains(t, d, hwfpga.ErrorAccess, hwfpga.RegControl)
	write(hwfpga.RegControl, 1<<7)
	complains(t, d, hwfpga.ErrorValue, hwfpga.RegControl)
	write(hwfpga.RegEta, 1<<31)
	complains(t, d, hwfpga.ErrorValue, hwfpga.RegEta)
	write(hwfpga.RegWindow, 5)
	complains(t, d, hwfpga.ErrorValue, hwfpga.RegWindow)

	for what, bad := range map[uint32][]uint32{
		hwfpga.WindowMaster: {3 << 16, 3 << 8, 3, 1<<31 | 5<<16}, hwfpga.WindowThresholds: {3 << 16, 1}, hwfpga.WindowSurface: {8, 7 << 16},
		hwfpga.WindowSquares: {3 << 16}, hwfpga.WindowDots: {3 << 16, 1 << 31, 1},
	} {
		for _, place := range bad {
			write(hwfpga.RegWindow, what)
			write(hwfpga.RegPlace, place)
			read(t, d, hwfpga.RegData)
			complains(t, d, hwfpga.ErrorWindow, hwfpga.RegPlace)
		}
	}
	write(hwfpga.RegWindow, hwfpga.WindowSquares)
	write(hwfpga.RegData, 1)
	complains(t, d, hwfpga.ErrorAccess, hwfpga.RegData)
	write(hwfpga.RegWindow, hwfpga.WindowSurface)
	write(hwfpga.RegData, hw.MaxStamp+1)
	complains(t, d, hwfpga.ErrorValue, hwfpga.RegData)

	// While an event is under way, memories and the configuration are left alone.
	d.Tick(fpga.In{Valid: true, Word: hwfpga.EventWord(3, 3, events.On) | hwfpga.NoTime})
	read(t, d, hwfpga.RegData)
	complains(t, d, hwfpga.ErrorBusy, hwfpga.RegData)
	write(hwfpga.RegEta, 5)
	complains(t, d, hwfpga.ErrorBusy, hwfpga.RegEta)
	write(hwfpga.RegControl, hwfpga.ControlApply)
	complains(t, d, hwfpga.ErrorBusy, hwfpga.RegControl)
}

// Each register of the configuration is checked, and named; what was refused takes no
// events.
func TestConfigurationIsChecked(t *testing.T) {
	b := fpga.Build{Rows: 5, Lanes: 20, Neurons: 8, Cells: 32, In: 8, Out: 8}
	for _, try := range []struct{ address, value uint32 }{
		{hwfpga.RegWidth, 0},
		{hwfpga.RegWidth, 1 << 30},
		{hwfpga.RegHeight, 0},
		{hwfpga.RegHeight, events.MaxSide + 1},
		{hwfpga.RegRadius, 3},
		{hwfpga.RegBank, 0},
		{hwfpga.RegBank, 9},
		{hwfpga.RegMode, 3},
		{hwfpga.RegFlags, 1 << 6},
		{hwfpga.RegFlags, hwfpga.FlagLearning},
		{hwfpga.RegShifts, 0},
		{hwfpga.RegShifts, 1<<5 | 10<<16},
		{hwfpga.RegShifts, 14 << 16},
		{hwfpga.RegShifts, 3 | 3<<8 | 10<<16},
		{hwfpga.RegRound, 7},
		{hwfpga.RegRate, 1 << 16},
		{hwfpga.RegHorizon, 1<<32 - 1},
		{hwfpga.RegLeast, 10},
		{hwfpga.RegRecent, 1 << 15},
	} {
		d, err := fpga.NewDevice(b)
		require.NoError(t, err)
		c := configOf(t, small())
		require.NoError(t, hwfpga.Configure(d, c))
		for !d.Idle() {
			d.Tick(fpga.In{})
		}
		require.True(t, d.Out().Ready)
		require.NoError(t, d.Write(try.address, try.value))
		require.NoError(t, d.Write(hwfpga.RegControl, hwfpga.ControlApply))
		complains(t, d, hwfpga.ErrorApply, try.address)
		require.Zero(t, read(t, d, hwfpga.RegStatus)&hwfpga.StatusConfigured)
		require.False(t, d.Out().Ready)
	}
	d, err := fpga.NewDevice(b)
	require.NoError(t, err)
	c := configOf(t, small())
	c.Width = 20
	require.ErrorContains(t, hwfpga.Configure(d, c), "configuration refused for register 0x14", "there are too few cells")
	c.Decay = nil
	require.ErrorContains(t, hwfpga.Configure(d, c), "expected a decay")
	require.ErrorContains(t, hwfpga.Configure(another{}, c), "identification: expected 0x44414353, found 0x7")
}

// another is some other device.
type another struct{}

func (another) Read(uint32) (uint32, error) { return 7, nil }
func (another) Write(_, _ uint32) error     { return nil }

func TestBuildIsChecked(t *testing.T) {
	for _, change := range []func(b *fpga.Build){
		func(b *fpga.Build) { b.Rows = 0 }, func(b *fpga.Build) { b.Rows = 10 }, func(b *fpga.Build) { b.Rows = 33 },
		func(b *fpga.Build) { b.Lanes = 10 }, func(b *fpga.Build) { b.Lanes = 177 }, func(b *fpga.Build) { b.Lanes = 11 << 20 },
		func(b *fpga.Build) { b.Neurons = 0 }, func(b *fpga.Build) { b.Neurons = 1 << 20 }, func(b *fpga.Build) { b.Cells = 0 },
		func(b *fpga.Build) { b.Cells = 1 << 30 }, func(b *fpga.Build) { b.In = 2 }, func(b *fpga.Build) { b.In = 100 },
		func(b *fpga.Build) { b.Out = 0 }, func(b *fpga.Build) { b.Out = 1 << 20 },
		func(b *fpga.Build) { b.Rows, b.Lanes, b.Neurons = 31, 31, 1100 },
	} {
		b := fpga.DefaultBuild()
		change(&b)
		_, err := fpga.NewDevice(b)
		require.ErrorContains(t, err, "build: ")
	}
}

// Reading the window goes over all of it and begins again.
func TestWindowGoesRound(t *testing.T) {
	r := newRig(t, fpga.DefaultBuild(), small(), nil)
	n := len(r.layer.Weights().Master)
	require.Equal(t, 2*3*9, n)
	twice := r.window(hwfpga.WindowMaster, 2*n)
	require.Equal(t, twice[:n], twice[n:])
	require.Equal(t, r.layer.Weights().Master, twice[:n])
	require.NoError(t, r.device.Write(hwfpga.RegWindow, hwfpga.WindowSurface))
	for i := range uint32(2 * 7 * 8) {
		require.NoError(t, r.device.Write(hwfpga.RegData, i))
	}
	surface := r.window(hwfpga.WindowSurface, 2*2*7*8)
	for i, v := range surface {
		require.Equal(t, int32(i%(2*7*8)), v)
	}
}
