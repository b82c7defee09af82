package command_test

import (
	"encoding/csv"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
)

// Learning is frozen and thawed beside a running stream, the next daemon keeps that, and
// the history shows it.
func TestLearningAndHistory(t *testing.T) {
	dir := t.TempDir()
	var files []string
	for i := range 20 {
		files = append(files, recording(t, dir, fmt.Sprintf("%02d.bin", i), 8000))
	}
	d, url := serve(t, "--data-dir", filepath.Join(dir, "state"))
	at := []string{"--sensor", "cam", "--nats", url}
	replay := func() {
		t.Helper()
		done(t, append(append([]string{"replay"}, files...), append(at, "--speed", "max")...)...)
	}
	code, _, stderr := run(t, append([]string{"learning", "off"}, at...)...)
	require.Equal(t, 1, code)
	require.Equal(t, "saccade: cam: no such sensor\n", stderr)
	code, _, stderr = run(t, append([]string{"history"}, at...)...)
	require.Equal(t, 1, code)
	require.Equal(t, "saccade: cam: no such sensor\n", stderr)
	code, _, stderr = run(t, append([]string{"history", "--prefix", "elsewhere"}, at...)...)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "no daemon answers on elsewhere.control.history: does one run that accepts sensor cam?")

	code, _, stderr = run(t, append([]string{"history", "--layer", "0"}, at...)...)
	require.Equal(t, 2, code)
	require.Contains(t, stderr, "--layer: expected 1 or more, found 0")

	done(t, "replay", files[0], "--sensor", "cam", "--nats", url, "--speed", "max")
	require.Contains(t, done(t, append([]string{"history"}, at...)...), "cam: 8,000 events, learning on, not settled yet\nno interval is complete yet, the first after 65,536 events: there is nothing to draw\n")
	replay()
	require.Regexp(t, `^cam: learning is frozen, from behind 168,000 events \(message \d+\)\n$`, done(t, append([]string{"learning", "off"}, at...)...))
	require.Equal(t, "cam: learning was frozen already, 168,000 events so far\n", done(t, append([]string{"learning", "off"}, at...)...))
	again := object(t, done(t, append([]string{"learning", "off", "--json"}, at...)...))
	require.Equal(t, false, again["changed"])
	require.Equal(t, 168_000.0, again["events"])
	replay()

	// The next daemon goes on as the last one ended.
	d.stop()
	require.Zero(t, d.wait(t))
	_, url = serve(t, "--data-dir", filepath.Join(dir, "state"))
	at[len(at)-1] = url
	replay()
	table := done(t, append([]string{"history"}, at...)...)
	require.Contains(t, table, "cam: 488,000 events, learning frozen, ")
	require.Contains(t, table, "7 steps from event 0 to 458,752, 65,536 events each\n")
	for _, signal := range []string{"missed rate", "misses per hit, to balance", "threshold mean", "threshold deviation", "threshold change", "usage entropy, bits", "usage variation"} {
		require.Regexp(t, `(?m)^`+signal+` +[\d.]+ +[\d.]+ +[\d.]+ +([\d.]+|-)  [▁▂▃▄▅▆▇█ ]{7}$`, table)
	}
	require.Regexp(t, `(?m)^learning \(·: frozen at times\) +██·····$`, table)
	require.Regexp(t, `(?m)^misses per hit, to balance +[\d.]+ +[\d.]+ +[\d.]+ +-  [▁▂▃▄▅▆▇█]{2} {5}$`, table, "frozen thresholds are in no balance")

	h := object(t, done(t, append([]string{"history", "--json"}, at...)...))
	whole, ok := h["whole"].([]any)
	require.True(t, ok)
	require.Len(t, whole, 7)
	rows, err := csv.NewReader(strings.NewReader(done(t, append([]string{"history", "--csv"}, at...)...))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1+14, "the whole stream, and the latest")
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	require.Len(t, column, 18)
	for i, row := range rows[1:8] {
		in, ok := whole[i].(map[string]any)
		require.True(t, ok)
		all, ok := in["all"].(map[string]any)
		require.True(t, ok)
		require.Equal(t, "whole", row[column["series"]])
		require.Equal(t, "recent", rows[8+i][column["series"]])
		require.Equal(t, in["to_event"], parsed(t, row[column["to_event"]]))
		require.Equal(t, strconv.FormatBool(i < 2), row[column["learning"]])
		for _, name := range []string{"missed_rate", "threshold_mean_cosine", "usage_entropy_bits"} {
			require.Equal(t, all[name], parsed(t, row[column[name]]), name)
		}
		require.Equal(t, i >= 2, row[column["misses_per_hit_to_balance"]] == "")
	}
	require.Regexp(t, `^cam: learning is on, from behind 488,000 events`, done(t, append([]string{"learning", "on"}, at...)...))
}

func parsed(t *testing.T, cell string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(cell, 64)
	require.NoError(t, err)
	return v
}

// Whatever answers in a daemon's place, a terminal does not obey it.
func TestAnswersAreNotObeyed(t *testing.T) {
	_, url := serve(t, "--data-dir", filepath.Join(t.TempDir(), "state"))
	nc, err := nats.Connect(url)
	require.NoError(t, err)
	defer nc.Close()
	answers := map[string]*nats.Msg{
		"evil.control.learning": {Data: []byte(`{"sensor":"\u001b[2Jcam","learning":true,"changed":true}`)},
		"evil.control.history":  {Data: []byte(`{"sensor":"\u001b[2Jcam","change":{"change":"drift","signal":"\u001b[2J"}}`)},
		"bad.control.learning":  {Header: nats.Header{"Nats-Service-Error-Code": {"400"}, "Nats-Service-Error": {"\x1b[2Jno"}}},
		"bad.control.history":   {Data: []byte("\x1b[2J")},
	}
	for subject, answer := range answers {
		_, err := nc.Subscribe(subject, func(m *nats.Msg) {
			if err := m.RespondMsg(answer); err != nil {
				t.Error(err)
			}
		})
		require.NoError(t, err)
	}
	require.NoError(t, nc.Flush())
	for prefix, want := range map[string]int{"evil": 0, "bad": 1} {
		for _, args := range [][]string{{"learning", "on"}, {"history"}} {
			code, stdout, stderr := run(t, append(args, "--sensor", "cam", "--nats", url, "--prefix", prefix)...)
			require.Equal(t, want, code, "%s %v: %s", prefix, args, stderr)
			require.NotContains(t, stdout+stderr, "\x1b")
		}
	}
}
