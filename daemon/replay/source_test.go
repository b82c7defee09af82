package replay

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	_ "github.com/saccade-dev/saccade/events/mono"
	_ "github.com/saccade-dev/saccade/events/nmnist"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func touch(t testing.TB, root string, names ...string) {
	t.Helper()
	for _, name := range names {
		path := filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, nil, 0o644))
	}
}

func TestSources(t *testing.T) {
	root := t.TempDir()
	touch(t, root, "3/b.bin", "3/a.BIN", "10/x.bin", "top.bin", "deep/er/4/y.bin",
		".hidden/a.bin", "3/.b.bin", "3/notes.txt", "3/noextension", "empty/.keep")
	at := func(name string) string { return filepath.Join(root, filepath.FromSlash(name)) }
	got, err := Sources([]string{root})
	require.NoError(t, err)
	require.Equal(t, []Source{
		{at("10/x.bin"), "10/x.bin", "10"},
		{at("3/a.BIN"), "3/a.BIN", "3"},
		{at("3/b.bin"), "3/b.bin", "3"},
		{at("deep/er/4/y.bin"), "deep/er/4/y.bin", "4"},
		{at("top.bin"), "top.bin", ""},
	}, got)

	// A file that is named is taken whatever its name, several paths in their order.
	got, err = Sources([]string{at("3/notes.txt"), at("3/.b.bin"), at("10")})
	require.NoError(t, err)
	require.Equal(t, []Source{
		{at("3/notes.txt"), "notes.txt", ""},
		{at("3/.b.bin"), ".b.bin", ""},
		{at("10/x.bin"), "x.bin", ""},
	}, got)

	// A link that is named is what it leads to, and so is a hidden folder.
	link := at("link")
	require.NoError(t, os.Symlink(at("deep/er"), link))
	got, err = Sources([]string{link, at(".hidden")})
	require.NoError(t, err)
	require.Equal(t, []Source{
		{filepath.Join(link, "4", "y.bin"), "4/y.bin", "4"},
		{at(".hidden/a.bin"), "a.bin", ""},
	}, got)

	// Labels may lie elsewhere.
	linked := t.TempDir()
	require.NoError(t, os.Symlink(at("3"), filepath.Join(linked, "5")))
	got, err = Sources([]string{linked})
	require.NoError(t, err)
	require.Equal(t, []Source{
		{filepath.Join(linked, "5", "a.BIN"), "5/a.BIN", "5"},
		{filepath.Join(linked, "5", "b.bin"), "5/b.bin", "5"},
	}, got)
	require.NoError(t, os.Symlink(linked, at("3/back")))
	_, err = Sources([]string{linked})
	require.ErrorContains(t, err, "5/back: a link to a folder below one: expected a folder")

	_, err = Sources([]string{at("10"), at("empty")})
	require.ErrorContains(t, err, at("empty"))
	require.ErrorContains(t, err, "found none")
	_, err = Sources([]string{at("nowhere")})
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, at("nowhere"))
	got, err = Sources(nil)
	require.NoError(t, err)
	require.Empty(t, got)
}

func TestShuffle(t *testing.T) {
	var in []Source
	for _, name := range strings.Split("abcdefghijklmnop", "") {
		in = append(in, Source{Recording: name})
	}
	a, b, c := slices.Clone(in), slices.Clone(in), slices.Clone(in)
	Shuffle(a, 1)
	Shuffle(b, 1)
	Shuffle(c, 2)
	require.Equal(t, a, b)
	require.NotEqual(t, a, c)
	require.NotEqual(t, in, a)
	require.ElementsMatch(t, in, a)
}

// pieces is a reader that gives events in packets of the sizes that it is told,
// and an error behind them.
type pieces struct {
	events []events.Event
	sizes  []int
	err    error
	with   bool // the error comes with the last events
}

func (p *pieces) Header() events.Header     { return events.Header{} }
func (p *pieces) Skipped() map[string]int64 { return nil }

func (p *pieces) Read(to *events.Packet) error {
	to.Reset()
	if len(p.events) == 0 {
		return p.err
	}
	n := min(len(p.events), to.Room())
	if len(p.sizes) > 0 {
		n = min(n, p.sizes[0])
		p.sizes = p.sizes[1:]
	}
	to.Events = append(to.Events, p.events[:n]...)
	p.events = p.events[n:]
	if len(p.events) == 0 && p.with && !errors.Is(p.err, io.EOF) {
		return p.err
	}
	return nil
}

// Chunks hold all events in their order, as many as the bounds allow, and the last
// one is known as such.
func TestCutter(t *testing.T) {
	damage := errors.New("damaged")
	rapid.Check(t, func(rt *rapid.T) {
		var in []events.Event
		at := int64(0)
		for range rapid.IntRange(0, 60).Draw(rt, "events") {
			at += int64(rapid.SampledFrom([]int{0, 1, 3, 10, 50, -2, -100}).Draw(rt, "step"))
			in = append(in, events.Event{T: at, X: uint16(len(in))})
		}
		r := &pieces{
			events: slices.Clone(in), err: rapid.SampledFrom([]error{io.EOF, damage}).Draw(rt, "error"),
			sizes: rapid.SliceOfN(rapid.IntRange(0, 9), 0, 20).Draw(rt, "sizes"), with: rapid.Bool().Draw(rt, "with"),
		}
		c := &cutter{
			reader: r, maxEvents: rapid.IntRange(1, 12).Draw(rt, "most"), maxTime: rapid.SampledFrom([]int64{0, 1, 5, 40}).Draw(rt, "time"),
			packet: events.NewPacket(rapid.IntRange(1, 20).Draw(rt, "packet")), timeOffset: rapid.Int64Range(0, 1000).Draw(rt, "offset"),
		}
		fits := func(chunk []events.Event) bool {
			return len(chunk) <= c.maxEvents && (c.maxTime == 0 || !slices.ContainsFunc(chunk, func(e events.Event) bool {
				return e.T < chunk[0].T || e.T >= chunk[0].T+c.maxTime
			}))
		}
		done := 0
		for {
			got, err := c.next(t.Context())
			if err != nil {
				require.ErrorIs(t, err, io.EOF)
				break
			}
			n := len(got.events)
			require.NotZero(t, n)
			for i, e := range got.events {
				require.Equal(t, in[done+i].T+c.timeOffset, e.T)
				require.Equal(t, in[done+i].X, e.X)
			}
			require.True(t, fits(in[done:done+n]))
			if done+n < len(in) {
				require.False(t, fits(in[done:done+n+1]), "there was room for another one")
			}
			done += n
			require.Equal(t, done == len(in), got.last)
		}
		require.Equal(t, len(in), done)
		if errors.Is(r.err, io.EOF) {
			require.NoError(t, c.damage)
		} else {
			require.Equal(t, damage, c.damage)
		}
		_, err := c.next(t.Context())
		require.ErrorIs(t, err, io.EOF)
	})
}
