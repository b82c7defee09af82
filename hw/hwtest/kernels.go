package hwtest

import (
	"testing"

	"github.com/saccade-dev/saccade/hw"
)

// The largest that a layer may have, as package features/feast bounds it.
const (
	maxRadius  = 31
	maxSide    = 2*maxRadius + 1
	maxNeurons = 4096
	maxEta     = 1 << (hw.EtaFraction - 2) // 0.25
)

// Kernels checks the kernels of a target against their definition.
func Kernels(t *testing.T, k *hw.Kernels) {
	t.Run("context", func(t *testing.T) { testContext(t, k) })
	t.Run("match", func(t *testing.T) { testMatch(t, k) })
	t.Run("learn", func(t *testing.T) { testLearn(t, k) })
	t.Run("pulls", func(t *testing.T) { testPulls(t, k) })
	t.Run("largest", func(t *testing.T) { testLargest(t, k) })
	t.Run("lengths", func(t *testing.T) { testLengths(t, k) })

	t.Run("run", func(t *testing.T) { testRun(t, k) })
	t.Run("calls", func(t *testing.T) { testCalls(t, k) })
	t.Run("corrections", func(t *testing.T) { testCorrections(t, k) })
	t.Run("thresholds", func(t *testing.T) { testThresholds(t, k) })
	t.Run("ties", func(t *testing.T) { testTies(t, k) })
	t.Run("squares", func(t *testing.T) { testSquares(t, k) })
	t.Run("below zero", func(t *testing.T) { testBelowZero(t, k) })
	t.Run("noise", func(t *testing.T) { testNoise(t, k) })
	t.Run("misuse", func(t *testing.T) { testMisuse(t, k) })

	t.Run("delta", func(t *testing.T) { testDelta(t, k) })

	t.Run("concurrent", func(t *testing.T) { testConcurrent(t, k) })
	t.Run("allocations", func(t *testing.T) { testAllocations(t, k) })
}

// rig is a target's kernels with memory to run them on.
type rig struct {
	k *hw.Kernels
	arena
}
