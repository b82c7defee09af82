package replay

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/events"
)

var geometry = events.Geometry{Width: 34, Height: 34}

// ramp is n events, gap microseconds apart from 0 on.
func ramp(n int, gap int64) []events.Event {
	out := make([]events.Event, n)
	for i := range out {
		out[i] = events.Event{T: int64(i) * gap, X: uint16(i % 34), Y: uint16(i / 34 % 34), P: events.Polarity(i % 2)}
	}
	return out
}

// write writes a recording.
func write(t testing.TB, dir, name string, in []events.Event) Source {
	t.Helper()
	format, err := events.FormatByName("nmnist")
	require.NoError(t, err)
	path := filepath.Join(dir, filepath.FromSlash(name))
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	f, err := os.Create(path)
	require.NoError(t, err)
	w, err := format.NewWriter(f, events.Header{Format: format.Name, Geometry: geometry})
	require.NoError(t, err)
	require.NoError(t, w.Write(in))
	require.NoError(t, w.Close())
	require.NoError(t, f.Close())
	return Source{Path: path, Recording: name, Truth: "truth of " + name}
}

// change rewrites a recording's bytes.
func change(t testing.TB, s Source, f func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(s.Path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(s.Path, f(b), 0o644))
}

func testOptions() Options {
	return Options{
		Subject: "test.a.events", Encoding: "mono", PacketEvents: 10, Window: 4,
		AckTimeout: time.Second, GiveUp: 10 * time.Second,
	}
}

// decode reads a message back.
func decode(t testing.TB, h bus.EventsHeader, data []byte) []events.Event {
	t.Helper()
	e, err := events.EncodingByName(h.Encoding)
	require.NoError(t, err)
	p := events.NewPacket(1 << 16)
	n, err := e.NewDecoder().Decode(h.Message(), data, p)
	require.NoError(t, err)
	require.Len(t, data, n)
	return append([]events.Event(nil), p.Events...)
}

// made is a recording as it came out of messages.
type made struct {
	name, truth string
	events      []events.Event
	messages    int
	ended       bool
}

// gather puts messages together again. It checks what holds for all of them.
func gather(t testing.TB, in []*message) []made {
	t.Helper()
	var out []made
	for i, m := range in {
		require.EqualValues(t, i, m.header.Seq)
		require.True(t, m.header.HasSeq)
		require.True(t, m.header.HasOldest)
		require.Equal(t, "session", m.header.Session)
		if len(out) == 0 || out[len(out)-1].ended || out[len(out)-1].name != m.header.Recording {
			out = append(out, made{name: m.header.Recording, truth: m.header.Truth})
		}
		last := &out[len(out)-1]
		got := decode(t, m.header, m.data)
		require.Len(t, got, m.events)
		last.events = append(last.events, got...)
		last.messages++
		last.ended = m.header.End
	}
	return out
}

func newTestMaker(t testing.TB, sources []Source, o Options) *maker {
	t.Helper()
	e, err := events.EncodingByName(o.Encoding)
	require.NoError(t, err)
	m := newMaker(sources, o, e.NewEncoder(), "session")
	t.Cleanup(func() { _ = m.close() }) // for a test that has failed
	return m
}

func all(m *maker) (out []*message) {
	for {
		msg, err := m.next(context.Background())
		if err != nil {
			return out
		}
		out = append(out, msg)
	}
}

func TestMessagesOfRecordings(t *testing.T) {
	dir := t.TempDir()
	sources := []Source{
		write(t, dir, "a", ramp(25, 100)), write(t, dir, "b", ramp(1, 0)), write(t, dir, "c", ramp(10, 7)), write(t, dir, "d", ramp(11, 7)),
	}
	for _, encoding := range []string{"mono", "nmnist"} {
		o := testOptions()
		o.Encoding = encoding
		var told []made
		o.OnMake = func(s Source, in []events.Event, last bool) {
			if len(told) == 0 || told[len(told)-1].ended {
				told = append(told, made{name: s.Recording, truth: s.Truth})
			}
			at := &told[len(told)-1]
			at.events = append(at.events, in...)
			at.messages++
			at.ended = last
		}
		m := newTestMaker(t, sources, o)
		want := []made{
			{"a", "truth of a", ramp(25, 100), 3, true},
			{"b", "truth of b", ramp(1, 0), 1, true},
			{"c", "truth of c", ramp(10, 7), 1, true},
			{"d", "truth of d", ramp(11, 7), 2, true},
		}
		require.Equal(t, want, gather(t, all(m)))
		require.Equal(t, want, told)
		require.NoError(t, m.close())
		require.Empty(t, all(m))
	}
}

// Messages are as long in time as they are told to be.
func TestMessagesByTime(t *testing.T) {
	o := testOptions()
	o.PacketEvents, o.PacketTime = 1000, time.Millisecond
	m := newTestMaker(t, []Source{write(t, t.TempDir(), "a", ramp(25, 100))}, o)
	got := gather(t, all(m))
	require.Equal(t, 3, got[0].messages)
	require.Equal(t, ramp(25, 100), got[0].events)
}

// Damage ends its recording; what is before it and the other recordings are
// replayed, and all damage is told at the end.
func TestDamagedRecordings(t *testing.T) {
	dir := t.TempDir()
	truncated := write(t, dir, "truncated", ramp(25, 10))
	change(t, truncated, func(b []byte) []byte { return b[:len(b)-2] })
	outside := write(t, dir, "outside", ramp(25, 10))
	change(t, outside, func(b []byte) []byte { b[5*12] = 200; return b })
	first := write(t, dir, "first", ramp(25, 10))
	change(t, first, func(b []byte) []byte { b[0] = 200; return b })
	empty := write(t, dir, "empty", nil)
	garbage := write(t, dir, "garbage", ramp(25, 10))
	change(t, garbage, func([]byte) []byte { return []byte(strings.Repeat("not events\n", 100)) })
	long := write(t, dir, "long", ramp(3, 10))
	long.Recording = strings.Repeat("x", bus.MaxRecordingName+1)
	line := write(t, dir, "line", ramp(3, 10))
	line.Recording = "two\r\nlines"
	good := write(t, dir, "good", ramp(3, 10))
	missing := Source{Path: filepath.Join(dir, "missing"), Recording: "missing"}

	o := testOptions()
	o.Geometry = geometry
	m := newTestMaker(t, []Source{truncated, empty, outside, garbage, first, long, missing, line, good}, o)
	require.Equal(t, []made{
		{"truncated", "truth of truncated", ramp(25, 10)[:24], 3, true},
		{"outside", "truth of outside", ramp(25, 10)[:12], 2, true},
		{"good", "truth of good", ramp(3, 10), 1, true},
	}, gather(t, all(m)))
	err := m.close()
	require.Error(t, err)
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, 8)
	for i, want := range []string{"found the end of the file after 3", "empty", "byte 60: expected an event within 34x34", "no known recording format", "byte 0: expected an event within 34x34", "at most 256 bytes", "missing", "printable"} {
		require.Contains(t, lines[i], want)
	}
	for i, s := range []Source{truncated, empty, outside, garbage, first, long, missing, line} {
		require.Contains(t, lines[i], s.Path)
	}
	require.ErrorIs(t, err, os.ErrNotExist)
	var fe *events.FormatError
	require.ErrorAs(t, err, &fe)
	var he *bus.HeaderError
	require.ErrorAs(t, err, &he)
}

// A recording that does not say how large its sensor is needs to be told, and the
// others do not.
func TestUnknownGeometry(t *testing.T) {
	dir := t.TempDir()
	big := ramp(30, 10)
	big[14].X = 100 // N-MNIST files do not say, and it is not N-MNIST's
	sources := []Source{write(t, dir, "big", big), write(t, dir, "good", ramp(3, 10))}
	m := newTestMaker(t, sources, testOptions())
	got := gather(t, all(m))
	require.Equal(t, "good", got[len(got)-1].name)
	require.Equal(t, ramp(3, 10), got[len(got)-1].events)
	for _, r := range got {
		require.True(t, r.ended)
	}
	require.ErrorContains(t, m.close(), "--geometry")

	o := testOptions()
	o.Geometry = events.Geometry{Width: 101, Height: 34}
	m = newTestMaker(t, sources, o)
	got = gather(t, all(m))
	require.Equal(t, big, got[0].events)
	require.NoError(t, m.close())
}

// picky is an encoder that takes at most two events, and not every one.
type picky struct {
	events.Encoder
	refuses uint16 // an X
}

func (p picky) Encode(h events.MessageHeader, dst []byte, in []events.Event) ([]byte, int, error) {
	for i, e := range in[:min(2, len(in))] {
		if e.X == p.refuses {
			dst, n, err := p.Encoder.Encode(h, dst, in[:i])
			return dst, n, errors.Join(err, fmt.Errorf("x %d is one too many", e.X))
		}
	}
	return p.Encoder.Encode(h, dst, in[:min(2, len(in))])
}

// An encoding that takes less than a chunk gets more messages; where it refuses an
// event, the recording ends there, and is told to have.
func TestEncodingRefuses(t *testing.T) {
	dir := t.TempDir()
	sources := []Source{write(t, dir, "a", ramp(15, 10)), write(t, dir, "b", ramp(2, 10))}
	for refused, want := range map[uint16][]made{
		99: {{"a", "truth of a", ramp(15, 10), 8, true}, {"b", "truth of b", ramp(2, 10), 1, true}},
		7:  {{"a", "truth of a", ramp(7, 10), 4, true}, {"b", "truth of b", ramp(2, 10), 1, true}},
		4:  {{"a", "truth of a", ramp(4, 10), 3, true}, {"b", "truth of b", ramp(2, 10), 1, true}}, // an end with no events
		10: {{"a", "truth of a", ramp(10, 10), 6, true}, {"b", "truth of b", ramp(2, 10), 1, true}},
		1:  {{"a", "truth of a", ramp(1, 10), 1, true}, {"b", "truth of b", ramp(1, 10), 1, true}},
		0:  nil,
	} {
		m := newTestMaker(t, sources, testOptions())
		m.encoder = picky{m.encoder, refused}
		require.Equal(t, want, gather(t, all(m)), "%d", refused)
		if refused == 99 {
			require.NoError(t, m.close())
			continue
		}
		require.ErrorContains(t, m.close(), sources[0].Path+": x ")
	}
}

// A loop carries time on, in every recording, and names a damaged one once.
func TestLoop(t *testing.T) {
	dir := t.TempDir()
	damaged := write(t, dir, "damaged", ramp(5, 100))
	change(t, damaged, func(b []byte) []byte { return b[:len(b)-1] })
	o := testOptions()
	o.Loop = true
	m := newTestMaker(t, []Source{write(t, dir, "a", ramp(25, 100)), damaged, write(t, dir, "empty", nil)}, o)
	const rounds = 20
	var in []*message
	for range rounds * 4 {
		msg, err := m.next(t.Context())
		require.NoError(t, err)
		in = append(in, msg)
	}
	got := gather(t, in)
	require.Len(t, got, 2*rounds)
	for round := range rounds {
		offset := int64(round) * 2401 // a recording is 2400 us long
		for i, e := range got[2*round].events {
			require.Equal(t, int64(i)*100+offset, e.T)
		}
		for i, e := range got[2*round+1].events {
			require.Equal(t, int64(i)*100+offset, e.T)
		}
		require.Len(t, got[2*round].events, 25)
		require.Len(t, got[2*round+1].events, 4)
	}
	require.Len(t, strings.Split(m.close().Error(), "\n"), 2)

	// Where nothing comes there is no loop.
	m = newTestMaker(t, []Source{{Path: filepath.Join(dir, "missing")}}, o)
	require.Empty(t, all(m))
	require.ErrorIs(t, m.close(), os.ErrNotExist)
	m = newTestMaker(t, nil, o)
	require.Empty(t, all(m))
	require.NoError(t, m.close())
}
