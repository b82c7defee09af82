package aedat2_test

import (
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/aedat2"
	"github.com/saccade-dev/saccade/events/formattest"
)

var davis346, dvs128 = events.Geometry{Width: 346, Height: 260}, events.Geometry{Width: 128, Height: 128}

func benchmarkEvents(g events.Geometry) []events.Event {
	in := make([]events.Event, 1<<17)
	for i := range in {
		in[i] = events.Event{T: int64(i), X: uint16(i * 7 % g.Width), Y: uint16(i * 13 % g.Height), P: events.Polarity(i & 1)}
	}
	return in
}

func benchmarkRead(b *testing.B, g events.Geometry) {
	formattest.BenchRead(b, formattest.Opener(b, aedat2.Name, events.Geometry{}), formattest.Write(b, aedat2.Name, g, benchmarkEvents(g)))
}

func BenchmarkReadDAVIS(b *testing.B) { benchmarkRead(b, davis346) }

func BenchmarkReadDVS128(b *testing.B) { benchmarkRead(b, dvs128) }

func BenchmarkWrite(b *testing.B) {
	formattest.BenchWriteFormat(b, aedat2.Name, davis346, benchmarkEvents(davis346))
}

func BenchmarkCopy(b *testing.B) {
	in := benchmarkEvents(davis346)
	formattest.BenchCopy(b, formattest.Write(b, aedat2.Name, davis346, in), len(in))
}
