package serve_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/serve"
	"github.com/saccade-dev/saccade/daemon/service"
)

// freezeVariable turns the test binary into a daemon that freezes the learning of sensor left behind some messages, and
// then ends itself by SIGKILL: FILE|MESSAGES|STEP|COUNT, STEP being answered for the moment at which it has its answer.
const freezeVariable = "SACCADE_TEST_FREEZE"

const stepAnswered = "answered"

func init() {
	if of := os.Getenv(freezeVariable); of != "" {
		fmt.Fprintln(os.Stderr, freezeAndDie(of))
		os.Exit(1)
	}
}

func die() {
	if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
		panic(err)
	}
	select {} // the signal comes
}

func freezeAndDie(of string) error {
	part := strings.Split(of, "|")
	var messages, count int64
	if _, err := fmt.Sscan(part[1]+" "+part[3], &messages, &count); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, err := config.Load(part[0])
	if err != nil {
		return err
	}
	var acked, left atomic.Int64
	left.Store(count)
	asked, began := make(chan struct{}), atomic.Bool{}
	d, err := serve.Start(ctx, c, slog.New(slog.NewJSONHandler(os.Stderr, nil)), serve.Hooks{At: func(_ string, at service.Step, _ uint64) {
		if at == service.StepAcked && acked.Add(1) == messages {
			began.Store(true)
			close(asked)
		}
		if began.Load() && string(at) == part[2] && left.Add(-1) == 0 {
			die()
		}
	}})
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	select {
	case <-asked:
	case err := <-ended:
		return err
	}
	if _, err := d.Service.SetLearning(ctx, "left", false); err != nil {
		return err
	}
	if part[2] == stepAnswered {
		die()
	}
	return <-ended
}

// Learning is frozen, and the daemon killed right after the answer or at any step about it: the results are those of a
// daemon that froze at the same message and was never disturbed.
func TestFrozenAndKilled(t *testing.T) {
	steps := []string{stepAnswered, string(service.StepSaved), string(service.StepSaving), string(service.StepStored), string(service.StepTaken), string(service.StepHandled), stepAnswered, string(service.StepSaved)}
	if testing.Short() {
		steps = steps[:3]
	} else if os.Getenv("SACCADE_SLOW") == "" {
		steps = steps[:5]
	}
	url, nc := natsServer(t)
	model := ""
	rng := rand.New(rand.NewPCG(8, 9))
	stayed := 0
	for i, step := range steps {
		prefix := fmt.Sprintf("frozen%d", i)
		c := streamConfig(t, url, prefix)
		if model == "" {
			model = c.Pipeline.Model
		}
		c.Pipeline.Model = model
		made(t, c)
		last := publishAll(t, nc, storyOf(t, prefix, "left", 4, 4, 15))
		of := fmt.Sprintf("%d|%s|%d", 15+rng.IntN(20), step, 1+rng.IntN(2))
		switched := frozenBy(t, c, of)
		var said logged
		d, stop := runWithLog(t, c, serve.Hooks{}, said.handler())
		// Whoever was killed before his answer asks again; then it is frozen here.
		done, err := setLearning(t, d)
		require.NoError(t, err)
		if step == stepAnswered {
			require.False(t, done.Changed, "it was answered that it is frozen")
		}
		if done.Changed {
			switched = done.Events
		} else {
			stayed++
		}
		t.Logf("%s: frozen behind %d events, in force at the next start: %t", of, switched, !done.Changed)
		got := results(t, nc, prefix, last)
		require.NoError(t, stop())
		requireSame(t, frozenAt(t, url, nc, fmt.Sprintf("calm%d", i), model, switched), got)
	}
	t.Logf("%d kills about a change, of which it was kept through %d; the others were not answered, and undone: results consistent with it in all", len(steps), stayed)
}

// setLearning freezes a sensor that may not have been taken up yet.
func setLearning(t testing.TB, d *serve.Daemon) (done service.Switched, err error) {
	t.Helper()
	waitFor(t, func() bool { working, _ := d.Service.WorksOn("left"); return working })
	return d.Service.SetLearning(t.Context(), "left", false)
}

// frozenBy runs a daemon that freezes and is killed, and gives behind how many events it said to freeze.
func frozenBy(t testing.TB, c config.Config, of string) uint64 {
	t.Helper()
	file := folder(t, "c.yaml")
	var text strings.Builder
	require.NoError(t, config.Print(&text, c))
	require.NoError(t, os.WriteFile(file, []byte(text.String()), 0o600))
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), freezeVariable+"="+file+"|"+of)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err := cmd.Run()
	require.Error(t, err)
	status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
	require.Equal(t, syscall.SIGKILL, status.Signal(), "%s: %v: %s", of, err, stderr.String())
	said := logged{text: stderr}
	switched := said.with("learning was switched")
	if len(switched) == 0 {
		return 0
	}
	return switched[len(switched)-1].Events
}

// frozenAt is what comes of the story where learning is frozen behind so many events, and nothing else happens.
func frozenAt(t testing.TB, url string, nc *nats.Conn, prefix, model string, events uint64) map[string][]string {
	t.Helper()
	c := streamConfig(t, url, prefix)
	c.Pipeline.Model = model
	d, stop := run(t, c, serve.Hooks{})
	var last map[string]uint64
	frozen := false
	for _, m := range storyOf(t, prefix, "left", 4, 4, 15) {
		if !frozen && last != nil {
			s, err := d.Service.Sensor("left")
			require.NoError(t, err)
			if uint64(s.Status.Events) == events {
				done, err := d.Service.SetLearning(t.Context(), "left", false)
				require.NoError(t, err)
				require.True(t, done.Changed)
				frozen = true
			}
		}
		last = publishAll(t, nc, []*nats.Msg{m})
		caughtUp(t, d, last)
	}
	if !frozen { // it was frozen at the end
		_, err := setLearning(t, d)
		require.NoError(t, err)
	}
	out := results(t, nc, prefix, last)
	require.NoError(t, stop())
	return out
}
