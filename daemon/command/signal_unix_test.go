//go:build unix

package command_test

import (
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// The processes themselves, by the signals that a service manager sends.
func TestSignals(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command("saccade", "serve", "--port", "-1", "--data-dir", dir)
	log := newLines()
	cmd.Stderr = log
	require.NoError(t, cmd.Start())
	url := log.await(t, 1, `msg=started url=(\S+)`)[0][1]
	done(t, "replay", recording(t, t.TempDir(), "a.bin", 3000), "--nats", url, "--speed", "max")
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, cmd.Wait(), log.String())
	log.await(t, 1, `msg="state stored" sensor=replay`)
}
