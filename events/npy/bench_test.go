package npy_test

import (
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/npy"
)

var benchmarked = []string{npy.Name, npy.NameZip}

func benchmarkEvents() []events.Event {
	in := make([]events.Event, 1<<16)
	for i := range in {
		in[i] = events.Event{T: int64(i), X: uint16(i % 1280), Y: uint16(i % 720), P: events.Polarity(i & 1)}
	}
	return in
}

func BenchmarkRead(b *testing.B) {
	for _, name := range benchmarked {
		b.Run(name, func(b *testing.B) {
			formattest.BenchRead(b, formattest.Opener(b, name, events.Geometry{}), formattest.Write(b, name, events.Geometry{}, benchmarkEvents()))
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	for _, name := range benchmarked {
		b.Run(name, func(b *testing.B) { formattest.BenchWriteFormat(b, name, events.Geometry{}, benchmarkEvents()) })
	}
}

func BenchmarkCopy(b *testing.B) {
	in := benchmarkEvents()
	formattest.BenchCopy(b, formattest.Write(b, npy.Name, events.Geometry{}, in), len(in))
}
