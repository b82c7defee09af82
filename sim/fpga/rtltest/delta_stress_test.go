package rtltest_test

import (
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/rtltest"
)

// deltaBuilds are small ones of different proportions: one in which a real network fits, with lanes that nine blocks do not
// use; blocks of one lane, an odd number in all; and too few lanes for blocks, where wiping the delta engine takes longest.
var deltaBuilds = map[string]fpga.Build{
	"network": {Rows: 3, Lanes: 48, Neurons: 18, Cells: 128, In: 16, Out: 8, Weights: 1200, Sums: 256},
	"nine":    {Rows: 1, Lanes: 9, Neurons: 10, Cells: 49, In: 8, Out: 4, Weights: 90, Sums: 40, Checks: true},
	"few":     {Rows: 1, Lanes: 5, Neurons: 2, Cells: 49, In: 4, Out: 4, Weights: 400, Sums: 7},
}

// With changes between the events, the design has its model's pins in every cycle, with back-pressure at both ends; what
// there is not is refused alike; and all memories and counters are the same in the end, FEAST's as well.
func TestDeltaStress(t *testing.T) {
	for name, b := range deltaBuilds {
		if b.Lanes < hwfpga.DeltaBlocks && os.Getenv("SACCADE_SLOW") == "" {
			continue // a program that is long to make, for what the others nearly have
		}
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(79, uint64(b.Lanes)))
			p := newDeltaPair(t, rng, b)
			met := deltaStress(t, rng, p, trials(120))
			for i, n := range met {
				require.NotZero(t, n, "counter %d: the test has met it", i)
			}
			t.Logf("cycles at work, words issued, changes, changes refused, multiply-adds, sums sent: %d", met)
		})
	}
}

// deltaStress runs random layers, changes and events through both, and gives what the delta engine has counted of them.
func deltaStress(t testing.TB, rng *rand.Rand, p *rtltest.DeltaPair, trials int) (met [hwfpga.DeltaCounts]uint64) {
	t.Helper()
	b := p.Model.Build()
	for trial := range trials {
		c := drawConfig(t, rng, b)
		if trial%5 == 4 {
			c.DropIn, c.DropOut = rng.IntN(2) == 0, rng.IntN(2) == 0
		}
		reconfigureDelta(t, rng, p, c)
		shapes := drawShapes(rng, b)
		weights, sums := describe(t, p, shapes, rng.IntN(3), rng.IntN(3))
		deltaWindow(t, p, hwfpga.WindowWeights, weights, rng.Uint32)
		deltaWindow(t, p, hwfpga.WindowSums, sums, rng.Uint32)
		f := flow{offer: pace(rng, []int{1, 1, 30, 200}[trial%4]), take: pace(rng, []int{1, 40, 1, 300}[trial/2%4])}
		if trial%3 == 0 {
			f.bus = askDelta(rng)
		}
		drive(t, p.Pair, drawDeltaWords(rng, c, shapes, 120), f, 100)
		deltaWindow(t, p, hwfpga.WindowWeights, weights, nil)
		deltaWindow(t, p, hwfpga.WindowSums, sums, nil)
		sameMemories(t, p.Pair, c, c.MinRecent == 0)
		for i, n := range sameCounters(t, p) {
			met[i] += n
		}
	}
	deltaWindow(t, p, hwfpga.WindowWeights, b.Weights, nil)
	deltaWindow(t, p, hwfpga.WindowSums, b.Sums, nil)
	return met
}

// askDelta is what a host does to the registers while changes are under way; see ask.
func askDelta(rng *rand.Rand) func(in *rtltest.In) {
	feast := ask(rng)
	rest := 0
	return func(in *rtltest.In) {
		if rest--; rest > 0 { // an access that is wrong takes the longest
			return
		}
		feast(in)
		if !in.Read && !in.Write {
			return
		}
		if rest = 8; rng.IntN(2) == 0 {
			return
		}
		in.Address = []uint32{
			hwfpga.RegStatus, hwfpga.RegError, hwfpga.RegDeltaCounters + 4*uint32(rng.IntN(2*hwfpga.DeltaCounts+1)), hwfpga.RegWeights,
			hwfpga.RegSums, hwfpga.RegLayers, hwfpga.RegKind + 4*uint32(rng.IntN(6)), hwfpga.RegVersion, hwfpga.RegCounters + 4*uint32(rng.IntN(2*hwfpga.Counters)),
		}[rng.IntN(9)]
	}
}
