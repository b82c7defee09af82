package command

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Confidences are called calibrated where they are, and not because a model has a schedule.
func TestOnlineSaysWhetherConfidencesHold(t *testing.T) {
	r := &onlineResult{Scheduled: true, SettledMS: 31, ECE: 0.099}
	require.Contains(t, r.String(), "  half of the recordings kept their final label from 31 ms on (looked at every 10 %)\n"+
		"  confidences are calibrated by how much has been seen; their error (ECE) over all shares is 0.099,\n  of the recordings in this folder: too good if the model has learned from them\n")
	r.ECE = 0.1
	require.Contains(t, r.String(), "confidences are not calibrated, though scaled by how much has been seen; ")
}
