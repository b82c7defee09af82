package bus

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds what should take milliseconds.
const patience = 30 * time.Second

func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// startServer starts a server and stops it at the end of the test.
func startServer(t testing.TB, o ServerOptions) *Server {
	t.Helper()
	s, err := Start(testContext(t), o)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		require.NoError(t, s.Shutdown(ctx))
	})
	return s
}

// connect connects and closes the connection at the end of the test.
func connect(t testing.TB, o ConnectOptions) *nats.Conn {
	t.Helper()
	nc, err := Connect(testContext(t), o)
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	return nc
}

func writeFile(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// publish publishes numbered messages and waits until the server has them.
func publish(t *testing.T, s *Server, subject string, messages, size int) {
	t.Helper()
	nc := connect(t, ConnectOptions{Server: s})
	payload := make([]byte, size)
	for i := range messages {
		binary.LittleEndian.PutUint64(payload, uint64(i))
		require.NoError(t, nc.Publish(subject, payload))
	}
	require.NoError(t, nc.FlushWithContext(testContext(t)))
}

// Nothing that was published before a shutdown is lost to a subscriber who is
// connected, however slowly it reads.
func TestShutdownDeliversWhatWasPublished(t *testing.T) {
	const messages, size = 10_000, 4096
	for _, test := range []struct {
		name  string
		pause time.Duration // after every 50 messages that are read
	}{{"fast", 0}, {"slow", 2 * time.Millisecond}} {
		t.Run(test.name, func(t *testing.T) {
			ctx := testContext(t)
			s, err := Start(ctx, ServerOptions{Port: -1})
			require.NoError(t, err)
			// A plain socket: what has arrived is what is read from it.
			conn := rawSubscriber(t, s, "test")
			received := make(chan int, 1)
			go func() { received <- countMessages(conn, size, test.pause) }()

			publish(t, s, "test", messages, size)
			require.NoError(t, s.Shutdown(ctx))
			require.Equal(t, messages, <-received)
		})
	}
}

// The drain ends when the server holds nothing any more, and not before.
func TestDrainWaitsForTheSubscriber(t *testing.T) {
	const messages, size = 10, 4 << 20
	ctx := testContext(t)
	s := startServer(t, ServerOptions{Port: -1, MaxPayload: size})
	conn := rawSubscriber(t, s, "test")
	publish(t, s, "test", messages, size) // more than sockets hold
	over, cancel := context.WithCancel(ctx)
	cancel()
	require.ErrorContains(t, s.drain(over), "were not written out")

	received := make(chan int, 1)
	go func() { received <- countMessages(conn, size, 0) }()
	require.NoError(t, s.drain(ctx))
	for c := range s.connections() {
		require.Zero(t, c.Pending)
	}
	require.NoError(t, s.Shutdown(ctx))
	require.Equal(t, messages, <-received)
}

// A subscriber that publishes on the same connection, as fast as it can, loses
// nothing either.
func TestShutdownSparesASubscriberThatPublishes(t *testing.T) {
	const messages, size = 10_000, 2048
	ctx := testContext(t)
	s, err := Start(ctx, ServerOptions{Port: -1})
	require.NoError(t, err)
	nc := connect(t, ConnectOptions{URL: s.ClientURL(), Reconnect: true})
	var received atomic.Int64
	all := make(chan struct{})
	sub, err := nc.Subscribe("test", func(*nats.Msg) {
		if received.Add(1) == messages {
			close(all)
		}
	})
	require.NoError(t, err)
	require.NoError(t, sub.SetPendingLimits(-1, -1))
	require.NoError(t, nc.FlushWithContext(ctx))

	var writer sync.WaitGroup
	writing, stop := context.WithCancel(ctx)
	writer.Go(func() {
		payload := make([]byte, 4096)
		for writing.Err() == nil && nc.IsConnected() {
			_ = nc.Publish("other", payload) // until it fails, for the server stops
		}
	})
	publish(t, s, "test", messages, size)
	require.NoError(t, s.Shutdown(ctx))
	stop()
	writer.Wait()
	select {
	case <-all:
	case <-time.After(10 * time.Second):
		t.Fatalf("%d of %d messages", received.Load(), messages)
	}
}

// A stream that never ends keeps the queue of its subscriber from ever being empty.
// The shutdown does not wait for that.
func TestShutdownIsNotHeldUpByAStream(t *testing.T) {
	ctx := testContext(t)
	s, err := Start(ctx, ServerOptions{Port: -1})
	require.NoError(t, err)
	conn := rawSubscriber(t, s, "stream")
	var work sync.WaitGroup
	work.Go(func() { _, _ = io.Copy(io.Discard, conn) })
	nc := connect(t, ConnectOptions{URL: s.ClientURL()})
	started := make(chan struct{})
	work.Go(func() {
		payload := make([]byte, 32<<10)
		for i := 0; nc.Publish("stream", payload) == nil; i++ {
			if i == 1000 {
				close(started)
			}
		}
	})
	<-started
	require.NoError(t, s.Shutdown(ctx))
	work.Wait()
}

// A subscriber that reads nothing does not keep the daemon from going on, and the
// error says that it was left with less than everything.
func TestShutdownGivesUp(t *testing.T) {
	const messages, size = 10, 4 << 20
	s, err := Start(testContext(t), ServerOptions{Port: -1, MaxPayload: size})
	require.NoError(t, err)
	conn := rawSubscriber(t, s, "test")
	publish(t, s, "test", messages, size)
	ctx, cancel := context.WithCancel(testContext(t))
	cancel()
	err = s.Shutdown(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "were not written out")
	require.ErrorContains(t, err, "it has not stopped yet")

	// The write that is under way ends when the other side is gone.
	require.NoError(t, conn.Close())
	err = s.Shutdown(testContext(t))
	require.ErrorContains(t, err, "were not written out")
	require.NotContains(t, err.Error(), "not stopped")
}

func TestShutdownTwice(t *testing.T) {
	ctx := testContext(t)
	s, err := Start(ctx, ServerOptions{Port: -1})
	require.NoError(t, err)
	url := s.ClientURL()
	var calls sync.WaitGroup
	var failed atomic.Int64
	for range 4 {
		calls.Go(func() {
			if s.Shutdown(ctx) != nil {
				failed.Add(1)
			}
		})
	}
	calls.Wait()
	require.Zero(t, failed.Load())
	_, err = Connect(ctx, ConnectOptions{URL: url})
	require.ErrorIs(t, err, ErrNoServer)
	_, err = Connect(ctx, ConnectOptions{Server: s})
	require.Error(t, err)
}

func TestServerWithoutListener(t *testing.T) {
	ctx := testContext(t)
	s := startServer(t, ServerOptions{})
	require.Empty(t, s.ClientURL())
	nc := connect(t, ConnectOptions{Server: s})
	sub, err := nc.SubscribeSync("test")
	require.NoError(t, err)
	require.NoError(t, nc.Publish("test", []byte("hello")))
	m, err := sub.NextMsgWithContext(ctx)
	require.NoError(t, err)
	require.Equal(t, "hello", string(m.Data))
}

func TestServerOptionsThatAreRefused(t *testing.T) {
	ctx := testContext(t)
	dir := t.TempDir()
	empty, missing := writeFile(t, "\nsecret"), filepath.Join(dir, "missing")
	for _, test := range []struct {
		o    ServerOptions
		want string
	}{
		{ServerOptions{Host: "0.0.0.0", Port: -1}, "does not listen on 0.0.0.0 without users"},
		{ServerOptions{Host: "::", Port: -1}, "without users"},
		{ServerOptions{Host: "192.0.2.1", Port: -1}, "without users"},
		{ServerOptions{Host: "example.org", Port: -1}, `expected localhost or an IP address, found "example.org"`},
		{ServerOptions{Port: 65536}, "port: expected -1 to 65535, found 65536"},
		{ServerOptions{Port: -2}, "port: expected -1 to 65535, found -2"},
		{ServerOptions{MaxPayload: -1}, "largest payload"},
		{ServerOptions{MaxPayload: 64<<20 + 1}, "largest payload"},
		{ServerOptions{JetStream: true}, "needs a data folder"},
		{ServerOptions{JetStream: true, DataDir: empty}, empty},
		{ServerOptions{Users: []User{{Name: "", PasswordFile: empty}}}, "a user without a name"},
		{ServerOptions{Users: []User{{Name: "u", PasswordFile: empty}}}, "expected a password in its first line"},
		{ServerOptions{Users: []User{{Name: "u", PasswordFile: missing}}}, missing},
	} {
		_, err := Start(ctx, test.o)
		require.ErrorContains(t, err, test.want)
		require.ErrorContains(t, err, "embedded NATS server: ")
		require.NotContains(t, err.Error(), "secret")
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err := Start(cancelled, ServerOptions{JetStream: true, DataDir: dir})
	require.ErrorIs(t, err, context.Canceled)
	startServer(t, ServerOptions{JetStream: true, DataDir: dir}) // the folder is free again
}

func TestPortInUse(t *testing.T) {
	s := startServer(t, ServerOptions{Port: -1})
	_, port, err := net.SplitHostPort(s.ns.Addr().String())
	require.NoError(t, err)
	var o ServerOptions
	_, err = fmt.Sscan(port, &o.Port)
	require.NoError(t, err)
	_, err = Start(testContext(t), o)
	require.ErrorContains(t, err, port)
	require.ErrorContains(t, err, "is saccade or a NATS server running already?")
}

func TestUsers(t *testing.T) {
	ctx := testContext(t)
	const hash = "$2a$04$1KWCf.7L7ANhqECWWsxIVeVL9Z6YZUYkgFhMcuw/YrSOvcm/Z6Ynq" // bcrypt of "of glass"
	var log bytes.Buffer
	s := startServer(t, ServerOptions{
		Host: "0.0.0.0", Port: -1,
		Users: []User{
			{Name: "camera", PasswordFile: writeFile(t, "plain secret\nmore\n")}, {Name: "viewer", PasswordFile: writeFile(t, hash)},
		},
		Plaintext: true,
		Log:       slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	require.Regexp(t, `^nats://127\.0\.0\.1:\d+$`, s.ClientURL())
	for _, u := range []struct {
		name, password string
		ok             bool
	}{
		{"camera", "plain secret", true},
		{"viewer", "of glass", true},
		{"camera", "of glass", false},
		{"viewer", hash, false},
		{"nobody", "", false},
	} {
		nc, err := nats.Connect(s.ClientURL(), nats.UserInfo(u.name, u.password))
		if u.ok {
			require.NoError(t, err, u.name)
			nc.Close()
		} else {
			require.ErrorIs(t, err, nats.ErrAuthorization, u.name)
		}
	}
	_, err := Connect(ctx, ConnectOptions{URL: s.ClientURL()})
	require.ErrorIs(t, err, nats.ErrAuthorization)
	connect(t, ConnectOptions{URL: s.ClientURL(), User: "viewer", PasswordFile: writeFile(t, "of glass\r\n")})

	// The daemon itself needs no password.
	nc := connect(t, ConnectOptions{Server: s})
	require.NoError(t, nc.FlushWithContext(ctx))
	require.NotContains(t, log.String(), "secret")
	require.NotContains(t, log.String(), "glass")
}

// What is in the data folder outlives the server, and no two servers are on one.
func TestJetStreamKeepsItsData(t *testing.T) {
	ctx := testContext(t)
	o := ServerOptions{JetStream: true, DataDir: filepath.Join(t.TempDir(), "a", "b")}
	s, err := Start(ctx, o)
	require.NoError(t, err)
	nc := connect(t, ConnectOptions{Server: s})
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	_, err = js.CreateStream(ctx, jetstream.StreamConfig{Name: "test", Subjects: []string{"test"}})
	require.NoError(t, err)
	for i := range 10 {
		_, err = js.Publish(ctx, "test", []byte{byte(i)})
		require.NoError(t, err)
	}

	_, err = Start(ctx, o)
	require.ErrorContains(t, err, "in use by another saccade")
	require.NoError(t, Drain(ctx, nc))
	require.NoError(t, s.Shutdown(ctx))

	s = startServer(t, o)
	js, err = jetstream.New(connect(t, ConnectOptions{Server: s}))
	require.NoError(t, err)
	stream, err := js.Stream(ctx, "test")
	require.NoError(t, err)
	m, err := stream.GetMsg(ctx, 10)
	require.NoError(t, err)
	require.Equal(t, []byte{9}, m.Data)

	info, err := os.Stat(o.DataDir)
	require.NoError(t, err)
	require.Equal(t, dirMode, info.Mode().Perm())
}

func TestMaxPayload(t *testing.T) {
	nc := connect(t, ConnectOptions{Server: startServer(t, ServerOptions{MaxPayload: 1000})})
	require.NoError(t, nc.Publish("test", make([]byte, 1000)))
	require.ErrorIs(t, nc.Publish("test", make([]byte, 1001)), nats.ErrMaxPayload)
	nc = connect(t, ConnectOptions{Server: startServer(t, ServerOptions{})})
	require.EqualValues(t, 1<<20, nc.MaxPayload())
}

func TestServerLog(t *testing.T) {
	var out bytes.Buffer
	l := newServerLog(slog.New(slog.NewTextHandler(&out, nil))) // from info
	l.Noticef("notice")
	l.Debugf("debug")
	l.Tracef("trace")
	require.Empty(t, out.String())
	l.Warnf("slow %s\n", "consumer")
	require.Contains(t, out.String(), `level=WARN msg="slow consumer"`)
	l.Noticef("cid:7 - Slow Consumer Detected: %d", 1)
	require.Contains(t, out.String(), `level=WARN msg="cid:7 - Slow Consumer Detected: 1"`)
	l.Errorf("no")
	require.Contains(t, out.String(), `level=ERROR msg=no`)

	out.Reset()
	l.Fatalf("first %d", 1)
	l.Fatalf("second")
	require.Equal(t, "first 1", *l.started())
	require.Contains(t, out.String(), "second")

	out.Reset()
	l = newServerLog(l.log)
	require.Nil(t, l.started())
	l.Fatalf("later")
	require.Contains(t, out.String(), "level=ERROR msg=later")
}

// rawSubscriber subscribes over a socket, without a client library.
func rawSubscriber(t *testing.T, s *Server, subject string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.ClientURL(), "nats://"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = fmt.Fprintf(conn, "CONNECT {\"verbose\":false,\"pedantic\":false}\r\nSUB %s 1\r\nPING\r\n", subject)
	require.NoError(t, err)
	buf := make([]byte, 4096)
	var got string
	for !strings.Contains(got, "PONG\r\n") {
		n, err := conn.Read(buf)
		require.NoError(t, err)
		got += string(buf[:n])
	}
	return conn
}

// countMessages reads numbered messages of one size until the connection ends and
// counts them; it gives a negative number where one is missing.
func countMessages(conn net.Conn, size int, pause time.Duration) int {
	r := bufio.NewReaderSize(conn, 4096)
	payload := make([]byte, size+2)
	for n := 0; ; {
		line, err := r.ReadString('\n')
		if err != nil {
			return n
		}
		if !strings.HasPrefix(line, "MSG ") {
			continue
		}
		if _, err := io.ReadFull(r, payload); err != nil {
			return n
		}
		if binary.LittleEndian.Uint64(payload) != uint64(n) {
			return -n
		}
		if n++; pause > 0 && n%50 == 0 {
			<-time.After(pause)
		}
	}
}
