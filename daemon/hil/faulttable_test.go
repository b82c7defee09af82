package hil_test

import (
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/hil"
)

// A fault that changes results is found, by the harness in any case, and by the driver but where its row says why not:
// and wherever the driver has found it, what comes behind is right to the bit, which the table makes sure of itself.
// SACCADE_FAULT_SEEDS makes more runs of each fault; -v prints the table.
func TestFaultTable(t *testing.T) {
	slowWithRace(t)
	seeds, err := strconv.Atoi(os.Getenv("SACCADE_FAULT_SEEDS"))
	events := int64(4096)
	if err != nil {
		seeds, events = 2, 2304
	}
	rows, err := hil.FaultTable(t.Context(), hil.FaultTableConfig{Seeds: seeds, Events: events})
	require.NoError(t, err)
	t.Logf("\n%s", hil.FaultTableText(rows))
	for _, r := range rows {
		require.Empty(t, r.Missed())
		if r.TimeOnly {
			require.Zero(t, r.Driver.Detected+r.Checked.Detected+r.Harness.Detected, r.Name)
			require.Equal(t, seeds, r.Harness.Harmless, r.Name)
		}
	}
}
