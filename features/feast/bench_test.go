package feast_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
)

// BenchmarkLayer is the cost of an event on each target, over edges that cross
// the sensor, about a million events a second of stream.
func BenchmarkLayer(b *testing.B) {
	for _, size := range []struct{ width, height, neurons, radius int }{
		{34, 34, 16, 5}, {240, 180, 100, 6},
	} {
		for _, learning := range []bool{true, false} {
			for _, target := range hw.Targets() {
				if target.Usable() != nil {
					continue
				}
				c := feast.Default()
				c.Mode, c.Width, c.Height, c.Neurons, c.Radius = feast.Merged, size.width, size.height, size.neurons, size.radius
				b.Run(fmt.Sprintf("%dx%d/neurons=%d/side=%d/learning=%v/%s",
					c.Width, c.Height, c.Neurons, c.Side(), learning, target.Name()), func(b *testing.B) {
					layer, err := feast.New(c, target)
					if err != nil {
						b.Fatal(err)
					}
					layer.SetLearning(learning)
					in := movingEdges(c, events.DefaultPacketEvents)
					winners := make([]int16, len(in))
					span := in[len(in)-1].T + 1
					b.ReportAllocs()
					for b.Loop() {
						if err := layer.Process(in, winners); err != nil {
							b.Fatal(err)
						}
						for i := range in {
							in[i].T += span
						}
					}
					b.ReportMetric(float64(b.N)*float64(len(in))/b.Elapsed().Seconds(), "events/s")
				})
			}
		}
	}
}

// movingEdges is a packet of events of a vertical edge that sweeps the sensor,
// with one event in eight of noise.
func movingEdges(c feast.Config, n int) []events.Event {
	rng := rand.New(rand.NewPCG(1, 2))
	out := make([]events.Event, n)
	for i := range out {
		e := events.Event{T: int64(i), Y: uint16(rng.IntN(c.Height)), P: events.Polarity(rng.IntN(2))}
		if rng.IntN(8) == 0 {
			e.X = uint16(rng.IntN(c.Width))
		} else {
			e.X = uint16((i*c.Width/n + rng.IntN(3)) % c.Width)
		}
		out[i] = e
	}
	return out
}
