package serve_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/serve"
	"github.com/saccade-dev/saccade/daemon/service"
)

// natsVariable turns the test binary into a NATS server: PORT:FOLDER.
const natsVariable = "SACCADE_TEST_NATS"

func init() {
	of := os.Getenv(natsVariable)
	if of == "" {
		return
	}
	if err := serveNATS(of); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func serveNATS(of string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	text, dir, _ := strings.Cut(of, ":")
	port, err := strconv.Atoi(text)
	if err != nil {
		return err
	}
	s, err := bus.Start(ctx, bus.ServerOptions{
		Host: "127.0.0.1", Port: port, JetStream: true, DataDir: dir, MaxPayload: 1 << 20, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	<-ctx.Done()
	ending, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return s.Shutdown(ending)
}

// natsProcess is a NATS server in a process of its own.
type natsProcess struct {
	t      testing.TB
	url    string
	of     string
	cmd    *exec.Cmd
	stderr *strings.Builder
}

func startNATS(t testing.TB, dir string) *natsProcess {
	t.Helper()
	port := freePort(t)
	p := &natsProcess{t: t, url: fmt.Sprintf("nats://127.0.0.1:%d", port), of: fmt.Sprintf("%d:%s", port, dir)}
	p.start()
	t.Cleanup(func() {
		if p.cmd != nil {
			p.end(syscall.SIGKILL)
		}
	})
	return p
}

func (p *natsProcess) start() {
	p.cmd, p.stderr = exec.Command(os.Args[0]), &strings.Builder{}
	p.cmd.Env = append(os.Environ(), natsVariable+"="+p.of)
	p.cmd.Stderr = p.stderr
	out, err := p.cmd.StdoutPipe()
	require.NoError(p.t, err)
	require.NoError(p.t, p.cmd.Start())
	_, err = bufio.NewReader(out).ReadString('\n')
	require.NoError(p.t, err)
}

// end ends it by a signal, and waits.
func (p *natsProcess) end(by syscall.Signal) {
	require.NoError(p.t, p.cmd.Process.Signal(by))
	err := p.cmd.Wait()
	if by == syscall.SIGTERM {
		require.NoError(p.t, err, p.stderr.String())
	}
	p.cmd = nil
}

func (p *natsProcess) connect() *nats.Conn {
	nc, err := nats.Connect(p.url, nats.MaxReconnects(-1), nats.ReconnectWait(20*time.Millisecond))
	require.NoError(p.t, err)
	p.t.Cleanup(nc.Close)
	return nc
}

// The NATS server ends again and again while a daemon works, half of the times by SIGKILL: the results are those of a
// daemon that nobody disturbed.
func TestServerRestarts(t *testing.T) {
	restarts := 6
	if testing.Short() {
		restarts = 2
	}
	want, model := undisturbed(t, nil, pair(t, 6, 20))
	server := startNATS(t, t.TempDir())
	c := streamConfig(t, server.url, "shaken")
	c.Pipeline.Model = model
	made(t, c)
	last := publishAll(t, server.connect(), pair(t, 6, 20)("shaken")...)

	every := int64(240 / (restarts + 1))
	var stored atomic.Int64
	ends, back := make(chan struct{}, restarts), make(chan struct{}, 1)
	var down atomic.Bool
	slow := time.Tick(20 * time.Millisecond)
	_, stop := run(t, c, serve.Hooks{At: func(_ string, at service.Step, _ uint64) {
		switch at { //nolint:exhaustive // the others are nothing to it
		case service.StepTaken:
			<-slow // so that there is something to do behind every restart
			if stored.Add(1)%every == 0 {
				select {
				case ends <- struct{}{}: // whatever is under way goes on
				default:
				}
			}
		case service.StepStored:
			if down.CompareAndSwap(true, false) {
				back <- struct{}{}
			}
		}
	}})
	var took []time.Duration
	for i := range restarts {
		<-ends
		by := []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM}[i%2]
		server.end(by)
		down.Store(true)
		server.start()
		from := time.Now()
		select {
		case <-back:
		case <-time.After(patience):
			require.FailNow(t, "nothing is stored behind a restart")
		}
		took = append(took, time.Since(from).Round(time.Millisecond))
	}
	requireSame(t, want, results(t, server.connect(), "shaken", last))
	require.NoError(t, stop())
	slices.Sort(took)
	t.Logf("%d restarts of the NATS server, half of them SIGKILL: nothing lost, nothing twice; results are stored again after %v to %v", restarts, took[0], took[len(took)-1])
}
