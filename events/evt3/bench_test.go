package evt3_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/evt3"
	"github.com/saccade-dev/saccade/events/formattest"
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

func BenchmarkRead(b *testing.B) {
	const n = 1 << 20
	b.Run("single", func(b *testing.B) { benchmarkRead(b, formattest.Write(b, evt3.Name, hd, scattered(n))) })
	b.Run("vector", func(b *testing.B) { benchmarkRead(b, formattest.Write(b, evt3.Name, hd, edges(n))) })
	dir := os.Getenv("SACCADE_DATA")
	if dir == "" {
		return
	}
	found, err := filepath.Glob(filepath.Join(dir, "recordings", "evt3", "*.raw"))
	require.NoError(b, err)
	for _, path := range found {
		if strings.Contains(path, "truncated") {
			continue // which no reader reads to its end
		}
		data, err := os.ReadFile(path)
		require.NoError(b, err)
		b.Run(filepath.Base(path), func(b *testing.B) { benchmarkRead(b, data) })
	}
}

var hd = events.Geometry{Width: 1280, Height: 720}

func benchmarkRead(b *testing.B, data []byte) {
	formattest.BenchRead(b, formattest.Opener(b, evt3.Name, events.Geometry{}), data)
}

// BenchmarkDecode is the same without a reader around it: messages in one piece.
func BenchmarkDecode(b *testing.B) {
	for name, in := range map[string][]events.Event{"single": scattered(1 << 20), "vector": edges(1 << 20)} {
		b.Run(name, func(b *testing.B) {
			data := formattest.Write(b, evt3.Name, hd, in)
			h, _, err := prophesee.ParseHeader(data, true)
			require.NoError(b, err)
			formattest.BenchDecode(b, formattest.Encoding(b, evt3.Name).NewDecoder(), events.MessageHeader{Geometry: hd}, data[h.Bytes:])
		})
	}
}

func BenchmarkCopy(b *testing.B) {
	formattest.BenchCopy(b, formattest.Write(b, evt3.Name, hd, scattered(1<<20)), 1<<20)
}

func BenchmarkWrite(b *testing.B) {
	for name, in := range map[string][]events.Event{"single": scattered(1 << 18), "vector": edges(1 << 18)} {
		b.Run(name, func(b *testing.B) { formattest.BenchWriteFormat(b, evt3.Name, hd, in) })
	}
}
