package filter_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

var hd = events.Geometry{Width: 1280, Height: 720}

// scene is a bar of four pixels that crosses the sensor, with a fifth of noise over all of it,
// at ten million events a second.
func scene(n int) []events.Event {
	rng := rand.New(rand.NewPCG(8, 1))
	in := make([]events.Event, n)
	for i := range in {
		t := int64(i / 10)
		e := &in[i]
		e.T, e.P = t, events.Polarity(rng.IntN(2))
		if rng.IntN(5) == 0 {
			e.X, e.Y = uint16(rng.IntN(hd.Width)), uint16(rng.IntN(hd.Height))
		} else {
			e.X, e.Y = uint16((t/100+int64(rng.IntN(4)))%int64(hd.Width)), uint16(rng.IntN(hd.Height))
		}
	}
	return in
}

// Run takes events out of packets, which are copied anew each time: "copy" is that alone.
func BenchmarkRun(b *testing.B) {
	in := scene(1 << 20)
	p := events.NewPacket(events.DefaultPacketEvents)
	run := func(name string, f full) {
		b.Run(name, func(b *testing.B) {
			dropped := 0
			for b.Loop() {
				for from := 0; from < len(in); from += cap(p.Events) {
					p.Events = append(p.Events[:0], in[from:from+cap(p.Events)]...)
					if f != nil {
						dropped += f.Run(p)
					}
				}
			}
			all := float64(b.N) * float64(len(in))
			b.ReportMetric(all/b.Elapsed().Seconds()/1e6, "Mevents/s")
			b.ReportMetric(float64(dropped)/all, "dropped")
		})
	}
	run("copy", nil)
	for name, background := range map[string]bool{"refractory": false, "background": true} {
		f, _, err := made(hd, background, 5*time.Millisecond)
		require.NoError(b, err)
		run(name, f)
	}
}
