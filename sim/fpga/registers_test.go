package fpga_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
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
	require.NotZero(t, read(t, d, fpga.RegStatus)&fpga.StatusError)
	require.Equal(t, &fpga.DeviceError{Code: code, Operand: operand}, fpga.Complaint(d))
	require.NoError(t, d.Write(fpga.RegError, 0))
	require.NoError(t, fpga.Complaint(d))
}

func TestIdentification(t *testing.T) {
	b := fpga.DefaultBuild()
	d, err := fpga.NewDevice(b)
	require.NoError(t, err)
	require.Equal(t, "SCAD", string([]byte{byte(read(t, d, fpga.RegID)), byte(read(t, d, fpga.RegID) >> 8), byte(read(t, d, fpga.RegID) >> 16), byte(read(t, d, fpga.RegID) >> 24)}))
	require.Equal(t, uint32(fpga.Version), read(t, d, fpga.RegVersion))
	for i, want := range []int{b.Rows, b.Lanes, b.Neurons, b.Cells, b.In, b.Out} {
		require.Equal(t, uint32(want), read(t, d, uint32(fpga.RegRows+4*i)))
	}
	require.Equal(t, uint32(fpga.StatusIdle), read(t, d, fpga.RegStatus), "it is not configured")
	require.False(t, d.Out().Ready, "it takes no events before it is")
}

func TestNonsenseIsRefused(t *testing.T) {
	r := newRig(t, fpga.DefaultBuild(), small(), nil)
	d := r.device
	write := func(address, value uint32) { require.NoError(t, d.Write(address, value)) }
	write(0x3000, 1)
	complains(t, d, fpga.ErrorAddress, 0x3000)
	read(t, d, fpga.RegWidth+1)
	complains(t, d, fpga.ErrorAddress, fpga.RegWidth+1)
	write(fpga.RegID, 1)
	complains(t, d, fpga.ErrorAccess, fpga.RegID)
	write(fpga.RegCounters+8, 1)
	complains(t, d, fpga.ErrorAccess, fpga.RegCounters+8)
	read(t, d, fpga.RegControl)
	complains(t, d, fpga.ErrorAccess, fpga.RegControl)
	write(fpga.RegControl, 1<<7)
	complains(t, d, fpga.ErrorValue, fpga.RegControl)
	write(fpga.RegEta, 1<<31)
	complains(t, d, fpga.ErrorValue, fpga.RegEta)
	write(fpga.RegWindow, 5)
	complains(t, d, fpga.ErrorValue, fpga.RegWindow)

	for what, bad := range map[uint32][]uint32{
		fpga.WindowMaster: {3 << 16, 3 << 8, 3, 1<<31 | 5<<16}, fpga.WindowThresholds: {3 << 16, 1}, fpga.WindowSurface: {8, 7 << 16},
		fpga.WindowSquares: {3 << 16}, fpga.WindowDots: {3 << 16, 1 << 31, 1},
	} {
		for _, place := range bad {
			write(fpga.RegWindow, what)
			write(fpga.RegPlace, place)
			read(t, d, fpga.RegData)
			complains(t, d, fpga.ErrorWindow, fpga.RegPlace)
		}
	}
	write(fpga.RegWindow, fpga.WindowSquares)
	write(fpga.RegData, 1)
	complains(t, d, fpga.ErrorAccess, fpga.RegData)
	write(fpga.RegWindow, fpga.WindowSurface)
	write(fpga.RegData, hw.MaxStamp+1)
	complains(t, d, fpga.ErrorValue, fpga.RegData)

	// While an event is under way, memories and the configuration are left alone.
	d.Tick(fpga.In{Valid: true, Word: fpga.EventWord(3, 3, events.On) | fpga.NoTime})
	read(t, d, fpga.RegData)
	complains(t, d, fpga.ErrorBusy, fpga.RegData)
	write(fpga.RegEta, 5)
	complains(t, d, fpga.ErrorBusy, fpga.RegEta)
	write(fpga.RegControl, fpga.ControlApply)
	complains(t, d, fpga.ErrorBusy, fpga.RegControl)
}

// Each register of the configuration is checked, and named; what was refused takes no
// events.
func TestConfigurationIsChecked(t *testing.T) {
	b := fpga.Build{Rows: 5, Lanes: 20, Neurons: 8, Cells: 32, In: 8, Out: 8}
	for _, try := range []struct{ address, value uint32 }{
		{fpga.RegWidth, 0},
		{fpga.RegWidth, 1 << 30},
		{fpga.RegHeight, 0},
		{fpga.RegHeight, events.MaxSide + 1},
		{fpga.RegRadius, 3},
		{fpga.RegBank, 0},
		{fpga.RegBank, 9},
		{fpga.RegMode, 3},
		{fpga.RegFlags, 1 << 6},
		{fpga.RegFlags, fpga.FlagLearning},
		{fpga.RegShifts, 0},
		{fpga.RegShifts, 1<<5 | 10<<16},
		{fpga.RegShifts, 14 << 16},
		{fpga.RegShifts, 3 | 3<<8 | 10<<16},
		{fpga.RegRound, 7},
		{fpga.RegRate, 1 << 16},
		{fpga.RegHorizon, 1<<32 - 1},
		{fpga.RegLeast, 10},
		{fpga.RegRecent, 1 << 15},
	} {
		d, err := fpga.NewDevice(b)
		require.NoError(t, err)
		c := configOf(t, small())
		require.NoError(t, fpga.Configure(d, c))
		for !d.Idle() {
			d.Tick(fpga.In{})
		}
		require.True(t, d.Out().Ready)
		require.NoError(t, d.Write(try.address, try.value))
		require.NoError(t, d.Write(fpga.RegControl, fpga.ControlApply))
		complains(t, d, fpga.ErrorApply, try.address)
		require.Zero(t, read(t, d, fpga.RegStatus)&fpga.StatusConfigured)
		require.False(t, d.Out().Ready)
	}
	d, err := fpga.NewDevice(b)
	require.NoError(t, err)
	c := configOf(t, small())
	c.Width = 20
	require.ErrorContains(t, fpga.Configure(d, c), "configuration refused for register 0x14", "there are too few cells")
	c.Decay = nil
	require.ErrorContains(t, fpga.Configure(d, c), "expected a decay")
	require.ErrorContains(t, fpga.Configure(another{}, c), "identification: expected 0x44414353, found 0x7")
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
	twice := r.window(fpga.WindowMaster, 2*n)
	require.Equal(t, twice[:n], twice[n:])
	require.Equal(t, r.layer.Weights().Master, twice[:n])
	require.NoError(t, r.device.Write(fpga.RegWindow, fpga.WindowSurface))
	for i := range uint32(2 * 7 * 8) {
		require.NoError(t, r.device.Write(fpga.RegData, i))
	}
	surface := r.window(fpga.WindowSurface, 2*2*7*8)
	for i, v := range surface {
		require.Equal(t, int32(i%(2*7*8)), v)
	}
}
