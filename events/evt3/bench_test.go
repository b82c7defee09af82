package evt3_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/evt3"
	"github.com/saccade-dev/saccade/events/prophesee"
)

// scattered are events all over a sensor, ten in a microsecond on average: single
// words, each with a row of its own.
func scattered(n int) []events.Event {
	r := rand.New(rand.NewPCG(1, 2))
	in := make([]events.Event, n)
	t := int64(0)
	for i := range in {
		if r.IntN(10) == 0 {
			t++
		}
		in[i] = events.Event{T: t, X: uint16(r.IntN(1280)), Y: uint16(r.IntN(720)), P: events.Polarity(r.IntN(2))}
	}
	return in
}

// edges are rows of neighbouring events, three in four pixels: vectors.
func edges(n int) []events.Event {
	r := rand.New(rand.NewPCG(3, 4))
	in := make([]events.Event, 0, n)
	for t := int64(0); len(in) < n; t++ {
		e := events.Event{T: t, X: 32 * uint16(r.IntN(39)), Y: uint16(r.IntN(720)), P: events.Polarity(r.IntN(2))}
		for range 32 {
			if r.IntN(4) > 0 && len(in) < n {
				in = append(in, e)
			}
			e.X++
		}
	}
	return in
}

func file(t testing.TB, in []events.Event) []byte {
	var b bytes.Buffer
	w, err := format(t).NewWriter(&b, events.Header{Geometry: hd})
	require.NoError(t, err)
	require.NoError(t, w.Write(in))
	require.NoError(t, w.Close())
	return b.Bytes()
}

func benchmarkRead(b *testing.B, data []byte) {
	src := bytes.NewReader(data)
	p := events.NewPacket(events.DefaultPacketEvents)
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	n := 0
	for b.Loop() {
		src.Reset(data)
		r := newReader(b, src, events.Geometry{})
		for r.Read(p) == nil {
			n += len(p.Events)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkRead(b *testing.B) {
	const n = 1 << 20
	b.Run("single", func(b *testing.B) { benchmarkRead(b, file(b, scattered(n))) })
	b.Run("vector", func(b *testing.B) { benchmarkRead(b, file(b, edges(n))) })
	dir := os.Getenv("SACCADE_DATA")
	if dir == "" {
		return
	}
	found, err := filepath.Glob(filepath.Join(dir, "recordings", "evt3", "*.raw"))
	require.NoError(b, err)
	for _, path := range found {
		data, err := os.ReadFile(path)
		require.NoError(b, err)
		b.Run(filepath.Base(path), func(b *testing.B) { benchmarkRead(b, data) })
	}
}

// BenchmarkDecode is the same without a reader around it: messages in one piece.
func BenchmarkDecode(b *testing.B) {
	for name, in := range map[string][]events.Event{"single": scattered(1 << 20), "vector": edges(1 << 20)} {
		b.Run(name, func(b *testing.B) {
			data := file(b, in)
			h, _, err := prophesee.ParseHeader(data, true)
			require.NoError(b, err)
			data = data[h.Bytes:]
			d := encoding(b).NewDecoder()
			p := events.NewPacket(events.DefaultPacketEvents)
			header := events.MessageHeader{Geometry: hd}
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				d.Reset()
				for at := 0; at < len(data); {
					p.Reset()
					n, err := d.Decode(header, data[at:], p)
					if err != nil {
						b.Fatal(err)
					}
					at += n
				}
			}
			b.ReportMetric(float64(b.N)*float64(len(in))/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchmarkCopy is a limit of the above: the words moved in memory and nothing made
// of them.
func BenchmarkCopy(b *testing.B) {
	data := file(b, scattered(1<<20))
	out := make([]byte, len(data))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		copy(out, data)
	}
}

func BenchmarkWrite(b *testing.B) {
	for name, in := range map[string][]events.Event{"single": scattered(1 << 18), "vector": edges(1 << 18)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(file(b, in))))
			for b.Loop() {
				w, err := format(b).NewWriter(io.Discard, events.Header{Geometry: hd})
				require.NoError(b, err)
				if err := w.Write(in); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*float64(len(in))/b.Elapsed().Seconds(), "events/s")
		})
	}
}

var hd = events.Geometry{Width: 1280, Height: 720}

func format(t require.TestingT) *events.Format {
	f, err := events.FormatByName(evt3.Name)
	require.NoError(t, err)
	return f
}

func encoding(t require.TestingT) *events.Encoding {
	e, err := events.EncodingByName(evt3.Name)
	require.NoError(t, err)
	return e
}

func newReader(t require.TestingT, src io.Reader, g events.Geometry) events.Reader {
	r, err := format(t).NewReader(src, g)
	require.NoError(t, err)
	return r
}
