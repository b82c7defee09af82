package command_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
)

// A daemon is asked and told everything that there is, by text and as JSON.
func TestCtl(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "c.yaml")
	write := func(text string) {
		t.Helper()
		require.NoError(t, os.WriteFile(file, []byte("nats: {embedded: {port: -1, data_dir: "+filepath.Join(dir, "state")+"}}\n"+text), 0o600))
	}
	write("pipelines:\n  - {name: small, sensors: [gate], pipeline: {feast: {neurons: 4}}}\n")
	d := start(t, "serve", "--config", file)
	url := d.err.await(t, 1, `msg=started url=(\S+)`)[0][1]
	ctl := func(args ...string) string {
		t.Helper()
		return done(t, append(append([]string{"ctl"}, args...), "--nats", url)...)
	}
	no := func(want int, text string, args ...string) {
		t.Helper()
		code, _, stderr := run(t, append(append([]string{"ctl"}, args...), "--nats", url)...)
		require.Equal(t, want, code, stderr)
		require.Contains(t, stderr, text)
	}
	require.Equal(t, "SENSOR  DAEMON  PIPELINE  LEARNING  EVENTS  LABELS  QUEUE  LAG  STATE\n", ctl("sensors"))
	no(1, "saccade: cam: no such sensor\n", "show", "cam")
	no(2, "expected --factor", "anneal", "cam")
	no(2, "--factor: expected none beside", "anneal", "cam", "--factor", "2", "--eta", "0.1")
	no(2, "expected a model file, or --object", "load", "cam")
	no(2, "sensor name", "freeze", "no.name")
	no(1, "no daemon answers", "sensors", "--prefix", "elsewhere")
	no(1, "no daemon answers under prefix elsewhere", "daemons", "--prefix", "elsewhere")

	done(t, "replay", recording(t, dir, "a.bin", 8000), "--sensor", "cam", "--nats", url, "--speed", "max")
	require.Regexp(t, `(?m)^cam +\S+ +default +on +8,000 +0 +0 +- +works$`, ctl("sensors"))
	require.Regexp(t, `(?m)^  events +8,000: `, ctl("show", "cam"))
	shown := object(t, ctl("show", "cam", "--json"))
	require.Equal(t, "default", shown["pipeline"])
	require.Regexp(t, `^cam: learning is frozen, from behind 8,000 events`, ctl("freeze", "cam"))
	require.Regexp(t, `^cam: learning is on, from behind 8,000 events`, ctl("thaw", "cam"))
	require.Contains(t, ctl("anneal", "cam", "--factor", "0.5", "--every", "100000"),
		"layer 1: eta 0.00100 -> 0.000500, delta_i 0.00100 -> 0.000500, delta_e 0.00300 -> 0.00150; times 0.500 every 100,000 events, down to a share of 0")
	require.Regexp(t, `^cam: stored, [\d,]+ bytes, behind 8,000 events`, ctl("snapshot", "cam"))

	// What was learned goes out and in again, and to another sensor whose pipeline it does not fit.
	model := filepath.Join(dir, "cam.model")
	require.Contains(t, ctl("model", "cam", "-o", model), "32 features")
	require.Contains(t, ctl("load", "cam", model), "now:      34x34 pixels, 1 layer, 32 features, no labels, SHA-256=")
	loaded := object(t, ctl("load", "cam", "--object", "cam.model", "--json", "--learning", "off"))
	require.Equal(t, false, loaded["learning"])
	require.Equal(t, loaded["model"], loaded["replaced"])
	no(1, "no object x in bucket saccade-models", "load", "cam", "--object", "x")
	no(1, "c.yaml", "load", "cam", file)
	done(t, "replay", recording(t, dir, "b.bin", 500), "--sensor", "gate", "--nats", url, "--speed", "max")
	no(1, "32 features, and the sensor has 8; with reshape", "load", "gate", "--object", "cam.model")
	require.Contains(t, ctl("load", "gate", "--object", "cam.model", "--reshape"), "gate: has another model")

	require.Contains(t, ctl("pipeline", "cam", "small"), "cam: has pipeline small in the stead of default, behind 8,000 events")
	require.Contains(t, ctl("pipeline", "cam", "small"), "as before")
	no(1, `no such pipeline "large": expected default, small or auto`, "pipeline", "cam", "large")
	require.Contains(t, ctl("pipeline", "cam", "auto"), "cam: has pipeline default in the stead of small")
	require.Contains(t, ctl("drain", "cam"), "cam: put away behind 8,000 events (message ")
	require.Regexp(t, `(?m)^cam .* away$`, ctl("sensors"))
	no(1, "was put away", "freeze", "cam")

	require.Regexp(t, `(?m)^INSTANCE .*\n\S+ +- +\S+ +\S+ +\*$`, ctl("daemons"))
	daemons, ok := object(t, ctl("daemons", "--json"))["daemons"].([]any)
	require.True(t, ok)
	require.Len(t, daemons, 1)
	d.stop()
	require.Zero(t, d.wait(t), d.err.String())
}

// Whatever answers in a daemon's place, a terminal does not obey it.
func TestCtlIsNotObeyed(t *testing.T) {
	_, url := serve(t, "--data-dir", filepath.Join(t.TempDir(), "state"))
	nc, err := nats.Connect(url)
	require.NoError(t, err)
	defer nc.Close()
	const evil = `\u001b[2J`
	for subject, data := range map[string]string{
		"sensors": `{"instance":"` + evil + `","sensors":[{"sensor":"` + evil + `","broken":"` + evil + `","pipeline":"` + evil + `"}]}`,
		"sensor":  `{"sensor":"` + evil + `","daemon":"` + evil + `","broken":"` + evil + `","status":{"device":"` + evil + `","device_failure":"` + evil + `","width":1,"encoding":"` + evil + `"}}`,
		"anneal":  `{"sensor":"` + evil + `","now":[{"layer":1},{"layer":2}],"before":[{"layer":1}]}`, "drain": `{"sensor":"` + evil + `"}`,
		"snapshot": `{"sensor":"` + evil + `"}`, "pipeline": `{"sensor":"` + evil + `","changed":true,"pipeline":"` + evil + `","kept_as":"` + evil + `"}`,
		"load": `{"sensor":"` + evil + `","model":{"digest":"` + evil + `","labels_by":"` + evil + `"},"warning":"` + evil + `"}`,
	} {
		_, err := nc.Subscribe("evil.control."+subject, func(m *nats.Msg) {
			if err := m.Respond([]byte(data)); err != nil {
				t.Error(err)
			}
		})
		require.NoError(t, err)
	}
	require.NoError(t, nc.Flush())
	for _, args := range [][]string{
		{"sensors"}, {"show", "a"}, {"anneal", "a", "--factor", "2"}, {"drain", "a"}, {"snapshot", "a"}, {"pipeline", "a", "b"}, {"load", "a", "--object", "b"},
	} {
		code, stdout, stderr := run(t, append(append([]string{"ctl"}, args...), "--nats", url, "--prefix", "evil")...)
		require.Zero(t, code, stderr)
		require.NotContains(t, stdout+stderr, "\x1b")
	}
}
