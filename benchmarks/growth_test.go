package benchmarks

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
)

// repeat takes a layer over a packet again and again, each time later by its span, and
// gives the time of that.
func repeat(b *testing.B, layer *feast.Layer, in []events.Event, winners []int16, rounds int, span int64) time.Duration {
	start := time.Now()
	for range rounds {
		for at := 0; at < len(in); at += events.DefaultPacketEvents {
			end := min(at+events.DefaultPacketEvents, len(in))
			require.NoError(b, layer.Process(in[at:end], winners[at:end]))
		}
		for i := range in {
			in[i].T += span
		}
	}
	return time.Since(start)
}

// BenchmarkLength is the cost of an event at the begin of a stream and behind many
// millions of events, learning on: nothing in a layer grows, and no number of it
// becomes so small that computing with it takes longer.
func BenchmarkLength(b *testing.B) {
	for _, target := range usable() {
		b.Run(target.Name(), func(b *testing.B) {
			for b.Loop() {
				c := feast.Default()
				c.Mode = feast.Merged
				layer, err := feast.New(c, target)
				require.NoError(b, err)
				in := sweep(c, 1<<14)
				winners := make([]int16, len(in))
				const parts, rounds = 10, 20 // 328 thousand events a part
				perEvent := make([]float64, parts)
				for i := range perEvent {
					// The best of five: the machine does other things, too.
					best := time.Duration(1 << 62)
					for range 5 {
						best = min(best, repeat(b, layer, in, winners, rounds/5, int64(len(in))))
					}
					perEvent[i] = float64(best.Nanoseconds()) / float64(rounds/5*len(in))
				}
				b.ReportMetric(perEvent[0], "ns/event-at-first")
				b.ReportMetric(perEvent[parts-1], "ns/event-at-last")
				b.ReportMetric(perEvent[parts-1]/perEvent[0], "last/first")
			}
		})
	}
}

// BenchmarkSize is the cost of an event by neurons and patch, learning on: it grows
// with their product, the weights that an event meets, from what an event costs
// without any on.
func BenchmarkSize(b *testing.B) {
	for _, target := range usable() {
		for _, size := range []struct{ neurons, radius int }{
			{16, 3}, {16, 5}, {32, 5}, {64, 5}, {128, 5}, {256, 5}, {64, 3}, {64, 7}, {64, 11},
		} {
			c := feast.Default()
			c.Mode, c.Width, c.Height, c.Neurons, c.Radius = feast.Merged, 64, 64, size.neurons, size.radius
			weights := c.Neurons * c.Side() * c.Side()
			b.Run(fmt.Sprintf("%s/neurons=%d/side=%d", target.Name(), c.Neurons, c.Side()), func(b *testing.B) {
				layer, err := feast.New(c, target)
				require.NoError(b, err)
				in := sweep(c, 1<<11)
				winners := make([]int16, len(in))
				best := time.Duration(1 << 62)
				for b.Loop() {
					best = min(best, repeat(b, layer, in, winners, 1, int64(len(in))))
				}
				perEvent := float64(best.Nanoseconds()) / float64(len(in))
				b.ReportMetric(perEvent, "ns/event")
				b.ReportMetric(1000*perEvent/float64(weights), "ps/weight")
			})
		}
	}
}

// usable are the targets of this machine, best first.
func usable() []hw.Target {
	var list []hw.Target
	for _, target := range hw.Targets() {
		if target.Usable() == nil {
			list = append(list, target)
		}
	}
	return list
}
