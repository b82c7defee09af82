package metrics_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/features/decide"
)

// Everything of a network is told, under its sensor and its layers' names, and what was
// counted before the daemon is left out; of a network that was put in since, all is told.
func TestNetwork(t *testing.T) {
	s := whole("a")
	plain := scraped(t, source{s})
	s.Status.Network = bus.NewNetworkStatus(decide.Counters{
		Frames: 1030, Empty: 104, Skipped: 105, First: 16, FirstMACs: 1700,
		Layers: []decide.LayerCounters{
			{Layer: "input", Neurons: 2312, Sent: 201, Values: 20200, StateBytes: 9248},
			{Layer: "conv1", Neurons: 100, MACs: 301, Dense: 3020, Sent: 33, Values: 340, DenseSteps: 5, StateBytes: 36},
		},
	})
	s.NetworkBefore = decide.Counters{
		Frames: 1000, Empty: 100, Skipped: 100, First: 10, FirstMACs: 1000,
		Layers: []decide.LayerCounters{{Sent: 100, Values: 10000}, {MACs: 100, Dense: 1000, Sent: 10, Values: 100, DenseSteps: 1}},
	}
	want := map[string]string{
		`network_frames_total{sensor="a"}`:                                    "30",
		`network_empty_frames_total{sensor="a"}`:                              "4",
		`network_skipped_intervals_total{sensor="a"}`:                         "5",
		`network_first_frames_total{sensor="a"}`:                              "6",
		`network_first_frame_multiply_adds_total{sensor="a"}`:                 "700",
		`network_multiply_adds_total{network_layer="input",sensor="a"}`:       "0",
		`network_dense_multiply_adds_total{network_layer="input",sensor="a"}`: "0",
		`network_changes_total{network_layer="input",sensor="a"}`:             "101",
		`network_values_total{network_layer="input",sensor="a"}`:              "10200",
		`network_dense_frames_total{network_layer="input",sensor="a"}`:        "0",
		`network_state_bytes{network_layer="input",sensor="a"}`:               "9248",
		`network_multiply_adds_total{network_layer="conv1",sensor="a"}`:       "201",
		`network_dense_multiply_adds_total{network_layer="conv1",sensor="a"}`: "2020",
		`network_changes_total{network_layer="conv1",sensor="a"}`:             "23",
		`network_values_total{network_layer="conv1",sensor="a"}`:              "240",
		`network_dense_frames_total{network_layer="conv1",sensor="a"}`:        "4",
		`network_state_bytes{network_layer="conv1",sensor="a"}`:               "36",
	}
	check := func() {
		t.Helper()
		got := scraped(t, source{s})
		for name, value := range want {
			require.Equal(t, value, got["saccade_"+name], name)
			delete(got, "saccade_"+name)
		}
		require.Equal(t, plain, got, "and all else as without a network")
	}
	check()
	s.NetworkBefore = decide.Counters{}
	for name, value := range map[string]string{
		`network_frames_total{sensor="a"}`:                                    "1030",
		`network_empty_frames_total{sensor="a"}`:                              "104",
		`network_skipped_intervals_total{sensor="a"}`:                         "105",
		`network_first_frames_total{sensor="a"}`:                              "16",
		`network_first_frame_multiply_adds_total{sensor="a"}`:                 "1700",
		`network_multiply_adds_total{network_layer="conv1",sensor="a"}`:       "301",
		`network_dense_multiply_adds_total{network_layer="conv1",sensor="a"}`: "3020",
		`network_changes_total{network_layer="input",sensor="a"}`:             "201",
		`network_changes_total{network_layer="conv1",sensor="a"}`:             "33",
		`network_values_total{network_layer="input",sensor="a"}`:              "20200",
		`network_values_total{network_layer="conv1",sensor="a"}`:              "340",
		`network_dense_frames_total{network_layer="conv1",sensor="a"}`:        "5",
	} {
		want[name] = value
	}
	check()
}
