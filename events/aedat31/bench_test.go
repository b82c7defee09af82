package aedat31_test

import (
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/aedat31"
	"github.com/saccade-dev/saccade/events/formattest"
)

var davis346 = events.Geometry{Width: 346, Height: 260}

func benchmarkEvents(g events.Geometry) []events.Event {
	in := make([]events.Event, 1<<17)
	for i := range in {
		in[i] = events.Event{T: int64(i), X: uint16(i * 7 % g.Width), Y: uint16(i * 13 % g.Height), P: events.Polarity(i & 1)}
	}
	return in
}

func BenchmarkRead(b *testing.B) {
	content := formattest.Write(b, aedat31.Name, davis346, benchmarkEvents(davis346))
	formattest.BenchRead(b, formattest.Opener(b, aedat31.Name, events.Geometry{}), content)
}

func BenchmarkWrite(b *testing.B) {
	formattest.BenchWriteFormat(b, aedat31.Name, davis346, benchmarkEvents(davis346))
}

func BenchmarkCopy(b *testing.B) {
	in := benchmarkEvents(davis346)
	formattest.BenchCopy(b, formattest.Write(b, aedat31.Name, davis346, in), len(in))
}
