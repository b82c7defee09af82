package serve_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/daemon/serve"
	"github.com/saccade-dev/saccade/events"
	_ "github.com/saccade-dev/saccade/events/mono"
	_ "github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
	_ "github.com/saccade-dev/saccade/hw/cpu"
)

// patience bounds what should take milliseconds, or at most some seconds on a
// machine that is busy.
const patience = 60 * time.Second

// serveVariable turns the test binary into a daemon: it holds a configuration file.
const serveVariable = "SACCADE_TEST_SERVE"

func TestMain(m *testing.M) {
	if file := os.Getenv(serveVariable); file != "" {
		if err := serveFile(file); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if text := os.Getenv(nodeVariable); text != "" {
		if err := serveNode(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// serveFile is what `saccade serve` does. It tells the address on standard output
// when it takes messages.
func serveFile(file string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	c, err := config.Load(file)
	if err != nil {
		return err
	}
	d, err := serve.Start(ctx, c, slog.New(slog.NewTextHandler(os.Stderr, nil)), killHooks())
	if err != nil {
		return err
	}
	told := make(chan struct{})
	go func() {
		defer close(told)
		select {
		case <-d.Service.Ready():
			fmt.Println(d.URL)
		case <-ctx.Done():
		}
	}()
	err = d.Run(ctx)
	<-told
	return err
}

// process is a daemon in a process of its own.
type process struct {
	cmd    *exec.Cmd
	stderr *strings.Builder
}

// startProcess starts a daemon and waits until it takes messages.
func startProcess(ctx context.Context, c config.Config, file string) (*process, error) {
	var text strings.Builder
	if err := config.Print(&text, c); err != nil {
		return nil, err
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		return nil, err
	}
	p := &process{cmd: exec.CommandContext(ctx, os.Args[0]), stderr: &strings.Builder{}}
	p.cmd.Env = append(os.Environ(), serveVariable+"="+file)
	p.cmd.Stderr = p.stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("the daemon does not start: %w, %w: %s", err, p.cmd.Wait(), p.stderr)
	}
	if want := fmt.Sprintf("nats://127.0.0.1:%d\n", c.NATS.Embedded.Port); line != want {
		return nil, fmt.Errorf("the daemon listens on %q, not on %q", line, want)
	}
	return p, nil
}

// terminate sends SIGTERM, and waits until the daemon has ended with exit code 0.
func (p *process) terminate() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("the daemon: %w: %s", err, p.stderr)
	}
	return nil
}

// freePort is a port to listen on again and again: below those that the system
// hands out, so that nobody else is given it in between.
func freePort(t testing.TB) int {
	t.Helper()
	for {
		port := 20_000 + rand.IntN(10_000)
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			require.NoError(t, l.Close())
			return port
		}
	}
}

// testConfig is a daemon's with its data in a folder, and a model that decides on
// anything, and learns on.
func testConfig(t testing.TB, dir string) config.Config {
	t.Helper()
	c := config.Default()
	c.NATS.Embedded.Port, c.NATS.Embedded.DataDir = 0, dir
	c.Pipeline.FEAST.Learning = config.On
	c.Pipeline.Model = filepath.Join(t.TempDir(), "model")
	m := &model.Model{Feast: feast.Default()}
	m.Weights = feast.RandomWeights(m.Feast)
	m.Pool = pool.Config{
		Geometry: m.Feast.Geometry(), Features: m.Feast.Features(), Source: pool.SourceFeatures, Spread: pool.SpreadBilinear,
	}
	p, err := pool.New(m.Pool)
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(1, 2))
	par := readout.Parameters{Method: readout.Ridge, InverseTemperature: 1}
	for i := range 10 {
		row := make([]float32, p.Len())
		for j := range row {
			row[j] = float32(rng.NormFloat64())
		}
		par.Classes, par.Weights, par.Bias = append(par.Classes, strconv.Itoa(i)), append(par.Weights, row), append(par.Bias, 0)
	}
	m.Readout, err = readout.NewModel(par)
	require.NoError(t, err)
	require.NoError(t, m.Save(c.Pipeline.Model))
	return c
}

// run runs a daemon in this process until the test or stop ends it.
func run(t testing.TB, c config.Config, hooks serve.Hooks) (d *serve.Daemon, stop func() error) {
	t.Helper()
	return runWithLog(t, c, hooks, slog.DiscardHandler)
}

func runWithLog(t testing.TB, c config.Config, hooks serve.Hooks, log slog.Handler) (d *serve.Daemon, stop func() error) {
	t.Helper()
	starting, cancelStart := context.WithTimeout(t.Context(), patience)
	defer cancelStart()
	d, err := serve.Start(starting, c, slog.New(log), hooks)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err = d.Run(ctx)
	}()
	stop = func() error {
		cancel()
		<-ended
		return err
	}
	t.Cleanup(func() { require.NoError(t, stop()) })
	<-d.Service.Ready()
	return d, stop
}

func connect(t testing.TB, d *serve.Daemon) *nats.Conn {
	t.Helper()
	nc, err := d.Connect(t.Context(), "test")
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	return nc
}

// message is some events in the default encoding.
func message(t testing.TB, h bus.EventsHeader, in ...events.Event) *nats.Msg {
	t.Helper()
	e, err := events.EncodingByName(bus.DefaultEncoding)
	require.NoError(t, err)
	h.Encoding = bus.DefaultEncoding
	m := nats.NewMsg("saccade.a.events")
	m.Data, _, err = e.NewEncoder().Encode(h.Message(), nil, in)
	require.NoError(t, err)
	require.NoError(t, h.Set(m.Header))
	return m
}

func request(t testing.TB, nc *nats.Conn, m *nats.Msg) bus.Outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	answer, err := nc.RequestMsgWithContext(ctx, m)
	require.NoError(t, err)
	o, err := bus.ParseAck(answer)
	require.NoError(t, err)
	return o
}

// What a configuration says is what a daemon does.
func TestConfiguration(t *testing.T) {
	c := testConfig(t, t.TempDir())
	c.NATS.Prefix = "saccade"
	c.Ingest.Sensors.Accept = []string{"a*"}
	c.Pipeline.Labels.Every = time.Millisecond
	c.Pipeline.Outputs.Features = false
	var ends []pipeline.RecordingEnd
	d, stop := run(t, c, serve.Hooks{OnRecording: func(_ *pipeline.Pipeline, e pipeline.RecordingEnd) { ends = append(ends, e) }})
	require.Empty(t, d.URL, "it does not listen")
	nc := connect(t, d)
	results, err := nc.SubscribeSync("saccade.a.*")
	require.NoError(t, err)
	in := []events.Event{{T: 0, X: 9, Y: 9}, {T: 500, X: 9, Y: 9}, {T: 2000, X: 9, Y: 9}}
	require.Equal(t, bus.OutcomeProcessed, request(t, nc, message(t, bus.EventsHeader{Recording: "r", Truth: "7", End: true}, in...)))
	other := message(t, bus.EventsHeader{}, in...)
	other.Subject = "saccade.b.events"
	require.Equal(t, bus.OutcomeRejected, request(t, nc, other))
	require.NoError(t, stop())
	require.Len(t, ends, 1)
	require.Equal(t, "7", ends[0].Truth)
	var labels []bus.Label
	for {
		m, err := results.NextMsg(0)
		if err != nil {
			break
		}
		require.NotContains(t, m.Subject, ".features")
		if strings.HasSuffix(m.Subject, ".labels") {
			l, err := bus.Decode[bus.Label](m.Data)
			require.NoError(t, err)
			labels = append(labels, l)
		}
	}
	require.Len(t, labels, 2, "an interval, and the rest of the recording")
	require.EqualValues(t, 2, labels[0].Events)
	require.EqualValues(t, 1, labels[1].Events)
}

// As many cores as the configuration says work for a sensor, 0 being all.
func TestWorkers(t *testing.T) {
	for configured, want := range map[int]int{1: 1, 3: 3, 0: runtime.GOMAXPROCS(0)} {
		c := testConfig(t, t.TempDir())
		c.Pipeline.Workers = configured
		workers := 0
		d, stop := run(t, c, serve.Hooks{OnRecording: func(p *pipeline.Pipeline, _ pipeline.RecordingEnd) { workers = p.Layer().Workers() }})
		m := message(t, bus.EventsHeader{Recording: "r", End: true}, events.Event{X: 9, Y: 9})
		require.Equal(t, bus.OutcomeProcessed, request(t, connect(t, d), m))
		require.NoError(t, stop())
		require.Equal(t, want, workers, "workers: %d", configured)
	}
}

// What cannot be is an error before anything runs.
func TestStartRefuses(t *testing.T) {
	for name, change := range map[string]func(*config.Config){
		"configuration":    func(c *config.Config) { c.Pipeline.FEAST.Neurons = 0 },
		"device":           func(c *config.Config) { c.Pipeline.Device = "abacus" },
		"no model":         func(c *config.Config) { c.Pipeline.Model = "/nowhere" },
		"another geometry": func(c *config.Config) { c.Pipeline.Geometry = config.Geometry{Width: 640, Height: 480} },
		"no server":        func(c *config.Config) { c.NATS.URL = "nats://127.0.0.1:1" },
		"data folder":      func(c *config.Config) { c.NATS.Embedded.DataDir = c.Pipeline.Model },
	} {
		t.Run(name, func(t *testing.T) {
			c := testConfig(t, t.TempDir())
			change(&c)
			_, err := serve.Start(t.Context(), c, slog.New(slog.DiscardHandler), serve.Hooks{})
			require.Error(t, err)
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := serve.Start(ctx, testConfig(t, t.TempDir()), slog.New(slog.DiscardHandler), serve.Hooks{})
	require.ErrorIs(t, err, context.Canceled)
}

// A server of somebody else's is used as the embedded one is; without JetStream,
// states are lost with the daemon, and no more than that.
func TestServerOfSomebodyElse(t *testing.T) {
	for _, jetStream := range []bool{true, false} {
		t.Run(fmt.Sprintf("JetStream %t", jetStream), func(t *testing.T) {
			server, err := bus.Start(t.Context(), bus.ServerOptions{Port: -1, JetStream: jetStream, DataDir: t.TempDir()})
			require.NoError(t, err)
			t.Cleanup(func() {
				ctx, cancel := context.WithTimeout(context.Background(), patience)
				defer cancel()
				require.NoError(t, server.Shutdown(ctx))
			})
			c := testConfig(t, t.TempDir())
			c.NATS.URL = server.ClientURL()
			for i := range 2 {
				d, stop := run(t, c, serve.Hooks{})
				require.Equal(t, server.ClientURL(), d.URL)
				nc := connect(t, d)
				m := message(t, bus.EventsHeader{Session: "s", Seq: 0, HasSeq: true}, events.Event{X: 9, Y: 9})
				want := bus.OutcomeProcessed
				if i == 1 && jetStream {
					want = bus.OutcomeDuplicate // it knows from the stored state
				}
				require.Equal(t, want, request(t, nc, m))
				require.NoError(t, stop())
			}
		})
	}
}
