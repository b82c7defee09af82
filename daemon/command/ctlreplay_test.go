package command

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/replay"
)

// ctlReplay runs `ctl replay` with arguments.
func ctlReplay(t *testing.T, args ...string) (stdout string, err error) {
	t.Helper()
	var c struct {
		Replay ctlReplayCmd `cmd:""`
	}
	parser, err := kong.New(&c, kong.Exit(func(int) { t.Error("the parser ends the process") }))
	require.NoError(t, err)
	k, err := parser.Parse(arguments(append([]string{"replay"}, args...)))
	if err != nil {
		return "", usageError{err}
	}
	var out bytes.Buffer
	err = k.Run(&env{ctx: t.Context(), stdout: &out, stderr: &out, log: slog.New(slog.DiscardHandler)})
	return out.String(), err
}

// A replay is steered from the command line.
func TestCtlReplay(t *testing.T) {
	server, err := bus.Start(t.Context(), bus.ServerOptions{Port: -1})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		require.NoError(t, server.Shutdown(ctx))
	})
	nc, err := bus.Connect(t.Context(), bus.ConnectOptions{Server: server})
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	_, err = nc.Subscribe("saccade.*.events", func(m *nats.Msg) {
		if err := m.RespondMsg(bus.Ack(bus.OutcomeProcessed)); err != nil {
			t.Error(err)
		}
	})
	require.NoError(t, err)
	var recording []byte
	for i := range 8000 { // 10 us apart
		recording = append(recording, byte(i%34), byte(i%33), byte(0x80*(i%2)|10*i>>16), byte(10*i>>8), byte(10*i))
	}
	path := filepath.Join(t.TempDir(), "a.bin")
	require.NoError(t, os.WriteFile(path, recording, 0o600))

	control := replay.NewControl()
	ctx, stop := context.WithCancel(t.Context())
	service, err := replay.Serve(ctx, nc, "saccade", "cam", control)
	require.NoError(t, err)
	var running sync.WaitGroup
	running.Go(func() {
		_, _ = replay.Run(ctx, nc, []replay.Source{{Path: path, Recording: "a.bin"}}, replay.Options{
			Subject: "saccade.cam.events", Encoding: "mono", PacketEvents: 100, Window: 4, Speed: 1, Loop: true,
			AckTimeout: time.Second, GiveUp: time.Minute, Control: control,
		})
	})
	url := server.ClientURL()
	do := func(args ...string) string {
		t.Helper()
		out, err := ctlReplay(t, append(args, "--nats", url)...)
		require.NoError(t, err, args)
		require.NotContains(t, out, "\x1b")
		return out
	}
	require.Regexp(t, `^cam: paused at \S+, 1x, recording 1 of 1: a\.bin, [\d,]+ events? acknowledged.*\n$`, do("pause", "cam"))
	require.Contains(t, do("seek", "cam", "70ms"), "cam: paused at 70ms, ")
	require.Contains(t, do("seek", "cam", "--by", "-20ms"), "cam: paused at 50ms, ")
	require.Contains(t, do("seek", "cam", "--by", "1ms"), "cam: paused at 51ms, ")
	require.Contains(t, do("next", "cam"), "cam: paused at 79.99ms, ")
	require.Contains(t, do("previous", "cam"), "cam: paused at 0s, ")
	require.Contains(t, do("speed", "cam", "2.5"), ", 2.5x, ")
	require.Contains(t, do("speed", "cam", "max"), ", max, ")
	require.Contains(t, do("resume", "cam"), "cam: plays at ")
	var st replay.Status
	require.NoError(t, json.Unmarshal([]byte(do("status", "cam", "--json")), &st))
	require.False(t, st.Paused)
	require.Zero(t, st.Speed)
	require.Equal(t, 1, st.Index)

	var wrong usageError
	for _, args := range [][]string{
		{"seek", "cam"},
		{"seek", "cam", "1s", "--by", "1s"},
		{"seek", "cam", "soon"},
		{"speed", "cam", "fast"},
		{"speed", "cam", "0"},
		{"pause", "a.b"},
		{"pause"},
		{"dance", "cam"},
	} {
		_, err := ctlReplay(t, args...)
		require.ErrorAs(t, err, &wrong, "%v", args)
	}
	_, err = ctlReplay(t, "pause", "other", "--nats", url)
	require.ErrorContains(t, err, "no replay answers on saccade.other.replay.pause: does one run that publishes as sensor other?")
	_, err = ctlReplay(t, "pause", "other", "--nats", "nats://127.0.0.1:1")
	require.ErrorContains(t, err, "no NATS server at")

	stop()
	running.Wait()
	require.NoError(t, service.Close())
}
