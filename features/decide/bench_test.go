package decide_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

// BenchmarkDecider takes a stream of 34x34 pixels through frames and a network of
// 2312-256-10 with random weights: a label every 10 ms.
func BenchmarkDecider(b *testing.B) {
	c := frames.Config{Width: 34, Height: 34, Every: 10 * time.Millisecond}.Canonical()
	top, err := topology.Parse(fmt.Appendf(nil, `
input: {channels: 2, height: 34, width: 34, max: %d}
layers:
  - {name: flat, type: flatten}
  - {name: hidden, type: linear, out: 256}
  - {name: relu, type: relu}
  - {name: delta, type: delta}
  - {name: out, type: linear, out: 10}
`, c.Levels), "")
	require.NoError(b, err)
	rng := rand.New(rand.NewPCG(1, 1))
	weights := func(n int) []int8 {
		out := make([]int8, n)
		for i := range out {
			out[i] = int8(rng.IntN(255) - 127)
		}
		return out
	}
	step, err := delta.NewRequant(0.01)
	require.NoError(b, err)
	net, err := delta.New(top, []delta.Params{
		{},
		{Weights8: weights(256 * c.Len()), Bias: make([]int32, 256)},
		{},
		{Requant: []delta.Requant{step}},
		{Weights8: weights(2560), Bias: make([]int32, 10)},
	}, delta.Scales{Input: 1, Output: []float64{0.001}})
	require.NoError(b, err)
	n := &decide.Network{Frames: c, Net: net, Labels: []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}}
	in := hwtest.Streams(events.Geometry{Width: 34, Height: 34}, 20_000, 3)[0].Events
	for i := range in {
		in[i].T = int64(i) * 67 // 15,000 events/s, as of N-MNIST
	}
	for _, name := range []string{"purego", hw.Auto} {
		b.Run(name, func(b *testing.B) {
			target, err := hw.Find(name)
			require.NoError(b, err)
			d := open(b, n, target)
			then := func(*decide.Step) error { d.Recent(); d.Forget(); return nil }
			for b.Loop() {
				d.Reset()
				if d.Add(in, nil, then) != nil || d.End(then) != nil {
					b.Fatal("an error")
				}
			}
			counters := d.Counters()
			done, _, _ := counters.PerFrame()
			b.ReportMetric(float64(len(in))*float64(b.N)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(counters.Frames), "ns/frame")
			b.ReportMetric(done, "macs/frame")
		})
	}
}
