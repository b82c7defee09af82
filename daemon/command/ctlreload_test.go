package command_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The daemon reads its file again, with its flags over it, all of it or nothing.
func TestCtlReload(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "c.yaml")
	write := func(text string) { require.NoError(t, os.WriteFile(file, []byte(text), 0o600)) }
	write("")
	d := start(t, "serve", "--config", file, "--port", "-1", "--data-dir", filepath.Join(dir, "state"))
	url := d.err.await(t, 1, `msg=started url=(\S+)`)[0][1]
	require.Regexp(t, `^\S+: nothing has changed\n$`, done(t, "ctl", "reload", "--nats", url))
	write("pipeline: {feast: {neurons: 4}}\n")
	require.Regexp(t, `^\S+: 1 field changed, and the pipelines of 0 sensors\n  pipeline\.feast\.neurons: 16 -> 4\n$`, done(t, "ctl", "reload", "--nats", url))
	for text, want := range map[string]string{
		"pipeline: {feast: {neurons: 5, eta: x}}\n":                "c.yaml:1:37: pipeline.feast.eta: expected a number",
		"pipeline: {feast: {neurons: 5}}\nlog: {level: debug}\n":   "log.level: info -> debug",
		"pipeline: {feast: {neurons: 5}, model: /no/such/model}\n": "no such file",
	} {
		write(text)
		code, _, stderr := run(t, "ctl", "reload", "--nats", url)
		require.Equal(t, 1, code)
		require.Contains(t, stderr, want)
	}
	write("pipeline: {feast: {neurons: 4}}\n")
	require.Regexp(t, `^\S+: nothing has changed\n$`, done(t, "ctl", "reload", "--nats", url))
	d.stop()
	require.Zero(t, d.wait(t), d.err.String())
}
