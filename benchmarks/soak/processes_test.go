package soak

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/serve"
	_ "github.com/saccade-dev/saccade/events/mono"
	_ "github.com/saccade-dev/saccade/hw/cpu"
)

// The test binary is a NATS server, or a daemon, where one of these is set: PORT:FOLDER, or a configuration file.
const (
	natsVariable   = "SACCADE_SOAK_NATS"
	daemonVariable = "SACCADE_SOAK_DAEMON"
)

const patience = time.Minute

func TestMain(m *testing.M) {
	var err error
	switch {
	case os.Getenv(natsVariable) != "":
		err = natsServer(os.Getenv(natsVariable))
	case os.Getenv(daemonVariable) != "":
		err = daemon(os.Getenv(daemonVariable))
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func natsServer(of string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	text, dir, _ := strings.Cut(of, ":")
	port, err := strconv.Atoi(text)
	if err != nil {
		return err
	}
	s, err := bus.Start(ctx, bus.ServerOptions{Host: "127.0.0.1", Port: port, JetStream: true, DataDir: dir, MaxPayload: 1 << 20})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	<-ctx.Done()
	ending, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return s.Shutdown(ending)
}

func daemon(file string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	c, err := config.Load(file)
	if err != nil {
		return err
	}
	d, err := serve.Start(ctx, c, slog.New(slog.NewTextHandler(os.Stderr, nil)), serve.Hooks{})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	return d.Run(ctx)
}

// process is one of those.
type process struct {
	t    testing.TB
	env  string
	cmd  *exec.Cmd
	said *strings.Builder
}

func newProcess(t testing.TB, env string) *process {
	t.Helper()
	p := &process{t: t, env: env}
	p.start()
	t.Cleanup(func() {
		if p.cmd != nil {
			p.end(syscall.SIGKILL)
		}
	})
	return p
}

func (p *process) start() {
	p.cmd, p.said = exec.Command(os.Args[0]), &strings.Builder{}
	p.cmd.Env, p.cmd.Stderr = append(os.Environ(), p.env), p.said
	out, err := p.cmd.StdoutPipe()
	require.NoError(p.t, err)
	require.NoError(p.t, p.cmd.Start())
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		require.NoError(p.t, errors.Join(err, p.cmd.Wait()), p.said.String())
	}
}

func (p *process) end(by syscall.Signal) {
	require.NoError(p.t, p.cmd.Process.Signal(by))
	err := p.cmd.Wait()
	if by == syscall.SIGTERM {
		require.NoError(p.t, err, p.said.String())
	}
	p.cmd = nil
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	require.NoError(t, l.Close())
	n, err := strconv.Atoi(port)
	require.NoError(t, err)
	return n
}
