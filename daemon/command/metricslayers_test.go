package command_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// Of a daemon with two layers, metrics, status and history tell of each what that layer
// did, and agree about it.
func TestMetricsOfLayers(t *testing.T) {
	dir := t.TempDir()
	var recordings []string
	for i := range 24 {
		recordings = append(recordings, recording(t, dir, strconv.Itoa(i)+".bin", 8000))
	}
	file := filepath.Join(dir, "saccade.yaml")
	require.NoError(t, os.WriteFile(file, []byte("http: {listen: \"127.0.0.1:0\"}\n"+
		"pipeline:\n  feast: {neurons: 4, radius: 2}\n  layers: [{pool: 2, neurons: 6, radius: 1, border: zero}]\n"), 0o600))
	d, url := serve(t, "--config", file, "--data-dir", t.TempDir())
	page := d.err.await(t, 1, `msg="metrics are served" url=(http://127\.0\.0\.1:\d+)`)[0][1]
	watch := start(t, "watch", "--nats", url, "--json", "--kinds", "status")
	watch.err.await(t, 1, "^watching")
	at := []string{"--sensor", "cam", "--nats", url}
	done(t, append(append([]string{"replay"}, recordings...), append(at, "--speed", "max")...)...)
	done(t, append([]string{"learning", "off"}, at...)...)
	got := scrape(t, page)
	layer := func(n int, name, labels string) float64 {
		t.Helper()
		v, there := got["saccade_"+name+`{layer="`+strconv.Itoa(n)+`",`+labels+`sensor="cam"}`]
		require.True(t, there, "layer %d: %s", n, name)
		return v
	}
	hits := func(n int) float64 { return layer(n, "layer_event_results_total", `result="hit",`) }
	missed := func(n int) float64 { return layer(n, "layer_event_results_total", `result="missed",`) }
	require.Equal(t, got[`saccade_events_total{sensor="cam"}`], layer(1, "layer_events", ""))
	require.Equal(t, hits(1), layer(2, "layer_events", ""))
	require.Equal(t, got[`saccade_event_results_total{result="hit",sensor="cam"}`], hits(2))
	require.Equal(t, got[`saccade_event_results_total{result="missed",sensor="cam"}`], missed(1)+missed(2))

	line := watch.out.await(t, 1, `^(.*"learning":false.*)$`)[0][1]
	status, ok := object(t, line)["message"].(map[string]any)
	require.True(t, ok)
	layers, ok := status["layers"].([]any)
	require.True(t, ok)
	require.Len(t, layers, 2)
	for i, one := range layers {
		l, ok := one.(map[string]any)
		require.True(t, ok)
		require.Equal(t, []any{hits(i + 1), missed(i + 1), []float64{8, 6}[i]}, []any{l["features"], l["missed"], l["neurons"]})
		require.Equal(t, l["threshold_mean"], layer(i+1, "threshold_mean_cosine", ""))

		h := object(t, done(t, append([]string{"history", "--json", "--layer", strconv.Itoa(i + 1)}, at...)...))
		recent, ok := h["recent"].([]any)
		require.True(t, ok)
		require.NotEmpty(t, recent)
		latest, ok := recent[len(recent)-1].(map[string]any)
		require.True(t, ok)
		all, ok := latest["all"].(map[string]any)
		require.True(t, ok)
		require.Equal(t, all["missed_rate"], layer(i+1, "missed_ratio", ""))
		require.Equal(t, latest["weight_change"], layer(i+1, "weight_change_ratio", ""))
	}
	require.NotEqual(t, layer(1, "missed_ratio", ""), layer(2, "missed_ratio", ""))
}
