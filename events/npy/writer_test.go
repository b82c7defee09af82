package npy_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/npy"
)

func write(t require.TestingT, name string, out io.Writer, in []events.Event, split int) {
	w, err := formattest.Format(t, name).NewWriter(out, events.Header{Geometry: events.Geometry{Width: 640, Height: 480}})
	require.NoError(t, err)
	require.NoError(t, w.Write(in[:split]))
	require.NoError(t, w.Write(in[split:]))
	require.NoError(t, w.Close())
	require.NoError(t, w.Close(), "a second time does nothing")
}

func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{npy.Name, npy.NameZip}).Draw(t, "format")
		in := rapid.SliceOf(rapid.Custom(func(t *rapid.T) events.Event {
			return events.Event{
				T: rapid.Int64().Draw(t, "t"), X: rapid.Uint16Range(0, 4095).Draw(t, "x"), Y: rapid.Uint16Range(0, 4095).Draw(t, "y"),
				P: events.Polarity(rapid.IntRange(0, 1).Draw(t, "p")),
			}
		})).Draw(t, "events")
		split := rapid.IntRange(0, len(in)).Draw(t, "split")
		var b bytes.Buffer
		write(t, name, &b, in, split)
		content := b.Bytes()

		// Where it can be gone back in, the same file comes out.
		f, err := os.Create(filepath.Join(dir, "events"))
		require.NoError(t, err)
		write(t, name, f, in, split)
		require.NoError(t, f.Close())
		file, err := os.ReadFile(filepath.Join(dir, "events"))
		require.NoError(t, err)
		require.Equal(t, content, file)

		require.NoError(t, formattest.Format(t, name).Detect(content[:min(len(content), events.DetectBytes)], int64(len(content))))
		r, err := formattest.Format(t, name).NewReader(&b, events.Geometry{})
		require.NoError(t, err)
		out, damage, end := formattest.ReadAll(t, r, rapid.IntRange(1, 50).Draw(t, "capacity"))
		require.ErrorIs(t, end, io.EOF)
		require.Empty(t, damage)
		require.Equal(t, in, append([]events.Event{}, out...))
	})
}

func TestWriteGolden(t *testing.T) {
	var b bytes.Buffer
	write(t, npy.Name, &b, want, 1)
	require.Equal(t, three(), b.Bytes(), "what numpy.save writes")
	b.Reset()
	write(t, npy.NameZip, &b, want, 1)
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	require.NoError(t, err)
	require.Len(t, z.File, 1)
	require.Equal(t, "events.npy", z.File[0].Name)
	m, err := z.File[0].Open()
	require.NoError(t, err)
	content, err := io.ReadAll(m)
	require.NoError(t, err)
	require.Equal(t, three(), content)
}

// More than a buffer, into a file that something stands in before.
func TestWriteLong(t *testing.T) {
	in := make([]events.Event, 30_001)
	for i := range in {
		in[i] = events.Event{T: int64(i), X: uint16(i % 640), Y: uint16(i % 480), P: events.Polarity(i % 2)}
	}
	f, err := os.Create(filepath.Join(t.TempDir(), "events.npy"))
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	_, err = f.WriteString("before")
	require.NoError(t, err)
	write(t, npy.Name, f, in, 12_345)
	end, err := f.Seek(0, io.SeekCurrent)
	require.NoError(t, err)
	require.Equal(t, int64(6+128+13*len(in)), end, "at the end, for whoever writes on")
	_, err = f.Seek(6, io.SeekStart)
	require.NoError(t, err)
	r, err := formattest.Format(t, npy.Name).NewReader(f, events.Geometry{})
	require.NoError(t, err)
	out, damage, last := formattest.ReadAll(t, r, events.DefaultPacketEvents)
	require.ErrorIs(t, last, io.EOF)
	require.Empty(t, damage)
	require.Equal(t, in, out)
}

// A file that is only appended to cannot be put right at its beginning.
func TestAppend(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.npy")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	require.NoError(t, err)
	write(t, npy.Name, f, want, 2)
	require.NoError(t, f.Close())
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, three(), content)
}

func TestWriterRefuses(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	full := errors.New("the disk is full")
	for _, name := range []string{npy.Name, npy.NameZip} {
		w, err := formattest.Format(t, name).NewWriter(failingWriter{full}, events.Header{})
		require.NoError(t, err)
		require.ErrorContains(t, w.Write([]events.Event{{}, {X: 4096}}), "event 1: x 4096, y 0: expected an event within 4096x4096 pixels")
		require.ErrorContains(t, w.Write([]events.Event{{Y: 4096}}), "event 1: x 0, y 4096")
		require.NoError(t, w.Write(make([]events.Event, 20_000)), "they wait")
		require.ErrorIs(t, w.Close(), full)
	}
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	require.NoError(t, err)
	require.Empty(t, left, "what waited is gone")
	t.Setenv("TMPDIR", "/nonexistent")
	_, err = formattest.Format(t, npy.Name).NewWriter(failingWriter{full}, events.Header{})
	require.ErrorIs(t, err, os.ErrNotExist)
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func TestWriter(t *testing.T) {
	formattest.Writer(t, npy.Name, events.Geometry{}, want)
	formattest.Writer(t, npy.NameZip, events.Geometry{Width: 640, Height: 480}, want)
}
