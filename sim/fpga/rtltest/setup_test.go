package rtltest_test

import (
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/rtltest"
)

// drawConfig makes a configuration that the build takes, with what is rare in none of it.
func drawConfig(t testing.TB, rng *rand.Rand, b fpga.Build) hwfpga.Config {
	t.Helper()
	c := hwfpga.Config{Radius: rng.IntN(b.Rows/2 + 1), Neurons: 1 + rng.IntN(b.Neurons), Mode: rng.Uint32N(3)}
	if rng.IntN(3) == 0 {
		c.Radius = b.Rows / 2
	}
	for {
		c.Width, c.Height = 1+rng.IntN(c.Side()+6), 1+rng.IntN(c.Side()+6)
		if c.Banks()*((c.Height+b.Rows-1)/b.Rows)*c.Width <= b.Cells {
			break
		}
	}
	c.Zero = rng.IntN(4) > 0 || c.Width < c.Side() || c.Height < c.Side()
	scale := hw.PeakBits(c.Side() * c.Side())
	var err error
	switch rng.IntN(4) {
	case 0:
		c.Decay, err = hw.NewLinearDecay([]int64{1, 300, 100_000, hw.MaxTau}[rng.IntN(4)], 1+rng.IntN(scale))
	default:
		c.Decay, err = hw.NewDecay([]int64{1, 300, 20_000, hw.MaxTau}[rng.IntN(4)], scale)
	}
	require.NoError(t, err)
	for i := range c.Rates {
		c.Rates[i] = hw.Rates{
			Eta:    []int32{0, 1, 1 << 16, 4_294_967, 1 << 28, 1<<31 - 1}[rng.IntN(6)],
			DeltaI: []int32{0, 16_777, 1 << 22, 1<<31 - 1}[rng.IntN(4)],
			DeltaE: []int32{0, 50_332, 1 << 22, 1 << 30}[rng.IntN(4)],
		}
	}
	if rng.IntN(3) == 0 {
		c.MinRecent = 1 + rng.IntN(min(9, c.Side()*c.Side()))
		c.Recent = 1 + int16(rng.IntN(1<<c.Decay.PeakBits))
	}
	c.Learning = rng.IntN(4) > 0
	c.Selecting = c.Learning || rng.IntN(2) == 0
	c.Detail = rng.IntN(3) == 0
	return c
}

// newPair is the design of a build, as it begins by chance, and its model.
func newPair(t testing.TB, rng *rand.Rand, b fpga.Build) *rtltest.Pair {
	t.Helper()
	p, err := rtltest.NewPair(simulate(t, compiled(t, b), rng.Uint32()), b)
	require.NoError(t, err)
	return p
}

// trials is how many of them a test makes: twenty times as many where there is time.
func trials(n int) int {
	if os.Getenv("SACCADE_SLOW") != "" {
		return 20 * n
	}
	return n
}

// reconfigure begins anew.
func reconfigure(t testing.TB, rng *rand.Rand, p *rtltest.Pair, c hwfpga.Config) {
	t.Helper()
	require.NoError(t, p.Configure(c))
	const one = 1 << 24
	n := c.Side() * c.Side()
	extreme := rng.IntN(4) == 0
	load(t, p, hwfpga.WindowMaster, c.Banks()*c.Neurons*n, func() uint32 {
		if extreme {
			return uint32([]int32{one, -one, one - 1, one - 256, 0, 1<<31 - 1, -1 << 31}[rng.IntN(7)])
		}
		return uint32(rng.Int32N(2*one/int32(c.Side())) - one/3/int32(c.Side()))
	})
	level := []int32{one / 2, 0, one, -one}[rng.IntN(4)]
	load(t, p, hwfpga.WindowThresholds, c.Banks()*c.Neurons, func() uint32 {
		if extreme {
			return uint32([]int32{-1 << 31, -one - 1, 0, one / 2, one, 1<<31 - 1}[rng.IntN(6)])
		}
		return uint32(level + rng.Int32N(one/4))
	})
}

// load writes n words through the window.
func load(t testing.TB, p *rtltest.Pair, window uint32, n int, word func() uint32) {
	t.Helper()
	require.NoError(t, p.Write(hwfpga.RegWindow, window))
	for range n {
		require.NoError(t, p.Write(hwfpga.RegData, word()))
	}
	require.NoError(t, hwfpga.Complaint(p))
}

// sameMemories reads all that the window shows, and all counters; the pair requires that both read the same.
func sameMemories(t testing.TB, p *rtltest.Pair, c hwfpga.Config, dots bool) {
	t.Helper()
	n := c.Banks() * c.Neurons
	words := map[uint32]int{
		hwfpga.WindowMaster: n * c.Side() * c.Side(), hwfpga.WindowThresholds: n, hwfpga.WindowSquares: n,
		hwfpga.WindowSurface: c.Banks() * c.Width * c.Height,
	}
	if dots {
		words[hwfpga.WindowDots] = c.Neurons
	}
	for window := range uint32(hwfpga.Windows) {
		require.NoError(t, p.Write(hwfpga.RegWindow, window))
		for range words[window] {
			_, err := p.Read(hwfpga.RegData)
			require.NoError(t, err, "window %d", window)
		}
	}
	for i := range uint32(hwfpga.Counters) {
		for half := range uint32(2) {
			_, err := p.Read(hwfpga.RegCounters + 8*i + 4*half)
			require.NoError(t, err, "counter %d", i)
		}
	}
	// Where there are no checks, reading them is an error that both must have.
	for _, address := range []uint32{hwfpga.RegStatus, hwfpga.RegError, hwfpga.RegChecks, hwfpga.RegCheckIn, hwfpga.RegCheckOut, hwfpga.RegError} {
		_, err := p.Read(address)
		require.NoError(t, err, "register %#x", address)
	}
	require.NoError(t, p.Flush())
}
