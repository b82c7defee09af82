package fpga_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// Chains of events that are all of one kind take the cycles that the package comment says.
func TestCyclesOfChains(t *testing.T) {
	for _, chain := range []struct {
		name                string
		learning, selecting bool
		threshold           float64 // -1 is won by all, 1 missed
		polarity, x         func(i int) int
		radius              int
		cycles              int // of two events
	}{
		{"learned by one bank", true, true, -1, one, middle, 5, 2 * 23},
		{"learned by one bank, 3x3", true, true, -1, one, middle, 1, 2 * 15},
		{"learned by one bank, one pixel", true, true, -1, one, middle, 0, 2 * 13},
		{"learned by both in turn", true, true, -1, alternate, middle, 5, 2 * 15},
		{"missed", true, true, 1, one, middle, 5, 2 * 12},
		{"selected", false, true, -1, one, middle, 5, 2 * 12},
		{"nearest", false, false, -1, one, middle, 5, 2 * 11},
		{"nearest, 3x3", false, false, -1, one, middle, 1, 2 * 7},
		{"at the border", true, true, -1, one, func(int) int { return 0 }, 5, 2 * 2},
	} {
		t.Run(chain.name, func(t *testing.T) {
			c := feast.Default()
			c.Radius, c.InitialThreshold, c.DeltaI, c.DeltaE = chain.radius, chain.threshold, 0, 0
			r := newRig(t, fpga.DefaultBuild(), c, nil)
			words := []uint32{hwfpga.CommandWord, hwfpga.SetMode(chain.learning, chain.selecting)}
			const n = 200
			for i := range n {
				words = append(words, hwfpga.EventWord(uint16(chain.x(i)+i%3), 15, events.Polarity(chain.polarity(i))), 1<<30+uint32(i*1000))
			}
			var results []int
			at := 0
			for cycle := 0; len(results) < n; cycle++ {
				out := r.device.Out()
				if out.Valid {
					results = append(results, cycle)
				}
				in := fpga.In{Ready: true}
				if at < len(words) {
					in.Valid, in.Word = true, words[at]
					if out.Ready {
						at++
					}
				}
				r.device.Tick(in)
			}
			for i := n / 2; i+2 < n-20; i++ {
				require.Equal(t, chain.cycles, results[i+2]-results[i], "events %d to %d", i, i+2)
			}
		})
	}
}

func one(int) int         { return 1 }
func alternate(i int) int { return i % 2 }
func middle(int) (x int)  { return 15 }

// A lone event is answered so many cycles behind the one in which its last word is taken.
func TestLatency(t *testing.T) {
	for _, one := range []struct {
		name                string
		learning, selecting bool
		x                   uint16
		cycles              int
	}{
		{"learned", true, true, 15, 46},
		{"selected", false, true, 15, 45},
		{"nearest", false, false, 15, 32},
		{"at the border", true, true, 0, 7},
		{"outside", true, true, 100, 7},
	} {
		c := feast.Default()
		c.InitialThreshold = -1
		r := newRig(t, fpga.DefaultBuild(), c, nil)
		r.words = []uint32{hwfpga.CommandWord, hwfpga.SetMode(one.learning, one.selecting)}
		r.run(fpga.Flow{})
		r.device.Tick(fpga.In{Valid: true, Word: hwfpga.EventWord(one.x, 15, events.On)})
		r.device.Tick(fpga.In{Valid: true, Word: 1 << 30})
		cycles := 0
		for ; !r.device.Out().Valid; cycles++ {
			r.device.Tick(fpga.In{})
		}
		require.Equal(t, one.cycles, cycles, one.name)
	}
}
