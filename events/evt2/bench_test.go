package evt2_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/evt2"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/prophesee"
)

// scattered are events all over a sensor, ten in a microsecond: single words.
func scattered(n int) []events.Event {
	r := rand.New(rand.NewPCG(1, 2))
	in := make([]events.Event, n)
	for i := range in {
		in[i] = events.Event{T: int64(i / 10), X: uint16(r.IntN(1280)), Y: uint16(r.IntN(720)), P: events.Polarity(r.IntN(2))}
	}
	return in
}

func BenchmarkRead(b *testing.B) {
	const n = 1 << 20
	b.Run("single", func(b *testing.B) { benchmarkRead(b, formattest.Write(b, evt2.Name, hd, scattered(n))) })
	dir := os.Getenv("SACCADE_DATA")
	if dir == "" {
		return
	}
	found, err := filepath.Glob(filepath.Join(dir, "recordings", "evt2", "*.raw"))
	require.NoError(b, err)
	for _, path := range found {
		data, err := os.ReadFile(path)
		require.NoError(b, err)
		b.Run(filepath.Base(path), func(b *testing.B) { benchmarkRead(b, data) })
	}
}

var hd = events.Geometry{Width: 1280, Height: 720}

func benchmarkRead(b *testing.B, data []byte) {
	formattest.BenchRead(b, formattest.Opener(b, evt2.Name, events.Geometry{}), data)
}

// BenchmarkDecode is the same without a reader around it: messages in one piece.
func BenchmarkDecode(b *testing.B) {
	for name, in := range map[string][]events.Event{"single": scattered(1 << 20)} {
		b.Run(name, func(b *testing.B) {
			data := formattest.Write(b, evt2.Name, hd, in)
			h, _, err := prophesee.ParseHeader(data, true)
			require.NoError(b, err)
			formattest.BenchDecode(b, formattest.Encoding(b, evt2.Name).NewDecoder(), events.MessageHeader{Geometry: hd}, data[h.Bytes:])
		})
	}
}

func BenchmarkCopy(b *testing.B) {
	formattest.BenchCopy(b, formattest.Write(b, evt2.Name, hd, scattered(1<<20)), 1<<20)
}

func BenchmarkWrite(b *testing.B) {
	for name, in := range map[string][]events.Event{"single": scattered(1 << 18)} {
		b.Run(name, func(b *testing.B) { formattest.BenchWriteFormat(b, evt2.Name, hd, in) })
	}
}
