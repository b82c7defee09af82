package cpu_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

// TestKernels runs the conformance suite on every target that this machine has.
func TestKernels(t *testing.T) {
	hwtest.Targets(t, func(t *testing.T, target hw.Target) {
		k := target.Kernels()
		require.NotNil(t, k)
		hwtest.Kernels(t, k)
	})
}

// FuzzKernels compares every target that this machine has with the definition.
func FuzzKernels(f *testing.F) {
	hwtest.FuzzKernels(f, slices.DeleteFunc(hw.Targets(), func(target hw.Target) bool { return target.Usable() != nil })...)
}

func TestPuregoIsAlwaysThere(t *testing.T) {
	target, err := hw.Find("purego")
	require.NoError(t, err)
	require.NoError(t, target.Usable())
	require.NotEmpty(t, target.Describe())
	targets := hw.Targets()
	require.Equal(t, "purego", targets[len(targets)-1].Name(), "the least of all targets")
}
