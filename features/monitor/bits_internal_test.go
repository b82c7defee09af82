package monitor

import (
	"encoding/json"
	"hash/crc32"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/feast"
)

// What a detector finds and knows is the same bits on every machine: compilers that
// fuse a product into a sum, as Go's for arm64, must find none to fuse.
func TestDetectorIsTheSameEverywhere(t *testing.T) {
	c := feast.Default()
	rng := rand.New(rand.NewPCG(1, 3))
	// Sums of uniform numbers, which take no function that machines compute differently.
	around := func(mean, sd float64) float64 {
		sum := rng.Float64() + rng.Float64() + rng.Float64() - 1.5
		return mean + float64(2*sd*sum)
	}
	d, err := NewDetector(c, DefaultParams())
	require.NoError(t, err)
	var text []byte
	changes := map[Change]int{}
	for k := range 400 {
		rise := 0.05 * float64(k/100)
		in := Interval{To: uint64(k), Learning: true, Banks: []Signals{{Hits: 30_000 + rng.Uint64N(100)}, {Hits: 30_000}}}
		in.All = Signals{
			Hits: in.Banks[0].Hits + 30_000, Missed: 1250, MissesPerHit: around(0.02, 0.0004), UsageCV: around(0.07, 0.02),
			ThresholdMean: around(0.6+rise, 0.009), ThresholdSD: around(0.1, 0.007),
		}
		for range c.Features() {
			in.Thresholds = append(in.Thresholds, around(0.6+rise, 0.05))
		}
		changes[d.Observe(in).Change]++
		state, err := json.Marshal(d.state)
		require.NoError(t, err)
		text = append(text, state...)
	}
	require.GreaterOrEqual(t, changes[Drift], 3)
	require.GreaterOrEqual(t, changes[Settled], 3)
	// Computed once, on amd64 and under an emulator of arm64 alike; it changes with the
	// detector's parameters and rules.
	require.Equal(t, uint32(0x99cad8a3), crc32.ChecksumIEEE(text))
}
