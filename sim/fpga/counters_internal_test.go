package fpga

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/fpga"
)

// Five bits of the counters of events are enough to tell apart what is under way: a
// correction ends with the event that it is for, so that no other can be taken for it.
func TestFiveBitsAreEnough(t *testing.T) {
	decay, err := hw.NewDecay(20_000, hw.PeakBits(9))
	require.NoError(t, err)
	d, err := NewDevice(DefaultBuild())
	require.NoError(t, err)
	require.NoError(t, fpga.Configure(d, fpga.Config{
		Width: 8, Height: 8, Radius: 1, Neurons: 4, Decay: decay, Rates: [2]hw.Rates{{Eta: 1 << 24, DeltaI: 1 << 20, DeltaE: 1 << 14}, {}},
		Learning: true, Selecting: true,
	}))
	for !d.Idle() {
		d.Tick(In{})
	}
	for e := range 9 {
		d.weights.setMaster(0, 0, e, 1<<22)
	}
	d.weights.banks[0].thresholds = []int32{0, 1 << 25, 1 << 25, 1 << 25}
	second := false
	for i := range uint32(20_000) {
		word := fpga.EventWord(uint16(1+i%5), uint16(1+i/7%5), events.On)
		if second {
			word = 1<<20 + i
		}
		if d.Out().Ready {
			second = !second
		}
		d.Tick(In{Valid: true, Word: word, Ready: true})
		c := d.current
		for _, number := range []uint32{c.streams, c.summed, c.rooted, c.scaled, c.matching, c.decided} {
			require.LessOrEqual(t, c.begun-number, uint32(slots))
		}
		if c.learn.attached {
			require.LessOrEqual(t, c.decided-c.learn.number, uint32(1))
		}
	}
	require.Positive(t, d.counts[fpga.CountCorrections])
	require.Greater(t, d.counts[fpga.CountMissed], uint64(100))
}
