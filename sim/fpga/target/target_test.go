package target_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/hwtest"
	"github.com/saccade-dev/saccade/sim/fpga/target"
)

// TestEngines takes every target that has devices through the suite, and fails where fpga-sim is not among them.
func TestEngines(t *testing.T) {
	tested := 0
	for _, registered := range hw.Targets() {
		with, ok := registered.(hw.Opener)
		if !ok || registered.Usable() != nil {
			continue
		}
		t.Run(with.Name(), func(t *testing.T) { hwtest.Engine(t, with.Open, 60_000) })
		tested++
	}
	require.Positive(t, tested)
}

// What the device does not take is the best processor's, and nobody gets a simulation who has not asked for one.
func TestProcessor(t *testing.T) {
	fpgaSim, err := hw.Find(target.Name)
	require.NoError(t, err)
	best, err := hw.BestProcessor()
	require.NoError(t, err)
	require.NotNil(t, fpgaSim.Kernels().Run)
	require.Equal(t, best, hw.Processor(fpgaSim))
	require.Equal(t, best, hw.Processor(best))
	require.Contains(t, fpgaSim.Describe(), best.Name())
	auto, err := hw.Find(hw.Auto)
	require.NoError(t, err)
	require.NotEqual(t, target.Name, auto.Name())
}
