package aedat4_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"

	flatbuffers "github.com/google/flatbuffers/go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/aedat4"
	"github.com/saccade-dev/saccade/events/formattest"
)

// What is written is read again, with its geometry, whatever the compression.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		side := rapid.IntRange(1, events.MaxSide)
		g := events.Geometry{Width: side.Draw(t, "width"), Height: side.Draw(t, "height")}
		n := rapid.OneOf(rapid.IntRange(0, 40), rapid.IntRange(8190, 8194)).Draw(t, "events")
		at := rapid.Int64Range(math.MinInt64, math.MaxInt64).Draw(t, "start")
		step := rapid.Int64Range(-30, 2000).Draw(t, "step")
		in := make([]events.Event, 0, n)
		for i := range n {
			in = append(in, events.Event{T: at, X: uint16(i * 7 % g.Width), Y: uint16(i * 13 % g.Height), P: events.Polarity(i * i >> 2 & 1)})
			at += step
		}
		if rapid.IntRange(0, 4).Draw(t, "kind") == 0 {
			g = events.Geometry{}
		}
		split := rapid.IntRange(0, n).Draw(t, "split")
		// ZSTDHigh is tested below: to make its encoder takes its time.
		b := writeAs(t, rapid.SampledFrom(all[:4]).Draw(t, "compression"), g, in[:split], in[split:])
		require.NoError(t, formattest.Format(t, aedat4.Name).Detect(b, int64(len(b))))
		r := formattest.NewReader(t, aedat4.Name, bytes.NewReader(b), events.Geometry{})
		require.Equal(t, g, r.Header().Geometry)
		out, damage, end := formattest.ReadAll(t, r, rapid.IntRange(1, 5000).Draw(t, "capacity"))
		require.ErrorIs(t, end, io.EOF)
		require.Empty(t, damage)
		require.Equal(t, in, append([]events.Event{}, out...))
	})
}

// The flatbuffers library reads what is written by hand.
func TestWritesFlatbuffers(t *testing.T) {
	b := writeAs(t, aedat4.None, davis240, wholeEvents)
	require.Equal(t, "#!AER-DAT4.0\r\n", string(b[:14]))
	size := flatbuffers.GetSizePrefix(b[14:], 0)
	head := b[18 : 18+size]
	require.True(t, flatbuffers.BufferHasIdentifier(head, "IOHE"))
	h := flatbuffers.Table{Bytes: head, Pos: flatbuffers.GetUOffsetT(head)}
	require.Equal(t, int64(-1), h.GetInt64Slot(6, 0))
	require.Contains(t, string(h.ByteVector(flatbuffers.UOffsetT(h.Offset(8))+h.Pos)), `<attr key="sizeX" type="int">240</attr>`)

	p := b[18+size:]
	require.Equal(t, int32(0), flatbuffers.GetInt32(p))
	require.Len(t, p, 8+int(flatbuffers.GetInt32(p[4:])))
	require.Zero(t, (8+4+28)%8, "events are aligned, from the packet's size on")
	require.Equal(t, uint32(len(p)-12), flatbuffers.GetSizePrefix(p, 8))
	p = p[12:]
	require.True(t, flatbuffers.BufferHasIdentifier(p, "EVTS"))
	e := flatbuffers.Table{Bytes: p, Pos: flatbuffers.GetUOffsetT(p)}
	field := flatbuffers.UOffsetT(e.Offset(4))
	require.Equal(t, len(wholeEvents), e.VectorLen(field))
	for i, want := range wholeEvents {
		at := e.Vector(field) + flatbuffers.UOffsetT(16*i)
		require.Equal(t, want, events.Event{
			T: e.GetInt64(at), X: e.GetUint16(at + 8), Y: e.GetUint16(at + 10), P: events.Polarity(e.GetByte(at + 12)),
		})
	}
}

type definition struct {
	offset       int64
	stream, size int32
	n, from, to  int64
}

// dataTable reads the table at the end of a file with the flatbuffers library.
func dataTable(t *testing.T, b []byte, decompress func([]byte) []byte) (at int64, out []definition) {
	head := b[18:]
	h := flatbuffers.Table{Bytes: head, Pos: flatbuffers.GetUOffsetT(head)}
	at = h.GetInt64Slot(6, -1)
	require.Positive(t, at)
	d := decompress(b[at:])
	require.Equal(t, uint32(len(d)-4), flatbuffers.GetSizePrefix(d, 0))
	d = d[4:]
	require.True(t, flatbuffers.BufferHasIdentifier(d, "FTAB"))
	e := flatbuffers.Table{Bytes: d, Pos: flatbuffers.GetUOffsetT(d)}
	field := flatbuffers.UOffsetT(e.Offset(4))
	for i := range e.VectorLen(field) {
		f := flatbuffers.Table{Bytes: d, Pos: e.Indirect(e.Vector(field) + flatbuffers.UOffsetT(4*i))}
		info := flatbuffers.UOffsetT(f.Offset(6)) + f.Pos
		out = append(out, definition{f.GetInt64Slot(4, 0), f.GetInt32(info), f.GetInt32(info + 4), f.GetInt64Slot(8, 0), f.GetInt64Slot(10, 0), f.GetInt64Slot(12, 0)})
	}
	return at, out
}

// A file that can be gone back in has its data table, as DV's own files have it.
func TestWritesDataTable(t *testing.T) {
	in := make([]events.Event, 20_000)
	for i := range in {
		in[i] = events.Event{T: int64(i + 5), X: uint16(i % 240), Y: uint16(i % 180)}
	}
	for _, c := range all {
		path := filepath.Join(t.TempDir(), "f.aedat4")
		f, err := os.Create(path)
		require.NoError(t, err)
		_, err = f.WriteString("before") // it need not start where the file does
		require.NoError(t, err)
		w, err := aedat4.NewWriter(f, events.Header{Geometry: davis240}, c)
		require.NoError(t, err)
		require.NoError(t, w.Write(in))
		require.NoError(t, w.Close())
		end, err := f.Seek(0, io.SeekCurrent)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Len(t, b, int(end), "what is written next comes behind")
		b = b[6:]
		out, damage, eof := formattest.ReadAll(t, formattest.NewReader(t, aedat4.Name, bytes.NewReader(b), events.Geometry{}), 1000)
		require.ErrorIs(t, eof, io.EOF)
		require.Empty(t, damage)
		require.Equal(t, in, out)
		checkTable(t, b, c, []definition{{n: 8192, from: 5, to: 8196}, {n: 8192, from: 8197, to: 16388}, {n: 3616, from: 16389, to: 20004}})
	}
}

// checkTable compares a file's data table with its packets and, where given, with numbers.
func checkTable(t *testing.T, b []byte, c aedat4.Compression, want []definition) {
	at, table := dataTable(t, b, func(d []byte) []byte { return decompress(t, c, d) })
	pos := int64(18 + flatbuffers.GetSizePrefix(b[14:], 0))
	for i, d := range table {
		require.Equal(t, flatbuffers.GetInt32(b[pos:]), d.stream)
		require.Equal(t, flatbuffers.GetInt32(b[pos+4:]), d.size)
		require.Equal(t, pos+8, d.offset, "packet %d", i)
		pos += 8 + int64(d.size)
		if want != nil {
			got := definition{n: d.n, from: d.from, to: d.to}
			require.Equal(t, want[i], got)
		}
	}
	require.Equal(t, at, pos)
	if want != nil {
		require.Len(t, table, len(want))
	}
}

// DV's own files have the table that is written here: its fields mean the same.
func TestRealDataTable(t *testing.T) {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("needs real recordings: set SACCADE_DATA to their folder")
	}
	b, err := os.ReadFile(filepath.Join(data, "recordings", "aedat4", "dvs128_lz4.aedat4"))
	require.NoError(t, err)
	checkTable(t, b, aedat4.LZ4, nil)
	in, _, _ := formattest.ReadAll(t, formattest.NewReader(t, aedat4.Name, bytes.NewReader(b), events.Geometry{}), 1000)
	_, table := dataTable(t, b, func(d []byte) []byte { return decompress(t, aedat4.LZ4, d) })
	for _, d := range table {
		require.Equal(t, []int64{d.from, d.to}, []int64{in[0].T, in[d.n-1].T})
		in = in[d.n:]
	}
	require.Empty(t, in)
}

func TestWriterRefuses(t *testing.T) {
	_, err := aedat4.NewWriter(io.Discard, events.Header{Geometry: events.Geometry{Width: 5000, Height: 1}}, aedat4.LZ4)
	require.ErrorContains(t, err, "expected sides from 1 to 4096")
	_, err = aedat4.NewWriter(io.Discard, events.Header{}, 5)
	require.ErrorContains(t, err, "compression 5: expected 0 to 4")
	for says, in := range map[string][]events.Event{
		"event 1: x 240, y 3: expected an event within 240x180 pixels": {{}, {X: 240, Y: 3}},
		"event 0: x 0, y 180": {{Y: 180}},
	} {
		w, err := formattest.Format(t, aedat4.Name).NewWriter(io.Discard, events.Header{Geometry: davis240})
		require.NoError(t, err)
		require.ErrorContains(t, w.Write(in), says)
	}
	w, err := formattest.Format(t, aedat4.Name).NewWriter(io.Discard, events.Header{})
	require.NoError(t, err)
	require.ErrorContains(t, w.Write([]events.Event{{X: 4096}}), "expected an event within 4096x4096 pixels")
}

func TestWriterPassesErrorsOn(t *testing.T) {
	full := errors.New("the disk is full")
	_, err := formattest.Format(t, aedat4.Name).NewWriter(&failingWriter{err: full}, events.Header{})
	require.ErrorIs(t, err, full)
	w, err := formattest.Format(t, aedat4.Name).NewWriter(&failingWriter{err: full, room: 1}, events.Header{})
	require.NoError(t, err)
	require.ErrorIs(t, w.Write(make([]events.Event, 20_000)), full)
	w, err = formattest.Format(t, aedat4.Name).NewWriter(&failingWriter{err: full, room: 1}, events.Header{})
	require.NoError(t, err)
	require.NoError(t, w.Write(make([]events.Event, 2)), "buffered")
	require.ErrorIs(t, w.Close(), full)
}

// failingWriter takes room writes.
type failingWriter struct {
	err  error
	room int
}

func (w *failingWriter) Write(b []byte) (int, error) {
	if w.room == 0 {
		return 0, w.err
	}
	w.room--
	return len(b), nil
}

func TestWriter(t *testing.T) {
	formattest.Writer(t, aedat4.Name, davis240, wholeEvents)
	for _, c := range all[:2] { // the compressions write in the same way
		formattest.WriterErrors(t, func(w io.Writer) (events.Writer, error) { return aedat4.NewWriter(w, events.Header{}, c) }, wholeEvents)
	}
}
