package text_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/text"
)

func some(n int) []events.Event {
	rng := rand.New(rand.NewPCG(1, 2))
	in := make([]events.Event, n)
	t := int64(1_000_000)
	for i := range in {
		t += rng.Int64N(30)
		in[i] = events.Event{T: t, X: uint16(rng.IntN(240)), Y: uint16(rng.IntN(180)), P: events.Polarity(rng.IntN(2))}
	}
	return in
}

func BenchmarkRead(b *testing.B) {
	const n = 1 << 16
	for _, name := range []string{text.Name, text.NameCSV} {
		b.Run(name, func(b *testing.B) {
			content := write(b, name, some(n), 0)
			src := bytes.NewReader(content)
			p := events.NewPacket(events.DefaultPacketEvents)
			b.SetBytes(int64(len(content)))
			for b.Loop() {
				src.Reset(content)
				r := reader(b, src, text.Options{})
				for {
					if err := r.Read(p); err != nil {
						break
					}
				}
			}
			b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds()/1e6, "Mevents/s")
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	const n = 1 << 16
	in := some(n)
	f, err := events.FormatByName(text.Name)
	require.NoError(b, err)
	for b.Loop() {
		w, err := f.NewWriter(io.Discard, events.Header{})
		if err != nil {
			b.Fatal(err)
		}
		if err := w.Write(in); err != nil {
			b.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds()/1e6, "Mevents/s")
}
