//go:build unix

package command_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/replay"
)

// A replay that runs pauses and stops by signals, and nothing is hurried behind a stop.
func TestReplaySignals(t *testing.T) {
	dir := t.TempDir()
	_, url := serve(t, "--data-dir", filepath.Join(dir, "state"))
	nc, err := nats.Connect(url)
	require.NoError(t, err)
	defer nc.Close()
	cmd := exec.Command("saccade", "replay", recording(t, dir, "a.bin", 8000), "--nats", url, "--sensor", "cam", "--loop", "--json")
	out, log := newLines(), newLines()
	cmd.Stdout, cmd.Stderr = out, log
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })

	ask := func(op replay.Op) (replay.Status, error) {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		return replay.Ask(ctx, nc, "saccade", "cam", replay.Command{Op: op})
	}
	until := func(what string, holds func(replay.Status) bool) (last replay.Status) {
		t.Helper()
		require.Eventually(t, func() bool {
			st, err := ask(replay.OpStatus)
			last = st
			return err == nil && holds(st)
		}, patience, 5*time.Millisecond, what)
		return last
	}
	signal := func(s syscall.Signal) { require.NoError(t, cmd.Process.Signal(s)) }
	// stopped waits until the process is, as a shell does.
	stopped := func() {
		t.Helper()
		require.Eventually(t, func() bool {
			var status syscall.WaitStatus
			pid, err := syscall.Wait4(cmd.Process.Pid, &status, syscall.WUNTRACED|syscall.WNOHANG, nil)
			return err == nil && pid == cmd.Process.Pid && status.Stopped()
		}, patience, 5*time.Millisecond)
	}
	more := func(than int64) func(replay.Status) bool {
		return func(s replay.Status) bool { return !s.Paused && s.Events > than }
	}
	until("it plays", more(1000))
	signal(syscall.SIGUSR1)
	st := until("it is paused", func(s replay.Status) bool { return s.Paused && s.UnderWay == 0 })
	signal(syscall.SIGUSR1)
	st = until("it plays on", more(st.Events))

	// The terminal's stop, one that nobody can prepare for, and the first while it is paused.
	const away = 400 * time.Millisecond
	played := func(s replay.Status) time.Duration { return time.Duration(s.Played) * time.Microsecond }
	for _, stop := range []syscall.Signal{syscall.SIGTSTP, syscall.SIGSTOP} {
		before, begun := until("it plays", more(st.Events)), time.Now()
		signal(stop)
		stopped()
		<-time.After(away)
		signal(syscall.SIGCONT)
		st = until("it plays on", more(before.Events+100))
		require.LessOrEqual(t, played(st)-played(before), time.Since(begun)-away+100*time.Millisecond, "the time of the stop is not made up for")
	}
	signal(syscall.SIGUSR1)
	until("it is paused", func(s replay.Status) bool { return s.Paused })
	signal(syscall.SIGTSTP)
	stopped()
	signal(syscall.SIGCONT)
	st, err = ask(replay.OpStatus)
	require.NoError(t, err)
	require.True(t, st.Paused, "as it was")

	signal(syscall.SIGINT)
	require.NoError(t, cmd.Wait(), log.String())
	require.Empty(t, log.String())
	require.Zero(t, at(t, object(t, out.String()), "rejected"))
}
