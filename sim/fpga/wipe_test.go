package fpga_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/feast"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// Words that are offered while the memories are wiped wait, and none is taken twice: those go in that are offered in
// cycles before which the device was ready, and no others.
func TestWordsWaitForTheWiping(t *testing.T) {
	c := feast.Default()
	r := newRig(t, fpga.DefaultBuild(), c, nil)
	require.NoError(t, hwfpga.Configure(r.device, r.config))
	const n = 100
	words := make([]uint32, n)
	for i := range words {
		words[i] = hwfpga.EventWord(uint16(i%34), 3, 0) | hwfpga.NoTime
	}
	results := make([]uint32, 2*n)
	taken, given, err := r.device.Exchange(words, results)
	require.NoError(t, err)
	require.Equal(t, n, taken)
	require.Equal(t, n, given, "a result for every word")
	require.Equal(t, uint64(n), counter(t, r.device, hwfpga.CountEvents))
}
