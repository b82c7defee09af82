package text_test

import (
	"math/rand/v2"
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
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
	for _, name := range []string{text.Name, text.NameCSV} {
		b.Run(name, func(b *testing.B) {
			formattest.BenchRead(b, opener(text.Options{}), formattest.Write(b, name, vga, some(1<<16)))
		})
	}
}

func BenchmarkWrite(b *testing.B) { formattest.BenchWriteFormat(b, text.Name, vga, some(1<<16)) }

func BenchmarkCopy(b *testing.B) {
	formattest.BenchCopy(b, formattest.Write(b, text.Name, vga, some(1<<16)), 1<<16)
}
