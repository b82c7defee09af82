package nmnist_test

import (
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/nmnist"
)

// benchmarkEvents go on for as many events as there are in a megabyte.
func benchmarkEvents() []events.Event {
	in := make([]events.Event, 1<<20/5)
	for i := range in {
		in[i] = events.Event{T: int64(i), X: uint16(i % 34), Y: uint16(i / 34 % 34), P: events.Polarity(i & 1)}
	}
	return in
}

func BenchmarkRead(b *testing.B) {
	formattest.BenchRead(b, formattest.Opener(b, nmnist.Name, window), formattest.Write(b, nmnist.Name, window, benchmarkEvents()))
}

func BenchmarkWrite(b *testing.B) {
	formattest.BenchWriteFormat(b, nmnist.Name, window, benchmarkEvents())
}

func BenchmarkCopy(b *testing.B) {
	in := benchmarkEvents()
	formattest.BenchCopy(b, formattest.Write(b, nmnist.Name, window, in), len(in))
}
