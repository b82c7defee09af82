package serve_test

import (
	"errors"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/serve"
)

// The stream of results is full, and refuses: nothing more is taken, which is said, nothing is lost, and all goes on
// when there is room.
func TestResultsAreFull(t *testing.T) {
	want, model := undisturbed(t, nil, pair(t, 4, 12))
	url, nc := natsServer(t)
	c := streamConfig(t, url, "full")
	c.Pipeline.Model = model
	c.Durable.Results.MaxBytes, c.Durable.Results.Full = 128<<10, config.FullRefuse
	var said logged
	d, stop := runWithLog(t, c, serve.Hooks{}, said.handler())
	first, second := parts(pair(t, 4, 12)("full"), 40)
	publishAll(t, nc, first...)
	r := said.wait(t, "results cannot be stored")
	require.Contains(t, r.Error, "maximum bytes")
	require.Equal(t, "WARN", r.Level)
	lag := func() (n uint64) {
		for _, s := range d.Service.Sensors() {
			if s.Lag != nil {
				n += *s.Lag
			}
		}
		return n
	}
	// A sensor that takes no more looks at what heaps up behind: the message that it took last was there before.
	last := publishAll(t, nc, second...)
	waitFor(t, func() bool { return lag() > 0 })
	from := time.Now()
	js, st := stream(t, nc, "full-results")
	was := st.CachedInfo()
	require.LessOrEqual(t, was.State.Bytes, uint64(128<<10))
	more := was.Config
	more.MaxBytes = 64 << 20
	_, err := js.UpdateStream(t.Context(), more)
	require.NoError(t, err)
	requireSame(t, want, results(t, nc, "full", last))
	said.wait(t, "it works again")
	require.NoError(t, stop())
	t.Logf("full at %d bytes of results: nothing lost, nothing twice; all caught up %v after there was room", was.State.Bytes, time.Since(from).Round(time.Millisecond))
}

// A daemon that is to stop while the stream of results is full does, and says so: the next one goes on.
func TestStopsWhileResultsAreFull(t *testing.T) {
	if os.Getenv("SACCADE_SLOW") == "" {
		t.Skip("it waits for 20 seconds: SACCADE_SLOW=1 has it run")
	}
	want, model := undisturbed(t, nil, pair(t, 4, 12))
	url, nc := natsServer(t)
	c := streamConfig(t, url, "stuck")
	c.Pipeline.Model = model
	c.Durable.Results.MaxBytes, c.Durable.Results.Full = 128<<10, config.FullRefuse
	var said logged
	starting := t.Context()
	d, err := serve.Start(starting, c, newLog(&said), serve.Hooks{})
	require.NoError(t, err)
	ctx, cancel := cancellable(t)
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	<-d.Service.Ready()
	last := publishAll(t, nc, pair(t, 4, 12)("stuck")...)
	said.wait(t, "results cannot be stored")
	changed := make(chan error, 1)
	go func() { changed <- d.Service.Change(ctx, "left", nothing) }()
	from := time.Now()
	cancel()
	select {
	case err = <-ended:
	case <-time.After(2 * patience):
		require.FailNow(t, "it does not stop")
	}
	require.ErrorContains(t, err, "nothing could be stored")
	t.Logf("stopped %v after it was told to", time.Since(from).Round(time.Second))
	require.Error(t, <-changed, "whoever waits for a change is told")
	c.Durable.Results.MaxBytes = 64 << 20
	js, st := stream(t, nc, "stuck-results")
	more := st.CachedInfo().Config
	more.MaxBytes = 64 << 20
	_, err = js.UpdateStream(t.Context(), more)
	require.NoError(t, err)
	_, stop := run(t, c, serve.Hooks{})
	requireSame(t, want, results(t, nc, "stuck", last))
	require.NoError(t, stop())
}

// The object store takes no checkpoint: it is said, and results go on; with room, there is one again.
func TestNoRoomForCheckpoints(t *testing.T) {
	want, model := undisturbed(t, nil, pair(t, 3, 10))
	url, nc := natsServer(t)
	c := streamConfig(t, url, "tight")
	c.Pipeline.Model = model
	made(t, c)
	js, st := stream(t, nc, "OBJ_tight-state")
	tight := st.CachedInfo().Config
	roomy := tight
	tight.MaxBytes = 4 << 10
	_, err := js.UpdateStream(t.Context(), tight)
	require.NoError(t, err)
	first, second := parts(pair(t, 3, 10)("tight"), 15)
	var said logged
	_, stop := runWithLog(t, c, serve.Hooks{}, said.handler())
	publishAll(t, nc, first...)
	said.wait(t, "a checkpoint could not be stored: the next one will do")
	require.NoError(t, stop(), "results are stored: nothing is lost without a checkpoint")
	require.Empty(t, said.with("going on from a checkpoint"))

	d, stop := runWithLog(t, c, serve.Hooks{}, said.handler())
	last := publishAll(t, nc, second...)
	requireSame(t, want, results(t, nc, "tight", last))
	_, err = js.UpdateStream(t.Context(), roomy)
	require.NoError(t, err)
	require.NoError(t, d.Service.Change(t.Context(), "left", nothing))
	list, damaged := entries(t, nc, "tight", "left")
	require.NoError(t, damaged)
	require.NotEmpty(t, list)
	require.NoError(t, stop())
}

// The file system of the NATS server is really full. The server turns JetStream off then, for all that runs on it:
// the daemon says so and waits, and when the server is started again with room, nothing is missing.
func TestDiskIsFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("saccade-test", dir, "tmpfs", 0, "size=24m"); err != nil {
		require.True(t, errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.ENOSYS), "mounting: %v", err)
		t.Skipf("a small file system can be mounted by root alone: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, 0)) })
	want, model := undisturbed(t, nil, pair(t, 4, 12))
	server := startNATS(t, dir+"/nats")
	t.Cleanup(func() {
		if server.cmd != nil {
			server.end(syscall.SIGKILL)
		}
	})
	c := streamConfig(t, server.url, "brim")
	c.Pipeline.Model = model
	c.Durable.Events.MaxBytes, c.Durable.Results.MaxBytes = 0, 0
	made(t, c)
	nc := server.connect()
	last := publishAll(t, nc, pair(t, 4, 12)("brim")...)
	// All but a little is taken by somebody else.
	filler := dir + "/filler"
	var fs syscall.Statfs_t
	require.NoError(t, syscall.Statfs(dir, &fs))
	free := int64(fs.Bavail) * fs.Bsize
	require.NoError(t, os.WriteFile(filler, make([]byte, free-64<<10), 0o600))

	var said logged
	_, stop := runWithLog(t, c, serve.Hooks{}, said.handler())
	said.wait(t, "cannot be stored")
	require.NoError(t, os.Remove(filler))
	told := server.stderr
	server.end(syscall.SIGTERM)
	t.Log(told.String())
	from := time.Now()
	server.start()
	requireSame(t, want, results(t, server.connect(), "brim", last))
	took := time.Since(from)
	require.NoError(t, stop())
	t.Logf("a full file system: nothing lost, nothing twice; caught up %v after the server was started with room", took.Round(time.Millisecond))
}
