package decide_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/decide/decidetest"
	"github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

// BenchmarkDecider takes a stream of 34x34 pixels through frames and a network of
// 2312-256-10 with random weights: a label every 10 ms.
func BenchmarkDecider(b *testing.B) {
	c := frames.Config{Width: 34, Height: 34, Every: 10 * time.Millisecond}.Canonical()
	n := decidetest.New(b, c, []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}, decidetest.Shape{Hidden: 256, Step: 0.01, Output: 0.001, Seed: 1})
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
