package inspect_test

import (
	"context"
	"crypto/sha3"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	_ "github.com/saccade-dev/saccade/events/aedat2"
	_ "github.com/saccade-dev/saccade/events/aedat31"
	_ "github.com/saccade-dev/saccade/events/aedat4"
	_ "github.com/saccade-dev/saccade/events/dat"
	_ "github.com/saccade-dev/saccade/events/es"
	_ "github.com/saccade-dev/saccade/events/evt2"
	_ "github.com/saccade-dev/saccade/events/evt21"
	_ "github.com/saccade-dev/saccade/events/evt3"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/inspect"
	_ "github.com/saccade-dev/saccade/events/nmnist"
	_ "github.com/saccade-dev/saccade/events/npy"
	_ "github.com/saccade-dev/saccade/events/text"
)

// put encodes an event as N-MNIST does.
func put(b []byte, t uint32, x, y, on byte) []byte {
	return append(b, x, y, on<<7|byte(t>>16), byte(t>>8), byte(t))
}

// overflow is a mark that time has run over by 2^13 us.
func overflow(b []byte) []byte { return put(b, 0, 0, 240, 0) }

func recording(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "recording.bin")
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

// rising is n events, one each 10 us, every third ON.
func rising(n int) []byte {
	var b []byte
	for i := range n {
		on := byte(0)
		if i%3 == 0 {
			on = 1
		}
		b = put(b, uint32(10*i), byte(i%30), byte(i%20), on)
	}
	return b
}

func inspected(t *testing.T, content []byte, o events.OpenOptions) *inspect.Summary {
	t.Helper()
	s, err := inspect.File(t.Context(), recording(t, content), o, false)
	require.NoError(t, err)
	return s
}

func TestCounters(t *testing.T) {
	// Longer than a packet, so that what spans two is counted too.
	const n = 10_000
	s := inspected(t, rising(n), events.OpenOptions{})
	require.Equal(t, "recording.bin", filepath.Base(s.File))
	require.Equal(t, "nmnist", s.Format)
	require.Equal(t, events.Geometry{Width: 34, Height: 34}, s.Geometry)
	require.Equal(t, int64(n), s.Events)
	require.Equal(t, int64(3334), s.On)
	require.Equal(t, &events.Event{T: 0, X: 0, Y: 0, P: events.On}, s.First)
	require.Equal(t, &events.Event{T: 99_990, X: 9999 % 30, Y: 9999 % 20, P: events.On}, s.Last)
	require.Equal(t, int64(99_990), s.Duration())
	require.Equal(t, uint16(29), s.MaxX)
	require.Equal(t, uint16(19), s.MaxY)
	require.Zero(t, s.BackwardSteps)
	require.Empty(t, s.Skipped)
	require.Nil(t, s.Digest)
}

// A step back is counted wherever it lies, also between two packets.
func TestBackwardSteps(t *testing.T) {
	const n = 3 * events.DefaultPacketEvents
	for _, at := range []int{2, 100, events.DefaultPacketEvents - 1, events.DefaultPacketEvents, events.DefaultPacketEvents + 1, n - 1} {
		b := rising(n)
		copy(b[5*at:], put(nil, uint32(10*(at-1)-1), 3, 3, 0)) // 1 us before the one before it
		s := inspected(t, b, events.OpenOptions{})
		require.Equal(t, int64(1), s.BackwardSteps, "at event %d", at)
		require.Equal(t, int64(n), s.Events)
	}
}

func TestSkippedIsCounted(t *testing.T) {
	b := rising(500)
	b = overflow(b)
	b = overflow(b)
	b = put(b, 1, 7, 8, 1)
	s := inspected(t, b, events.OpenOptions{})
	require.Equal(t, map[string]int64{"time overflow": 2}, s.Skipped)
	require.Equal(t, int64(501), s.Events)
	require.Equal(t, &events.Event{T: 2*8192 + 1, X: 7, Y: 8, P: events.On}, s.Last)
	require.Zero(t, s.BackwardSteps)
}

func TestGeometry(t *testing.T) {
	b := put(rising(100), 2000, 100, 90, 0)
	s := inspected(t, b, events.OpenOptions{})
	require.Zero(t, s.Geometry, "an event beyond 34x34: the file does not say how large the sensor is")
	require.Equal(t, uint16(100), s.MaxX)
	require.Equal(t, uint16(90), s.MaxY)

	s = inspected(t, b, events.OpenOptions{Geometry: events.Geometry{Width: 101, Height: 91}})
	require.Equal(t, events.Geometry{Width: 101, Height: 91}, s.Geometry)
}

// Damage in the middle: what stands before it is told, and the error says where.
func TestDamage(t *testing.T) {
	b := rising(6000)
	copy(b[5*5000:], put(nil, 50_000, 33, 3, 0))
	s, err := inspect.File(t.Context(), recording(t, b), events.OpenOptions{Geometry: events.Geometry{Width: 33, Height: 34}}, true)
	var damage *events.FormatError
	require.ErrorAs(t, err, &damage)
	require.Equal(t, int64(25_000), damage.Offset)
	require.ErrorContains(t, err, "recording.bin: nmnist at byte 25000: expected an event within 33x34 pixels, found x 33, y 3")
	require.Equal(t, int64(5000), s.Events)
	require.Equal(t, int64(49_990), s.Last.T)
	whole, err := inspect.File(t.Context(), recording(t, b[:25_000]), events.OpenOptions{}, true)
	require.NoError(t, err)
	require.Equal(t, whole.Digest, s.Digest, "the digest is of the events before the damage")

	s, err = inspect.File(t.Context(), recording(t, b[:25_003]), events.OpenOptions{}, false)
	require.ErrorAs(t, err, &damage)
	require.Equal(t, int64(25_000), damage.Offset)
	require.Equal(t, int64(5000), s.Events)
}

func TestCannotBeOpened(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		path string
		o    events.OpenOptions
		says string
	}{
		"missing": {filepath.Join(dir, "nothing"), events.OpenOptions{}, "no such file"},
		"folder":  {dir, events.OpenOptions{}, "is a folder"},
		"empty":   {recording(t, nil), events.OpenOptions{}, "the file is empty"},
		"format":  {recording(t, rising(100)), events.OpenOptions{Format: "evt9"}, `unknown format "evt9"`},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := inspect.File(t.Context(), c.path, c.o, true)
			require.ErrorContains(t, err, c.says)
			require.Equal(t, c.path, s.File)
			require.Zero(t, s.Events)
			require.Zero(t, s.Duration())
			// Even of such a file the object can be made.
			_, err = json.Marshal(s)
			require.NoError(t, err)
		})
	}
	_, err := inspect.File(t.Context(), filepath.Join(dir, "nothing"), events.OpenOptions{}, false)
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := inspect.File(ctx, recording(t, rising(100)), events.OpenOptions{}, false)
	require.ErrorIs(t, err, context.Canceled)
}

// The object's fields, their order and their values are what programs rely on.
func TestJSON(t *testing.T) {
	b := overflow(put(put(nil, 3, 1, 2, 1), 9, 4, 5, 0))
	b = put(b, 0, 33, 32, 0)
	path := recording(t, b)
	s, err := inspect.File(t.Context(), path, events.OpenOptions{}, true)
	require.NoError(t, err)
	got, err := json.Marshal(s)
	require.NoError(t, err)
	sum := func(field []byte) string {
		h := sha3.Sum224(field)
		return hex.EncodeToString(h[:])
	}
	le := binary.LittleEndian
	name, err := json.Marshal(path)
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf(`{"file":%s,"format":"nmnist","width":34,"height":34,"events":3,"on":1,`+
		`"first":{"t":3,"x":1,"y":2,"on":1},"last":{"t":8192,"x":33,"y":32,"on":0},"duration_us":8189,`+
		`"backward_steps":0,"skipped":{"time overflow":1},`+
		`"digest":{"t":"%s","x":"%s","y":"%s","on":"%s"}}`, name,
		sum(le.AppendUint64(le.AppendUint64(le.AppendUint64(nil, 3), 9), 8192)),
		sum(le.AppendUint16(le.AppendUint16(le.AppendUint16(nil, 1), 4), 33)),
		sum(le.AppendUint16(le.AppendUint16(le.AppendUint16(nil, 2), 5), 32)),
		sum([]byte{1, 0, 0})), string(got))

	// Without a digest, and without a geometry.
	s, err = inspect.File(t.Context(), recording(t, put(nil, 3, 200, 2, 1)), events.OpenOptions{}, false)
	require.NoError(t, err)
	s.File = "a"
	got, err = json.Marshal(s)
	require.NoError(t, err)
	require.Equal(t, `{"file":"a","format":"nmnist","width":null,"height":null,"events":1,"on":1,`+
		`"first":{"t":3,"x":200,"y":2,"on":1},"last":{"t":3,"x":200,"y":2,"on":1},"duration_us":0,`+
		`"backward_steps":0,"skipped":{}}`, string(got))
}

// readFolders are those of the recordings whose formats are read.
var readFolders = []string{"aedat2", "aedat31", "aedat4", "dat", "es", "evt2", "evt21", "evt3", "nmnist40", "npy", "text"}

// Real recordings, found out by their content, against what others found in them.
func TestRealRecordings(t *testing.T) {
	data, rows := formattest.Table(t)
	found := 0
	for _, row := range rows {
		folder := path.Base(path.Dir(row.Path()))
		if !slices.Contains(readFolders, folder) || !row.Listed() {
			continue
		}
		found++
		t.Run(folder+"/"+path.Base(row.Path()), func(t *testing.T) {
			s, err := inspect.File(t.Context(), filepath.Join(data, filepath.FromSlash(row.Path())), events.OpenOptions{}, true)
			if strings.Contains(strings.ToLower(row.Format()), "generic") {
				require.ErrorContains(t, err, "found generic events")
				return
			}
			if !strings.Contains(row.Path(), "truncated") {
				require.NoError(t, err)
			}
			event := func(e *events.Event) string { return fmt.Sprintf("%d %d %d %d", e.T, e.X, e.Y, e.P) }
			want := map[string]string{
				"events": fmt.Sprint(s.Events), "first(t_us x y on)": event(s.First), "last(t_us x y on)": event(s.Last),
				"on": fmt.Sprint(s.On), "backward_t_steps": fmt.Sprint(s.BackwardSteps),
				"sha3_224(t u64le)": s.Digest.T, "sha3_224(x u16le)": s.Digest.X, "sha3_224(y u16le)": s.Digest.Y, "sha3_224(p u8)": s.Digest.P,
			}
			if s.Geometry.Known() {
				want["width x height"] = fmt.Sprintf("%dx%d", s.Geometry.Width, s.Geometry.Height)
			}
			for column, v := range want {
				require.Equal(t, row[column], v, column)
			}
		})
	}
	require.GreaterOrEqual(t, found, 20, "recordings of these formats")
}
