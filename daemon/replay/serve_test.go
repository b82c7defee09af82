package replay

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// served is a replay that runs, with its service.
type served struct {
	listener *listener
	ops      *nats.Conn // of whoever steers
	end      func() (Report, error)
}

// serve runs a replay that loops over a recording, and has it steered over NATS.
func serve(t *testing.T, sources []Source, change func(*Options)) *served {
	t.Helper()
	a, b := connect(t, bus.ServerOptions{})
	s := &served{listener: &listener{t: t, nc: a}, ops: a}
	s.listener.listen()
	o := testOptions()
	o.Speed, o.Loop, o.Control = 1, true, NewControl()
	if change != nil {
		change(&o)
	}
	ctx, stop := context.WithCancel(t.Context())
	service, err := Serve(ctx, b, "test", "a", o.Control)
	require.NoError(t, err)
	var report Report
	var ended error
	var running sync.WaitGroup
	running.Go(func() { report, ended = Run(ctx, b, sources, o) })
	s.end = sync.OnceValues(func() (Report, error) {
		stop()
		running.Wait()
		require.NoError(t, service.Close())
		return report, ended
	})
	t.Cleanup(func() { _, _ = s.end() })
	return s
}

func (s *served) ask(t *testing.T, c Command) Status {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	st, err := Ask(ctx, s.ops, "test", "a", c)
	require.NoError(t, err)
	return st
}

// Over NATS a replay is paused, moved, and asked how far it is; to whoever listens it is one stream
// without gaps.
func TestServe(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, []Source{write(t, dir, "a", ramp(3000, 100)), write(t, dir, "b", ramp(3000, 100))}, nil)
	st := s.ask(t, Command{Op: OpPause})
	require.True(t, st.Paused)
	require.Zero(t, st.UnderWay)
	require.Equal(t, 2, st.Recordings)
	require.True(t, st.Loop)
	held := s.ask(t, Command{Op: OpStatus})
	require.Equal(t, st.Events, held.Events, "it stands still")
	st = s.ask(t, Command{Op: OpNext})
	require.Equal(t, "b", st.Recording)
	st = s.ask(t, Command{Op: OpSeek, To: 150 * time.Millisecond})
	require.EqualValues(t, 150_000, st.Position)
	st = s.ask(t, Command{Op: OpSeek, To: -50 * time.Millisecond, Relative: true})
	require.EqualValues(t, 100_000, st.Position)
	st = s.ask(t, Command{Op: OpPrevious})
	require.Equal(t, "a", st.Recording)
	st = s.ask(t, Command{Op: OpSpeed, Speed: 0})
	require.Zero(t, st.Speed)
	require.False(t, s.ask(t, Command{Op: OpToggle}).Paused)
	for s.ask(t, Command{Op: OpStatus}).Events < 10_000 {
		continue // it plays, without a pace
	}
	r, err := s.end()
	require.ErrorIs(t, err, context.Canceled)
	require.EqualValues(t, 4, r.Jumps)
	require.Greater(t, r.Recordings, int64(2))
	for i, m := range s.listener.messages {
		require.EqualValues(t, i, m.header.Seq)
	}

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, err = Ask(ctx, s.ops, "test", "a", Command{Op: OpStatus})
	require.ErrorIs(t, err, ErrNobody, "it has ended")
	for _, c := range []struct{ prefix, sensor string }{{"te st", "a"}, {"test", "a.b"}} {
		_, err = Ask(ctx, s.ops, c.prefix, c.sensor, Command{})
		require.Error(t, err)
		_, err = Serve(ctx, s.ops, c.prefix, c.sensor, NewControl())
		require.Error(t, err)
	}
	_, err = Ask(ctx, s.ops, "test", "a", Command{Op: OpSpeed, Speed: -1})
	require.ErrorContains(t, err, "found -1")
}

// NATS' own tools find it; what cannot be read, or asks for an answer where none may go, is refused.
func TestServiceIsStrict(t *testing.T) {
	s := serve(t, []Source{write(t, t.TempDir(), "a", ramp(3000, 100))}, nil)
	request := func(subject, data string) *nats.Msg {
		t.Helper()
		m, err := s.ops.Request(subject, []byte(data), patience)
		require.NoError(t, err)
		return m
	}
	var info micro.Info
	require.NoError(t, json.Unmarshal(request("$SRV.INFO."+ServiceName, "").Data, &info))
	require.Len(t, info.Endpoints, len(endpoints))
	require.Equal(t, "test.a.replay.status", info.Endpoints[0].Subject)
	require.Equal(t, map[string]string{"sensor": "a"}, info.Metadata)
	m := request("test.a.replay.seek", `{"to":1}`)
	require.Equal(t, "400", m.Header.Get(micro.ErrorCodeHeader))
	require.Contains(t, m.Header.Get(micro.ErrorHeader), `unknown field "to"`)
	m = request("test.a.replay.pause", "\x1b[2J")
	require.NotContains(t, m.Header.Get(micro.ErrorHeader), "\x1b")

	// Somebody who may ask cannot have the replay publish for him.
	heard, err := s.ops.SubscribeSync("test.b.*")
	require.NoError(t, err)
	require.NoError(t, s.ops.PublishRequest("test.a.replay.status", "test.b.events", nil))
	request("test.a.replay.status", "") // comes behind it
	n, _, err := heard.Pending()
	require.NoError(t, err)
	require.Zero(t, n)
	_, err = s.end()
	require.ErrorIs(t, err, context.Canceled)
}

// A sensor's user may be steered by an operator and by nobody else; one without the permission is told.
func TestServeWithRoles(t *testing.T) {
	password := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(password, []byte("secret"), 0o600))
	user := func(name string, role bus.Role, sensors ...string) bus.User {
		return bus.User{Name: name, PasswordFile: password, Role: role, Sensors: sensors}
	}
	server, err := bus.Start(t.Context(), bus.ServerOptions{Port: -1, Prefix: "test", Users: []bus.User{
		user("cam", bus.RoleSensor, "a"), user("ops", bus.RoleOperator), user("board", bus.RoleViewer),
	}})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		require.NoError(t, server.Shutdown(ctx))
	})
	as := func(name string) *nats.Conn {
		nc, err := bus.Connect(t.Context(), bus.ConnectOptions{URL: server.ClientURL(), User: name, PasswordFile: password})
		require.NoError(t, err)
		t.Cleanup(nc.Close)
		return nc
	}
	daemon, err := bus.Connect(t.Context(), bus.ConnectOptions{Server: server})
	require.NoError(t, err)
	t.Cleanup(daemon.Close)
	l := &listener{t: t, nc: daemon}
	l.listen()

	o := testOptions()
	o.Speed, o.Loop, o.Control = 1, true, NewControl()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	service, err := Serve(ctx, as("cam"), "test", "a", o.Control)
	require.NoError(t, err)
	_, err = Serve(ctx, as("cam"), "test", "b", o.Control)
	require.ErrorIs(t, err, nats.ErrPermissionViolation)
	var running sync.WaitGroup
	sources := []Source{write(t, t.TempDir(), "a", ramp(3000, 100))}
	running.Go(func() { _, _ = Run(ctx, as("cam"), sources, o) })
	st, err := Ask(ctx, as("ops"), "test", "a", Command{Op: OpPause})
	require.NoError(t, err)
	require.True(t, st.Paused)
	board := as("board")
	require.NoError(t, board.Publish("test.a.replay.resume", nil))
	require.ErrorIs(t, bus.Subscribed(ctx, board), nats.ErrPermissionViolation)
	st, err = o.Control.Do(ctx, Command{Op: OpStatus})
	require.NoError(t, err)
	require.True(t, st.Paused)
	stop()
	running.Wait()
	require.NoError(t, service.Close())
}
