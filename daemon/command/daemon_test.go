package command_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/command"
)

// patience is how long a test waits for what must come. It is long: only a test
// that fails waits for it.
const patience = 60 * time.Second

// lines collects what a command prints, and tells when a line has come.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // closed and made anew when text grows
}

func newLines() *lines { return &lines{more: make(chan struct{})} }

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.more)
	l.more = make(chan struct{})
	return l.text.Write(b)
}

// all gives the whole lines that have come.
func (l *lines) all() ([]string, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := strings.Split(l.text.String(), "\n")
	return out[:len(out)-1], l.more
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// await waits until there are n lines that match, and gives their submatches.
func (l *lines) await(t *testing.T, n int, pattern string) [][]string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	late := time.After(patience)
	for {
		all, more := l.all()
		var found [][]string
		for _, line := range all {
			if m := re.FindStringSubmatch(line); m != nil {
				found = append(found, m)
			}
		}
		if len(found) >= n {
			return found
		}
		select {
		case <-more:
		case <-late:
			require.FailNow(t, "lines did not come", "expected %d of %s, found\n%s", n, pattern, l)
		}
	}
}

// running is a command that runs.
type running struct {
	out, err *lines
	stop     context.CancelFunc
	code     chan int
}

// start runs a command until it ends or is stopped, at the latest with the test.
func start(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{out: newLines(), err: newLines(), stop: cancel, code: make(chan int, 1)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.code <- command.Run(ctx, args, r.out, r.err)
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(patience):
			t.Errorf("saccade %v does not end", args)
		}
	})
	return r
}

// wait waits for a command's end.
func (r *running) wait(t *testing.T) int {
	t.Helper()
	select {
	case code := <-r.code:
		return code
	case <-time.After(patience):
		require.FailNow(t, "the command does not end", "%s\n%s", r.out, r.err)
		return 0
	}
}

// run runs a command to its end.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	r := start(t, args...)
	code = r.wait(t)
	return code, r.out.String(), r.err.String()
}

// done runs a command that must succeed and gives what it prints.
func done(t *testing.T, args ...string) string {
	t.Helper()
	code, stdout, stderr := run(t, args...)
	require.Zero(t, code, "saccade %v: %s", args, stderr)
	return stdout
}

// serve starts a daemon of the test's own and gives its address.
func serve(t *testing.T, args ...string) (*running, string) {
	t.Helper()
	d := start(t, append([]string{"serve", "--port", "-1"}, args...)...)
	return d, d.err.await(t, 1, `msg=started url=(\S+)`)[0][1]
}

// object reads a JSON object.
func object(t *testing.T, line string) map[string]any {
	t.Helper()
	var v map[string]any
	require.NoError(t, json.Unmarshal([]byte(line), &v), "%s", line)
	return v
}

// at goes down a path of keys.
func at(t *testing.T, v any, path ...string) any {
	t.Helper()
	for _, key := range path {
		m, ok := v.(map[string]any)
		require.True(t, ok, "%v at %s", v, key)
		v = m[key]
	}
	return v
}

// What the daemon says of recordings that come over NATS is what `eval` says of
// them as files.
func TestServeReplayWatch(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	done(t, "simulate", in("data"), "--train", "40", "--test", "10")
	done(t, "train", "feast", in("data/Train"), "-o", in("features"), "--neurons", "6", "--radius", "3")
	done(t, "train", "readout", in("features"), in("data/Train"), "-o", in("model"))
	offline := object(t, done(t, "eval", in("model"), in("data/Test"), "--json"))

	d, url := serve(t, "--data-dir", in("state"), "--model", in("model"), "--freeze")
	people := start(t, "watch", "--nats", url, "--sensor", "cam")
	programs := start(t, "watch", "--nats", url, "--json", "--kinds", "labels,features,rejects")
	people.err.await(t, 1, `^watching saccade\.cam\.features, saccade\.cam\.labels, saccade\.cam\.rejects, saccade\.cam\.status at nats://`)
	programs.err.await(t, 1, `^watching saccade\.\*\.features, saccade\.\*\.labels, saccade\.\*\.rejects at nats://`)

	replayed := done(t, "replay", in("data/Test"), "--nats", url, "--sensor", "cam", "--speed", "max", "--json")
	require.Equal(t, 1, strings.Count(replayed, "\n"))
	report := object(t, replayed)
	require.Equal(t, 10.0, report["recordings"])
	require.Equal(t, offline["events"], report["events"])
	require.Zero(t, report["rejected"])

	// Every recording was named, as it was offline.
	programs.out.await(t, 10, `^\{"sensor":"cam","kind":"labels","message":\{`)
	right, events := 0.0, 0.0
	all, _ := programs.out.all()
	for _, line := range all {
		o := object(t, line)
		require.Equal(t, "cam", o["sensor"])
		switch o["kind"] {
		case "labels":
			if at(t, o, "message", "label") == at(t, o, "message", "truth") {
				right++
			}
			require.Contains(t, at(t, o, "message", "recording"), ".bin")
		case "features":
			n, ok := at(t, o, "message", "events").(float64)
			require.True(t, ok)
			events += n
		default:
			require.Fail(t, "unexpected", "%s", line)
		}
	}
	require.Equal(t, offline["accuracy"], right/10)
	require.Equal(t, offline["events"], events)
	people.out.await(t, 10, `^cam +labels +\d  confidence \d\.\d\d, \d+ events, (right|wrong: it is \d)  \d/\d+\.bin$`)
	people.out.await(t, 10, `^cam +features +\d+ of +\d+ events won  [▁▂▃▄▅▆▇█ ]+$`)
	people.out.await(t, 1, `^cam +status +\d+ events, \d+\.\d\d % missed, thresholds `)

	// What cannot be read is rejected, and the stream goes on.
	nc, err := nats.Connect(url)
	require.NoError(t, err)
	defer nc.Close()
	require.NoError(t, nc.PublishMsg(&nats.Msg{
		Subject: "saccade.cam.events", Data: []byte("garbage\x1b[2J"),
		Header: nats.Header{"Saccade-Width": {"34"}, "Saccade-Height": {"34"}},
	}))
	require.NoError(t, nc.PublishMsg(&nats.Msg{
		Subject: "saccade.cam.events", Data: []byte("garbage"),
		Header: nats.Header{"Saccade-Encoding": {"\x1b[2Jevt9"}, "Saccade-Width": {"34"}, "Saccade-Height": {"34"}},
	}))
	require.NoError(t, nc.Publish("saccade.cam.labels", []byte(`{"sensor":"cam","label":"\u001b[2Jnobody"}`)))
	people.out.await(t, 2, `^cam +rejects +`)
	people.out.await(t, 1, `^cam +labels +\?\[2Jnobody  confidence 0\.00`)
	programs.out.await(t, 2, `"kind":"rejects","message":\{"sensor":"cam"`)
	require.NotContains(t, people.out.String(), "\x1b", "a terminal would obey it")
	done(t, "replay", in("data/Test"), "--nats", url, "--sensor", "cam", "--speed", "max")
	programs.out.await(t, 21, `"kind":"labels"`)

	// The end: everybody goes with code 0, and the daemon has kept its state.
	d.stop()
	require.Zero(t, d.wait(t), d.err.String())
	d.err.await(t, 1, "msg=draining")
	d.err.await(t, 1, `msg="state stored" sensor=cam`)
	require.Empty(t, d.out.String(), "a daemon's log is on stderr")
	for _, w := range []*running{people, programs} {
		w.stop()
		require.Zero(t, w.wait(t))
	}
}

func TestReplayEnds(t *testing.T) {
	dir := t.TempDir()
	_, url := serve(t, "--data-dir", filepath.Join(dir, "state"))
	good := recording(t, dir, "good.bin", 2000)

	// A loop has no end but being told to.
	watch := start(t, "watch", "--nats", url, "--kinds", "features")
	watch.err.await(t, 1, "^watching")
	loop := start(t, "replay", good, "--nats", url, "--loop", "--speed", "max", "--json")
	watch.out.await(t, 5, "^replay +features")
	loop.stop()
	require.Zero(t, loop.wait(t), loop.err.String())
	require.Empty(t, loop.err.String())
	require.Greater(t, object(t, loop.out.String())["recordings"], 1.0)

	// One that is interrupted has not done what it was to do, and says how far it came.
	slow := start(t, "replay", good, "--nats", url, "--speed", "0.001", "--sensor", "slow")
	watch.out.await(t, 1, "^slow +features")
	slow.stop()
	require.Equal(t, 1, slow.wait(t))
	require.Regexp(t, `^0 recordings, [\d,]+ events in [\d,]+ messages? acknowledged in `, slow.out.String())
	require.Equal(t, "saccade: interrupted\n", slow.err.String())

	// Damaged recordings: the others are replayed, these are named.
	cut := recording(t, dir, "cut.bin", 100)
	require.NoError(t, os.Truncate(cut, 252))
	empty := filepath.Join(dir, "empty.bin")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	code, stdout, stderr := run(t, "replay", empty, cut, good, "--nats", url, "--speed", "max", "--json")
	require.Equal(t, 1, code)
	require.Contains(t, stderr, cut+": nmnist at byte 250: expected an event of 5 bytes, found the end of the file after 2")
	require.Contains(t, stderr, empty+": the file is empty")
	require.Equal(t, 2050.0, object(t, stdout)["events"])

	// Folders and files that give nothing.
	for _, path := range []string{filepath.Join(dir, "missing"), t.TempDir()} {
		code, stdout, stderr = run(t, "replay", path, "--nats", url)
		require.Equal(t, 1, code)
		require.Empty(t, stdout)
		require.Contains(t, stderr, path)
	}

	// A sensor that is larger than its file says.
	wide := filepath.Join(dir, "wide.bin")
	require.NoError(t, os.WriteFile(wide, append([]byte{200, 100, 0, 0, 1}, content1000()...), 0o600))
	code, _, stderr = run(t, "replay", wide, "--nats", url, "--speed", "max")
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "give --geometry")
	done(t, "replay", wide, "--nats", url, "--speed", "max", "--geometry", "240x180", "--sensor", "wide")
}

// content1000 is a recording of 1,000 events, later than 1 us.
func content1000() []byte {
	var b []byte
	for i := range 1000 {
		t := 10 * (i + 1)
		b = append(b, byte(i%34), byte(i%33), byte(0x80*(i%2)|t>>16), byte(t>>8), byte(t))
	}
	return b
}

// recording writes a recording of n events, n at most 8,000, and gives its path.
func recording(t *testing.T, dir, name string, n int) string {
	t.Helper()
	var b []byte
	for i := range n {
		b = append(b, byte(i%34), byte(i%33), byte(0x80*(i%2)|10*i>>16), byte(10*i>>8), byte(10*i))
	}
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, b, 0o600))
	return path
}

func TestNobodyServes(t *testing.T) {
	file := recording(t, t.TempDir(), "a.bin", 100)
	for _, args := range [][]string{
		{"watch", "--nats", "nats://127.0.0.1:1"},
		{"replay", file, "--nats", "nats://127.0.0.1:1"},
		{"serve", "--nats", "nats://127.0.0.1:1"},
	} {
		code, stdout, stderr := run(t, args...)
		require.Equal(t, 1, code, "%v", args)
		require.Empty(t, stdout)
		require.Contains(t, stderr, "saccade: no NATS server at nats://127.0.0.1:1")
	}
	code, _, stderr := run(t, "watch", "--nats", "http://127.0.0.1:1")
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "expected an address such as nats://host:4222")
}

func TestServeCannotStart(t *testing.T) {
	dir := t.TempDir()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	code, stdout, stderr := run(t, "serve", "--port", port, "--data-dir", filepath.Join(dir, "a"))
	require.Equal(t, 1, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, "address already in use")

	d, _ := serve(t, "--data-dir", filepath.Join(dir, "b"))
	code, _, stderr = run(t, "serve", "--port", "-1", "--data-dir", filepath.Join(dir, "b"))
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "in use by another saccade")
	d.stop()
	require.Zero(t, d.wait(t))

	// Told to stop before it had started: that is no failure.
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var log bytes.Buffer
	require.Zero(t, command.Run(ctx, []string{"serve", "--port", "-1", "--data-dir", filepath.Join(dir, "c")}, io.Discard, &log), log.String())
}

// Whatever takes long ends soon when it is interrupted, with code 1 and a word.
func TestInterrupted(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", filepath.Join(dir, "tmp"))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "tmp"), 0o700))
	out := filepath.Join(dir, "out")

	demo := start(t, "demo", "--train", "2000", "--test", "10", "--out", filepath.Join(dir, "report"))
	found := func() bool { // the simulation has begun
		files, err := filepath.Glob(filepath.Join(dir, "tmp", "saccade-demo-*", "recordings", "Train", "*", "*.bin"))
		return err == nil && len(files) > 0
	}
	require.Eventually(t, found, patience, 5*time.Millisecond)
	demo.stop()
	require.Equal(t, 1, demo.wait(t))
	require.Contains(t, demo.err.String(), "saccade: interrupted\n")
	left, err := os.ReadDir(filepath.Join(dir, "tmp"))
	require.NoError(t, err)
	require.Empty(t, left, "temporary folders")

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	data := filepath.Join(dir, "data", "3")
	require.NoError(t, os.MkdirAll(data, 0o700))
	recording(t, data, "a.bin", 100)
	for _, args := range [][]string{
		{"simulate", filepath.Join(dir, "more")},
		{"inspect", filepath.Join(data, "a.bin")},
		{"train", "feast", filepath.Dir(data), "-o", out},
		{"demo", "--out", filepath.Join(dir, "report")},
	} {
		var stdout, stderr bytes.Buffer
		require.Equal(t, 1, command.Run(ctx, args, &stdout, &stderr), "%v", args)
		require.Empty(t, stdout.String())
		require.Regexp(t, `(^|\n)saccade: interrupted\n$`, stderr.String(), "%v", args)
	}
	require.NoFileExists(t, out)
}

// A folder with more damage than anybody reads is told in a few lines.
func TestManyErrors(t *testing.T) {
	dir := t.TempDir()
	_, url := serve(t, "--data-dir", filepath.Join(dir, "state"))
	args := []string{"replay", "--nats", url, "--speed", "max"}
	for i := range 100 {
		path := filepath.Join(dir, fmt.Sprintf("%02d.bin", i))
		require.NoError(t, os.WriteFile(path, nil, 0o600))
		args = append(args, path)
	}
	code, _, stderr := run(t, args...)
	require.Equal(t, 1, code)
	told := strings.Split(strings.TrimSuffix(stderr, "\n"), "\n")
	require.Len(t, told, 13)
	require.Contains(t, told[0], "saccade: "+filepath.Join(dir, "00.bin")+": the file is empty")
	require.Equal(t, "  and 88 more", told[12])
	require.True(t, slices.IsSorted(told[1:12]), stderr)
}
