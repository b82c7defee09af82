package serve_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/serve"
)

// clusterVariable has the test of a cluster run.
const clusterVariable = "SACCADE_CLUSTER"

// nodeVariable turns the test binary into a server of a NATS cluster: it holds a [node].
const nodeVariable = "SACCADE_TEST_NODE"

// node is a server of a cluster.
type node struct {
	Name    string
	Port    int
	Cluster int // port
	Routes  []string
	Dir     string
}

// serveNode is nats-server.
func serveNode(text string) error {
	var n node
	if err := json.Unmarshal([]byte(text), &n); err != nil {
		return err
	}
	o := &server.Options{
		ServerName: n.Name, Host: "127.0.0.1", Port: n.Port, NoSigs: true,
		JetStream: true, StoreDir: n.Dir,
		Cluster: server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: n.Cluster, NoAdvertise: true, PoolSize: -1},
	}
	for _, r := range n.Routes {
		u, err := url.Parse(r)
		if err != nil {
			return err
		}
		o.Routes = append(o.Routes, u)
	}
	s, err := server.NewServer(o)
	if err != nil {
		return err
	}
	s.Start()
	s.WaitForShutdown()
	return nil
}

// wire forwards connections to an address, unless it is cut.
type wire struct {
	listener net.Listener
	to       string
	running  sync.WaitGroup

	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
}

func newWire(t testing.TB, to string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := &wire{listener: l, to: to, conns: map[net.Conn]bool{}}
	w.running.Go(w.accept)
	t.Cleanup(func() {
		_ = l.Close()
		w.set(true)
		w.running.Wait()
	})
	return w
}

func (w *wire) accept() {
	for {
		a, err := w.listener.Accept()
		if err != nil {
			return
		}
		b, err := net.Dial("tcp", w.to)
		w.mu.Lock()
		if err != nil || w.cut {
			_ = a.Close()
			if err == nil {
				_ = b.Close()
			}
			w.mu.Unlock()
			continue
		}
		w.conns[a], w.conns[b] = true, true
		w.mu.Unlock()
		for _, pair := range [][2]net.Conn{{a, b}, {b, a}} {
			w.running.Go(func() {
				_, _ = io.Copy(pair[0], pair[1])
				_, _ = a.Close(), b.Close()
			})
		}
	}
}

func (w *wire) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cut = cut; cut {
		for c := range w.conns {
			_ = c.Close()
		}
		clear(w.conns)
	}
}

// natsCluster is three servers, each a process of its own, whose routes can be cut.
type natsCluster struct {
	t     testing.TB
	nodes [3]node
	procs [3]*exec.Cmd
	wires [3][3]*wire // from, to
}

func newCluster(t testing.TB) *natsCluster {
	t.Helper()
	c := &natsCluster{t: t}
	for i := range c.nodes {
		c.nodes[i] = node{Name: "node" + strconv.Itoa(i), Port: freePort(t), Cluster: freePort(t), Dir: t.TempDir()}
	}
	for i := range c.nodes {
		for j := range c.nodes {
			if i != j {
				c.wires[i][j] = newWire(t, fmt.Sprintf("127.0.0.1:%d", c.nodes[j].Cluster))
				c.nodes[i].Routes = append(c.nodes[i].Routes, "nats://"+c.wires[i][j].listener.Addr().String())
			}
		}
	}
	for i := range c.nodes {
		c.start(i)
	}
	t.Cleanup(func() {
		for i := range c.procs {
			c.kill(i)
		}
	})
	return c
}

func (c *natsCluster) start(i int) {
	c.t.Helper()
	text, err := json.Marshal(c.nodes[i])
	require.NoError(c.t, err)
	p := exec.Command(os.Args[0])
	p.Env = append(os.Environ(), nodeVariable+"="+string(text))
	p.Stderr = os.Stderr
	require.NoError(c.t, p.Start())
	c.procs[i] = p
}

func (c *natsCluster) kill(i int) {
	if p := c.procs[i]; p != nil {
		_ = p.Process.Kill()
		_ = p.Wait()
		c.procs[i] = nil
	}
}

// part cuts a node off from the others, or puts it back.
func (c *natsCluster) part(i int, cut bool) {
	for j := range c.nodes {
		if i != j {
			c.wires[i][j].set(cut)
			c.wires[j][i].set(cut)
		}
	}
}

func (c *natsCluster) url(i int) string { return fmt.Sprintf("nats://127.0.0.1:%d", c.nodes[i].Port) }

// connect gives a connection that goes from node to node, once JetStream has a leader.
func (c *natsCluster) connect() (*nats.Conn, jetstream.JetStream) {
	c.t.Helper()
	nc, err := nats.Connect(strings.Join([]string{c.url(0), c.url(1), c.url(2)}, ","),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
	require.NoError(c.t, err)
	c.t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	require.NoError(c.t, err)
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	retry(ctx, c.t, func(ctx context.Context) error {
		_, err := js.CreateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: "ready", Replicas: 3})
		return err
	})
	return nc, js
}

// retry tries until it is done.
func retry(ctx context.Context, t testing.TB, f func(context.Context) error) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		trying, cancel := context.WithTimeout(ctx, 2*time.Second)
		err := f(trying)
		cancel()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			require.NoError(t, errors.Join(ctx.Err(), err))
		}
	}
}

// send publishes stories, one message of each by turns, through whatever happens, and what is
// left at once where there is hurry. The server leaves out what it has already.
func (c *natsCluster) send(ctx context.Context, js jetstream.JetStream, every time.Duration, hurry <-chan struct{}, stories ...[]*nats.Msg) (last map[string]uint64) {
	last = map[string]uint64{}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for i := 0; ; i++ {
		more := false
		for _, story := range stories {
			if i >= len(story) {
				continue
			}
			more = true
			m := *story[i]
			retry(ctx, c.t, func(ctx context.Context) error {
				a, err := js.PublishMsg(ctx, &m, jetstream.WithMsgID(m.Subject+strconv.Itoa(i)), jetstream.WithRetryAttempts(0))
				if err == nil {
					last[m.Subject] = a.Sequence
				}
				return err
			})
		}
		if !more {
			return last
		}
		select {
		case <-tick.C:
		case <-hurry:
		case <-ctx.Done():
			require.NoError(c.t, ctx.Err())
		}
	}
}

// daemonProcess starts a daemon in a process of its own.
func daemonProcess(t testing.TB, c config.Config) *exec.Cmd {
	t.Helper()
	var text strings.Builder
	require.NoError(t, config.Print(&text, c))
	file := filepath.Join(t.TempDir(), "c.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text.String()), 0o600))
	p := exec.Command(os.Args[0])
	p.Env = append(os.Environ(), serveVariable+"="+file)
	if os.Getenv("SACCADE_TEST_LOG") != "" {
		p.Stderr = os.Stderr
	}
	require.NoError(t, p.Start())
	t.Cleanup(func() {
		if p.ProcessState == nil {
			_ = p.Process.Kill()
			_ = p.Wait()
		}
	})
	return p
}

// Three daemons on three servers share sensors; a daemon is killed and comes back, then the
// leader of the results' stream, then a server with its daemon is cut off and put back. The
// results are those of one daemon that nobody disturbed.
func TestClusterOfThree(t *testing.T) {
	if os.Getenv(clusterVariable) == "" {
		t.Skip(clusterVariable + " is not set: six processes, and elections that take their time")
	}
	names := []string{"cam0", "cam1", "cam2", "cam3", "cam4", "cam5"}
	const recordings, messages = 60, 20 // more than is sent before the last fault is over
	stories := func(prefix string) (out [][]*nats.Msg) {
		for i, name := range names {
			out = append(out, storyOf(t, prefix, name, uint64(i), recordings, messages))
		}
		return out
	}
	calmURL, calmConn := natsServer(t)
	reference := streamConfig(t, calmURL, "calm")
	reference.Durable.Checkpoint.Every, reference.Durable.Checkpoint.EveryBytes = time.Second, 64<<20
	_, stop := run(t, reference, serve.Hooks{})
	want := results(t, calmConn, "calm", publishAll(t, calmConn, stories("calm")...))
	require.NoError(t, stop())

	cluster := newCluster(t)
	nc, js := cluster.connect()
	configOf := func(i int) config.Config {
		c := streamConfig(t, cluster.url(i), "shared")
		c.Pipeline.Model = reference.Pipeline.Model
		c.Cluster.Name, c.Cluster.Lease = "daemon"+strconv.Itoa(i), 2*time.Second
		c.Durable.Replicas = 3
		c.Durable.Checkpoint.Every, c.Durable.Checkpoint.EveryBytes = 500*time.Millisecond, 64<<20
		return c
	}
	// The first one makes the streams.
	ctx, cancel := context.WithTimeout(t.Context(), 5*patience)
	defer cancel()
	var daemons [3]*exec.Cmd
	daemons[0] = daemonProcess(t, configOf(0))
	retry(ctx, t, func(ctx context.Context) error {
		for _, name := range []string{"shared-events", "shared-results", "KV_shared-daemons", "KV_shared-sensors", "OBJ_shared-state"} {
			if _, err := js.Stream(ctx, name); err != nil {
				return err
			}
		}
		return nil
	})
	daemons[1], daemons[2] = daemonProcess(t, configOf(1)), daemonProcess(t, configOf(2))

	watch := newLatest(t, js)
	var last map[string]uint64
	var sending sync.WaitGroup
	sent, hurry := make(chan struct{}), make(chan struct{})
	sending.Go(func() {
		defer close(sent)
		last = cluster.send(ctx, js, 100*time.Millisecond, hurry, stories("shared")...)
	})
	watch.until(ctx, t, sent, "all sensors are worked on", func(s map[string]shown) bool { return len(s) == len(names) })
	t.Logf("who has what: %v", owners(ctx, t, js, names))

	phase := func(what string, do func()) {
		begun := time.Now()
		do()
		// Each sensor is heard of again, with what was sent after the fault.
		watch.until(ctx, t, sent, what, func(s map[string]shown) bool {
			for _, name := range names {
				if !s[name].sent.After(begun) {
					return false
				}
			}
			return true
		})
		t.Logf("%-36s all sensors' new messages answered after %v; who has what: %v", what, time.Since(begun).Round(10*time.Millisecond), owners(ctx, t, js, names))
	}
	phase("nothing happens", func() {})
	phase("a daemon is killed", func() {
		require.NoError(t, daemons[1].Process.Signal(syscall.SIGKILL))
		_ = daemons[1].Wait()
	})
	phase("it comes back", func() { daemons[1] = daemonProcess(t, configOf(1)) })
	var leader int
	phase("the results' leader is killed", func() {
		st, err := js.Stream(ctx, "shared-results")
		require.NoError(t, err)
		info, err := st.Info(ctx)
		require.NoError(t, err)
		leader, err = strconv.Atoi(strings.TrimPrefix(info.Cluster.Leader, "node"))
		require.NoError(t, err)
		cluster.kill(leader)
	})
	phase("it comes back", func() { cluster.start(leader) })
	away := 0 // not the one that this test is connected to
	for strings.HasSuffix(nc.ConnectedUrl(), ":"+strconv.Itoa(cluster.nodes[away].Port)) {
		away++
	}
	phase("a server and its daemon are cut off", func() { cluster.part(away, true) })
	phase("they are put back", func() { cluster.part(away, false) })
	close(hurry)
	<-sent
	sending.Wait()
	requireSame(t, want, results(t, nc, "shared", last))
	for i, d := range daemons {
		require.NoError(t, d.Process.Signal(syscall.SIGTERM))
		require.NoError(t, d.Wait(), "daemon %d", i)
	}
}

// shown is the last result of a sensor, and when its message came into the stream.
type shown struct{ sent time.Time }

// latest follows the results' stream.
type latest struct {
	mu      sync.Mutex
	seen    map[string]shown
	changed chan struct{}
}

func newLatest(t testing.TB, js jetstream.JetStream) *latest {
	t.Helper()
	l := &latest{seen: map[string]shown{}, changed: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	var following sync.WaitGroup
	following.Go(func() { l.follow(ctx, js) })
	t.Cleanup(func() {
		cancel()
		following.Wait()
	})
	return l
}

func (l *latest) follow(ctx context.Context, js jetstream.JetStream) {
	for ctx.Err() == nil {
		c, err := js.OrderedConsumer(ctx, "shared-results", jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverNewPolicy})
		if err != nil {
			continue
		}
		messages, err := c.Messages(jetstream.PullExpiry(2*time.Second), jetstream.PullHeartbeat(time.Second))
		if err != nil {
			continue
		}
		for ctx.Err() == nil {
			m, err := messages.Next(jetstream.NextContext(ctx))
			if err != nil {
				break
			}
			name, rest, _ := strings.Cut(m.Headers().Get(jetstream.MsgIDHeader), ".")
			number, _, _ := strings.Cut(rest, ".")
			seq, err := strconv.ParseUint(number, 10, 64)
			if err != nil {
				continue
			}
			events, err := js.Stream(ctx, "shared-events")
			if err != nil {
				continue
			}
			raw, err := events.GetMsg(ctx, seq)
			if err != nil {
				continue
			}
			l.mu.Lock()
			l.seen[name] = shown{raw.Time}
			l.mu.Unlock()
			select {
			case l.changed <- struct{}{}:
			default:
			}
		}
		messages.Stop()
	}
}

func (l *latest) until(ctx context.Context, t testing.TB, sent <-chan struct{}, what string, done func(map[string]shown) bool) {
	t.Helper()
	for {
		l.mu.Lock()
		ok := done(l.seen)
		l.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-l.changed:
		case <-sent:
			require.Fail(t, "all was sent before a fault was over: send more, or slower", what)
		case <-ctx.Done():
			require.NoError(t, ctx.Err(), what)
		}
	}
}

// owners tells which daemon has each sensor.
func owners(ctx context.Context, t testing.TB, js jetstream.JetStream, names []string) string {
	t.Helper()
	var out []string
	retry(ctx, t, func(ctx context.Context) error {
		out = nil
		kv, err := js.KeyValue(ctx, "shared-sensors")
		if err != nil {
			return err
		}
		for _, name := range names {
			e, err := kv.Get(ctx, name)
			if err != nil {
				return err
			}
			var o struct {
				Daemon string `json:"daemon"`
				Term   int    `json:"term"`
			}
			if err := json.Unmarshal(e.Value(), &o); err != nil {
				return err
			}
			out = append(out, fmt.Sprintf("%s:%s/%d", name, strings.TrimPrefix(o.Daemon, "daemon"), o.Term))
		}
		return nil
	})
	return strings.Join(out, " ")
}
