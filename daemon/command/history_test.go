package command

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/control"
)

// Of several layers it is said which one, and whose events it counts.
func TestHistoryNamesItsLayer(t *testing.T) {
	for _, c := range []struct {
		layer, layers int
		want          string
	}{
		{1, 1, "cam: 583,809 events, learning frozen, "},
		{1, 3, "cam, layer 1 of 3: 583,809 events of the sensor, learning frozen, "},
		{3, 3, "cam, layer 3 of 3: 583,809 events of layer 2's features, learning frozen, "},
		{0, 0, "cam: 583,809 events, learning frozen, "}, // of a daemon that does not say
	} {
		var b strings.Builder
		require.NoError(t, historyTable(&b, &control.History{Sensor: "cam", Layer: c.layer, Layers: c.layers, Events: 583_809}))
		require.True(t, strings.HasPrefix(b.String(), c.want), b.String())
	}
}
