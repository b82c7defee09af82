package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/config"
	_ "github.com/saccade-dev/saccade/hw/cpu"
)

// listener is systemd's side: what it was told comes out of words.
func listener(t testing.TB, address string) (words <-chan string) {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: address, Net: "unixgram"})
	require.NoError(t, err)
	out, ended := make(chan string, 1<<16), make(chan struct{})
	go func() {
		defer close(ended)
		b := make([]byte, 1<<16)
		for {
			n, err := conn.Read(b)
			if err != nil {
				return
			}
			out <- string(b[:n])
		}
	}()
	t.Cleanup(func() {
		require.NoError(t, conn.Close())
		<-ended
	})
	return out
}

// addresses are one of each kind, nobody else's.
func addresses(t testing.TB) []string {
	return []string{filepath.Join(t.TempDir(), "notify"), fmt.Sprintf("@saccade-test-%d", time.Now().UnixNano())}
}

// next waits for what is told next, besides that the daemon lives.
func next(t testing.TB, words <-chan string) string {
	t.Helper()
	for {
		select {
		case w := <-words:
			if w != notifyWatchdog {
				return w
			}
		case <-time.After(time.Minute):
			require.Fail(t, "nothing was told")
		}
	}
}

// The environment says whom to tell; what makes no sense there is an error, and what is meant for another process is
// left alone.
func TestFindSystemd(t *testing.T) {
	for _, c := range []struct {
		socket, usec, pid string
		want              systemd
		err               string
	}{
		{"", "", "", systemd{}, ""},
		{"", "1000", "", systemd{}, ""},
		{"/run/n", "", "", systemd{socket: "/run/n"}, ""},
		{"@n", "30000000", "", systemd{"@n", 30 * time.Second}, ""},
		{"/run/n", "30000000", "77", systemd{"/run/n", 30 * time.Second}, ""},
		{"/run/n", "30000000", "78", systemd{socket: "/run/n"}, ""},
		{"/run/n", "rubbish", "78", systemd{socket: "/run/n"}, ""},
		{"/run/n", "0", "", systemd{}, "WATCHDOG_USEC: expected microseconds"},
		{"/run/n", "-5", "", systemd{}, "WATCHDOG_USEC"},
		{"/run/n", "9223372036854775807", "", systemd{}, "WATCHDOG_USEC"},
		{"/run/n", "1s", "77", systemd{}, "WATCHDOG_USEC"},
		{"run/n", "", "", systemd{}, "NOTIFY_SOCKET: expected a path or @ and a name"},
		{"vsock:2:1234", "", "", systemd{}, "NOTIFY_SOCKET"},
		{"@", "", "", systemd{}, "NOTIFY_SOCKET"},
	} {
		env := map[string]string{variableSocket: c.socket, variableWatchdog: c.usec, variableWatchdogOfID: c.pid}
		got, err := findSystemd(func(name string) string { return env[name] }, 77)
		require.Equal(t, c.want, got, "%+v", c)
		if c.err == "" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, c.err)
		}
	}
}

func testDaemon(t testing.TB) *Daemon {
	t.Helper()
	c := config.Default()
	c.NATS.Embedded.Port, c.NATS.Embedded.JetStream = 0, false
	c.Pipeline.Geometry = config.Geometry{Width: 12, Height: 12}
	d, err := Start(t.Context(), c, slog.New(slog.DiscardHandler), Hooks{})
	require.NoError(t, err)
	return d
}

func of(d *Daemon) watched { return watched{d.Service.Ready(), d.Service.Working, d.log} }

// A daemon that is stuck tells why, once, and is then silent, so that it is killed; unless it works again before.
func TestSystemdHearsNothingOfTheStuck(t *testing.T) {
	address := addresses(t)[0]
	words := listener(t, address)
	ctx, cancel := context.WithCancel(t.Context())
	asked := 0
	var telling sync.WaitGroup
	telling.Go(func() {
		systemd{address, 2 * time.Millisecond}.watch(ctx, ctx, watched{
			working: func() error {
				if asked++; asked > 2 && asked < 9 {
					return errors.New("the pipeline of sensor a has not gone a step forward for 1m1s")
				}
				return nil
			},
			log: slog.New(slog.DiscardHandler),
		})
	})
	for _, want := range []string{
		notifyWatchdog, notifyWatchdog,
		"STATUS=the pipeline of sensor a has not gone a step forward for 1m1s",
		"WATCHDOG=1\nSTATUS=works again", notifyWatchdog,
	} {
		require.Equal(t, want, <-words)
	}
	cancel()
	telling.Wait()
}

// A daemon tells that it is ready when it takes messages, and not before; that it lives, again and again, while it works;
// and that it is stopping, as the first thing when it is told to. Over sockets of both kinds.
func TestSystemdIsTold(t *testing.T) {
	for _, address := range addresses(t) {
		t.Run(address[:1], func(t *testing.T) {
			words := listener(t, address)
			d := testDaemon(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended, end := context.WithCancel(t.Context())
			var telling sync.WaitGroup
			telling.Go(func() { systemd{address, 2 * time.Millisecond}.watch(ctx, ended, of(d)) })
			for range 3 { // it lives before it is ready
				require.Equal(t, notifyWatchdog, <-words)
			}
			ran := make(chan error, 1)
			go func() { ran <- d.Run(ctx) }()
			require.Equal(t, "READY=1\nSTATUS=takes messages\nWATCHDOG=1", next(t, words))
			require.NoError(t, d.ready())
			for range 3 {
				require.Equal(t, notifyWatchdog, <-words)
			}
			cancel()
			require.Equal(t, "STOPPING=1\nSTATUS=processes what was accepted", next(t, words))
			require.NoError(t, <-ran)
			require.Equal(t, notifyWatchdog, <-words, "a drain is watched too")
			end()
			telling.Wait()
		})
	}
}

// Without a watchdog nothing is told in between; a daemon that is told to stop before it began is never ready.
func TestSystemdWithoutWatchdog(t *testing.T) {
	address := addresses(t)[0]
	words := listener(t, address)
	d := testDaemon(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ended, end := context.WithCancel(t.Context())
	var telling sync.WaitGroup
	telling.Go(func() { systemd{socket: address}.watch(ctx, ended, of(d)) })
	require.Equal(t, "STOPPING=1\nSTATUS=processes what was accepted", <-words)
	require.NoError(t, d.Run(ctx))
	end()
	telling.Wait()
	require.Empty(t, words)
}

// Where nobody listens, the daemon works all the same, and says so; where nobody is to be told, nothing waits for its end.
func TestSystemdIsNotThere(t *testing.T) {
	d := testDaemon(t)
	var log strings.Builder
	d.log = slog.New(slog.NewTextHandler(&log, nil))
	ctx, cancel := context.WithCancel(t.Context())
	systemd{}.watch(ctx, context.Background(), of(d))
	t.Setenv(variableSocket, "")
	d.notify(ctx, context.Background())
	require.Empty(t, log.String())
	t.Setenv(variableSocket, "nonsense")
	d.notify(ctx, context.Background())
	require.Contains(t, log.String(), variableSocket)
	t.Setenv(variableSocket, "")

	d.log = slog.New(slog.DiscardHandler)
	ran := make(chan error, 1)
	ended, end := context.WithCancel(t.Context())
	var telling sync.WaitGroup
	go func() { ran <- d.Run(ctx) }()
	telling.Go(func() { systemd{"/nowhere/at/all", time.Millisecond}.watch(ctx, ended, of(d)) })
	<-d.Service.Ready()
	require.NoError(t, d.ready())
	cancel()
	require.NoError(t, <-ran)
	end()
	telling.Wait()
}

// A reload is told with the time of the clock that systemd compares with, and its end, however it went.
func TestSystemdReload(t *testing.T) {
	address := addresses(t)[1]
	words := listener(t, address)
	s := systemd{socket: address}
	for _, failed := range []error{nil, errors.New("pipeline.device: no such device\nand more")} {
		before, err := monotonicMicroseconds()
		require.NoError(t, err)
		reloaded := false
		err = s.reload(t.Context(), func() error {
			begin, at, found := strings.Cut(<-words, "\n"+notifyMonotonic)
			require.True(t, found)
			require.Equal(t, "RELOADING=1", begin)
			us, err := strconv.ParseInt(at, 10, 64)
			require.NoError(t, err)
			require.GreaterOrEqual(t, us, before)
			require.Less(t, us, before+time.Minute.Microseconds())
			reloaded = true
			return failed
		})
		require.True(t, reloaded)
		require.ErrorIs(t, err, failed)
		want := "READY=1\nSTATUS=reloaded"
		if failed != nil {
			want = "READY=1\nSTATUS=goes on as it was: the configuration could not be loaded: pipeline.device: no such device and more"
		}
		require.Equal(t, want, <-words)
	}
	n := 0
	require.NoError(t, systemd{}.reload(t.Context(), func() error { n++; return nil }))
	require.Equal(t, 1, n)
}
