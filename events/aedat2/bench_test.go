package aedat2_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

func benchmarkEvents(g events.Geometry) []events.Event {
	in := make([]events.Event, 1<<17)
	for i := range in {
		in[i] = events.Event{T: int64(i), X: uint16(i * 7 % g.Width), Y: uint16(i * 13 % g.Height), P: events.Polarity(i & 1)}
	}
	return in
}

func benchmarkRead(b *testing.B, g events.Geometry) {
	in := benchmarkEvents(g)
	data := write(b, g, in)
	src := bytes.NewReader(data)
	p := events.NewPacket(events.DefaultPacketEvents)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		src.Reset(data)
		r := newReader(b, src, events.Geometry{})
		for {
			if err := r.Read(p); err != nil {
				break
			}
		}
	}
	b.ReportMetric(float64(b.N)*float64(len(in))/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkReadDAVIS(b *testing.B) { benchmarkRead(b, events.Geometry{Width: 346, Height: 260}) }

func BenchmarkReadDVS128(b *testing.B) { benchmarkRead(b, events.Geometry{Width: 128, Height: 128}) }

func BenchmarkWrite(b *testing.B) {
	g := events.Geometry{Width: 346, Height: 260}
	in := benchmarkEvents(g)
	w, err := format(b).NewWriter(io.Discard, events.Header{Geometry: g})
	require.NoError(b, err)
	b.SetBytes(int64(8 * len(in)))
	for b.Loop() {
		if err := w.Write(in); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*float64(len(in))/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkCopy is the limit: the same bytes moved in memory.
func BenchmarkCopy(b *testing.B) {
	in := make([]byte, 8<<17)
	out := make([]byte, len(in))
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		copy(out, in)
	}
	b.ReportMetric(float64(b.N)*float64(len(in)/8)/b.Elapsed().Seconds(), "events/s")
}
