package events_test

import (
	"bytes"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	_ "github.com/saccade-dev/saccade/events/mono"
	_ "github.com/saccade-dev/saccade/events/nmnist"
)

// file writes a file of the test's own and gives its path.
func file(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "recording.bin")
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

// recording is n events of 40 bits, one each 10 us.
func recording(n int) []byte {
	b := make([]byte, 0, 5*n)
	for i := range n {
		b = append(b, byte(i%34), byte(i%33), 0x80*byte(i%2)|byte(i*10>>16), byte(i*10>>8), byte(i*10))
	}
	return b
}

func TestOpen(t *testing.T) {
	for _, format := range []string{"", "nmnist"} {
		f, err := events.Open(file(t, recording(1000)), events.OpenOptions{Format: format})
		require.NoError(t, err)
		require.Equal(t, "nmnist", f.Format.Name)
		in, damage, err := formattest.ReadAll(t, f, 100)
		require.Equal(t, io.EOF, err)
		require.Empty(t, damage)
		require.Len(t, in, 1000)
		require.Equal(t, events.Event{T: 9990, X: 999 % 34, Y: 999 % 33, P: events.On}, in[999])
		require.Equal(t, events.Header{Format: "nmnist", Geometry: events.Geometry{Width: 34, Height: 34}}, f.Header())
		require.NoError(t, f.Close())
		require.ErrorIs(t, f.Close(), os.ErrClosed)
	}
}

func TestOpenRefuses(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	garbage := make([]byte, 10_000)
	for i := range garbage {
		garbage[i] = byte(rng.Uint32())
	}
	for name, c := range map[string]struct {
		content []byte
		options events.OpenOptions
		says    string
	}{
		"empty":              {nil, events.OpenOptions{}, "the file is empty: expected a recording"},
		"empty, by name":     {nil, events.OpenOptions{Format: "nmnist"}, "the file is empty: expected a recording"},
		"tiny":               {[]byte{1, 2, 0}, events.OpenOptions{}, "not nmnist: 3 bytes, and an event takes 5"},
		"garbage":            {garbage, events.OpenOptions{}, "no known recording format (not nmnist: time runs backwards in"},
		"zeros":              {make([]byte, 5000), events.OpenOptions{}, "repeat the one before them"},
		"ones":               {bytes.Repeat([]byte{0xff}, 5000), events.OpenOptions{}, "repeat the one before them"},
		"a line of text":     {[]byte("fifteen letters"), events.OpenOptions{}, "not nmnist: it is text"},
		"text":               {[]byte(strings.Repeat("0.003811 96 133 0\r\n", 300)), events.OpenOptions{}, "not nmnist: it is text"},
		"Prophesee RAW":      {append([]byte("% evt 3.0\n% end\n"), garbage...), events.OpenOptions{}, "looks like a Prophesee RAW or DAT file"},
		"gzip":               {append([]byte("\x1f\x8b\x08"), recording(100)...), events.OpenOptions{}, "looks like a gzip file"},
		"unknown format":     {recording(10), events.OpenOptions{Format: "evt9"}, `unknown format "evt9": known are nmnist`},
		"geometry":           {recording(10), events.OpenOptions{Geometry: events.Geometry{Width: 5000, Height: 34}}, "geometry 5000x34: expected sides from 1 to 4096"},
		"half of a geometry": {recording(10), events.OpenOptions{Geometry: events.Geometry{Width: 34}}, "geometry 34x0: expected sides from 1 to 4096"},
	} {
		t.Run(name, func(t *testing.T) {
			path := file(t, c.content)
			_, err := events.Open(path, c.options)
			require.ErrorContains(t, err, c.says)
			if name != "unknown format" {
				require.ErrorContains(t, err, path, "which file it was")
			}
		})
	}
}

// Without a signature, detection is a guess, which a name overrides.
func TestOpenByName(t *testing.T) {
	content := append(recording(10), recording(10)...) // time runs back
	for range 3 {
		content = append(content, content...)
	}
	_, err := events.Open(file(t, content), events.OpenOptions{})
	require.ErrorContains(t, err, "time runs backwards")
	f, err := events.Open(file(t, content), events.OpenOptions{Format: "nmnist"})
	require.NoError(t, err)
	in, damage, err := formattest.ReadAll(t, f, 100)
	require.Equal(t, io.EOF, err)
	require.Empty(t, damage)
	require.Len(t, in, len(content)/5)
	require.NoError(t, f.Close())
}

func TestOpenNoFile(t *testing.T) {
	dir := t.TempDir()
	_, err := events.Open(dir, events.OpenOptions{})
	require.EqualError(t, err, dir+": is a folder, not a recording")
	_, err = events.Open(filepath.Join(dir, "none.bin"), events.OpenOptions{})
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// A recording that was cut off gives its events and then says where it ends.
func TestTruncatedFile(t *testing.T) {
	path := file(t, recording(1000)[:4998])
	f, err := events.Open(path, events.OpenOptions{})
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	in, _, err := formattest.ReadAll(t, f, 100)
	require.Len(t, in, 999)
	require.EqualError(t, err, path+": nmnist at byte 4995: expected an event of 5 bytes, found the end of the file after 3")
	var fe *events.FormatError
	require.ErrorAs(t, err, &fe)
	require.True(t, fe.Fatal)
	again := f.Read(events.NewPacket(1))
	require.Equal(t, err, again, "a fatal error stays")
}

// An event where a format without a signature begins may look like the
// signature of another.
func TestFirstEventLooksLikeASignature(t *testing.T) {
	f, err := events.Open(file(t, append([]byte{'%', ' ', 0, 0, 0}, recording(100)...)), events.OpenOptions{})
	require.NoError(t, err)
	in, damage, err := formattest.ReadAll(t, f, 100)
	require.Equal(t, io.EOF, err)
	require.Empty(t, damage)
	require.Equal(t, events.Event{X: '%', Y: ' '}, in[0])
	require.Len(t, in, 101)
	require.NoError(t, f.Close())
}

// Not everything that can be opened has a size.
func TestOpenDevice(t *testing.T) {
	if _, err := os.Stat(os.DevNull); err != nil {
		t.Skip("no null device")
	}
	_, err := events.Open(os.DevNull, events.OpenOptions{})
	require.ErrorContains(t, err, "the file is empty")
}

func TestDigest(t *testing.T) {
	in := []events.Event{{T: 1, X: 2, Y: 3, P: events.On}, {T: -1, X: 65535, Y: 256, P: events.Off}, {T: 1 << 40}}
	whole := events.NewDigester()
	whole.Add(in)
	parts := events.NewDigester()
	parts.Add(nil)
	for i := range in {
		parts.Add(in[i : i+1])
	}
	require.Equal(t, whole.Sum(), parts.Sum(), "in whatever parts")
	again := whole.Sum()
	require.Equal(t, again, whole.Sum(), "Sum changes nothing")

	// SHA3-224 of nothing, from FIPS 202's test vectors.
	const empty = "6b4e03423667dbb73b6e15454f0eb1abd4597f9a1b078e3f5b5a6bc7"
	require.Equal(t, events.Digest{T: empty, X: empty, Y: empty, P: empty}, events.NewDigester().Sum())

	// A change shows in its field and in no other.
	base := whole.Sum()
	for i, change := range []func(e *events.Event){
		func(e *events.Event) { e.T++ }, func(e *events.Event) { e.X++ },
		func(e *events.Event) { e.Y++ }, func(e *events.Event) { e.P ^= 1 },
	} {
		changed := append([]events.Event(nil), in...)
		change(&changed[1])
		d := events.NewDigester()
		d.Add(changed)
		got := d.Sum()
		for j, equal := range []bool{got.T == base.T, got.X == base.X, got.Y == base.Y, got.P == base.P} {
			require.Equal(t, i != j, equal, "field %d, change of %d", j, i)
		}
	}
}

func BenchmarkDigester(b *testing.B) {
	in := make([]events.Event, events.DefaultPacketEvents)
	for i := range in {
		in[i] = events.Event{T: int64(i), X: uint16(i), Y: uint16(i >> 3), P: events.Polarity(i & 1)}
	}
	d := events.NewDigester()
	for b.Loop() {
		d.Add(in)
	}
	b.ReportMetric(float64(b.N)*float64(len(in))/b.Elapsed().Seconds(), "events/s")
}

// TestRealRecordings sees that files of other formats are never taken for one that has no
// signature. What they hold is compared where each format is read.
func TestRealRecordings(t *testing.T) {
	dir, rows := formattest.Table(t)
	read := 0
	for _, row := range rows {
		t.Run(row.Path(), func(t *testing.T) {
			f, err := events.Open(filepath.Join(dir, filepath.FromSlash(row.Path())), events.OpenOptions{})
			if !strings.HasSuffix(row.Format(), " bin") {
				// Of another format: read by that, or refused; never taken for this one.
				if err == nil {
					require.NotEqual(t, "nmnist", f.Format.Name)
					require.NoError(t, f.Close())
				}
				return
			}
			read++
			require.NoError(t, err)
			require.Equal(t, "nmnist", f.Format.Name)
			in, damage, end := formattest.ReadAll(t, f, events.DefaultPacketEvents)
			require.Equal(t, io.EOF, end)
			require.Empty(t, damage)
			for column, v := range formattest.Columns(in, f.Header().Geometry) {
				require.Equal(t, row[column], v, column)
			}
			require.NoError(t, f.Close())
		})
	}
	require.Equal(t, 2, read, "recordings of the N-MNIST family")
}
