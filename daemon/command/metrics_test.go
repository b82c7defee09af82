package command_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// scrape reads a page of metrics into values by name and labels.
func scrape(t *testing.T, url string) map[string]float64 {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/metrics", http.NoBody)
	require.NoError(t, err)
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	require.NoError(t, err)
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, 200, answer.StatusCode)
	out := map[string]float64{}
	for line := range strings.Lines(string(body)) {
		if at := strings.LastIndexByte(line, ' '); line[0] != '#' {
			out[line[:at]] = parsed(t, strings.TrimSpace(line[at:]))
		}
	}
	return out
}

// Metrics of a daemon to which recordings are replayed say what the replay, the
// status and the history say.
func TestMetricsOfAReplay(t *testing.T) {
	dir := t.TempDir()
	recordings := []string{}
	for i := range 10 {
		recordings = append(recordings, recording(t, dir, strconv.Itoa(i)+".bin", 8000))
	}
	sources := map[string][]string{"made": recordings}
	if data := os.Getenv("SACCADE_DATA"); data != "" {
		sources["real"] = []string{filepath.Join(data, "nmnist", "Train", "3")}
	}
	for name, source := range sources {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "saccade.yaml")
			require.NoError(t, os.WriteFile(file, []byte("http: {listen: \"127.0.0.1:0\"}\n"), 0o600))
			d, url := serve(t, "--config", file, "--data-dir", t.TempDir())
			page := d.err.await(t, 1, `msg="metrics are served" url=(http://127\.0\.0\.1:\d+)`)[0][1]
			require.NotContains(t, scrape(t, page), `saccade_events_total{sensor="cam"}`)
			watch := start(t, "watch", "--nats", url, "--json", "--kinds", "status")
			watch.err.await(t, 1, "^watching")
			at := []string{"--sensor", "cam", "--nats", url}
			report := object(t, done(t, append(append([]string{"replay"}, source...), append(at, "--speed", "max", "--json")...)...))
			got := scrape(t, page)
			value := func(name string) float64 {
				t.Helper()
				v, there := got["saccade_"+name+`{sensor="cam"}`]
				if !there { // a layer's
					v, there = got["saccade_"+name+`{layer="1",sensor="cam"}`]
				}
				require.True(t, there, name)
				return v
			}
			require.Equal(t, report["events"], value("events_total"))
			require.Equal(t, report["events"], value("layer_events"))
			require.Equal(t, report["recordings"], value("recordings_total"))
			sum := 0.0
			for _, result := range []string{"hit", "missed", "border", "outside", "noise", "ignored", "refractory", "background"} {
				sum += got[`saccade_event_results_total{result="`+result+`",sensor="cam"}`]
			}
			require.Equal(t, value("events_total"), sum)
			require.Positive(t, got[`saccade_event_results_total{result="hit",sensor="cam"}`])
			for _, result := range []string{"hit", "missed", "border", "outside", "noise", "ignored"} {
				require.Equal(t, got[`saccade_event_results_total{result="`+result+`",sensor="cam"}`],
					got[`saccade_layer_event_results_total{layer="1",result="`+result+`",sensor="cam"}`], "of a single layer")
			}
			require.Equal(t, 8*value("events_total"), value("received_bytes_total"), "of encoding mono")
			for _, zero := range []string{"duplicate_messages_total", "missing_messages_total", "refused_messages_total", "rejected_messages_total", "labels_total", "broken", "queue_messages", "queue_bytes", "settled"} {
				require.Zero(t, value(zero), zero)
			}
			require.Equal(t, 1.0, value("learning"))
			require.Positive(t, value("last_message_timestamp_seconds"))

			// The history's latest interval is what the signals are of.
			h := object(t, done(t, append([]string{"history", "--json"}, at...)...))
			recent, ok := h["recent"].([]any)
			require.True(t, ok)
			require.NotEmpty(t, recent)
			latest, ok := recent[len(recent)-1].(map[string]any)
			require.True(t, ok)
			all, ok := latest["all"].(map[string]any)
			require.True(t, ok)
			for ours, theirs := range map[string]string{
				"missed_ratio": "missed_rate", "misses_per_hit_ratio": "misses_per_hit", "usage_entropy_ratio": "usage_entropy_relative",
				"usage_variation_ratio": "usage_variation", "threshold_deviation_cosine": "threshold_sd_cosine",
			} {
				require.Equal(t, all[theirs], value(ours), ours)
			}

			done(t, append([]string{"learning", "off"}, at...)...)
			got = scrape(t, page)
			require.Zero(t, value("learning"))
			// The status tells of the switch at once, with the thresholds that the metrics have.
			line := watch.out.await(t, 1, `^(.*"learning":false.*)$`)[0][1]
			status, ok := object(t, line)["message"].(map[string]any)
			require.True(t, ok)
			for ours, theirs := range map[string]string{
				"threshold_mean_cosine": "threshold_mean", "threshold_least_cosine": "threshold_min", "threshold_greatest_cosine": "threshold_max",
				"events_total": "events", "messages_total": "messages",
			} {
				require.Equal(t, status[theirs], value(ours), ours)
			}
			require.LessOrEqual(t, value("threshold_least_cosine"), value("threshold_mean_cosine"))
		})
	}
}
