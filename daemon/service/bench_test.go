package service

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
)

// nowhere takes results and forgets them.
type nowhere struct{}

func (nowhere) Features([]events.Event, []int16, bool) error { return nil }
func (nowhere) Label(pipeline.Label) error                   { return nil }
func (nowhere) Reject(r pipeline.Reject) error               { return r.Err }

// What letting others see a sensor costs, a message.
func BenchmarkNote(b *testing.B) {
	for name, neurons := range map[string]int{"16 neurons": 16, "4096 neurons": 4096} {
		b.Run(name, func(b *testing.B) {
			target, err := hw.Find("purego")
			require.NoError(b, err)
			c := feast.Default()
			c.Neurons, c.Radius = neurons, 1
			p, err := pipeline.New(pipeline.Options{
				Target: target, Feast: c, Geometry: events.Geometry{Width: 34, Height: 34}, Learning: true, PacketEvents: 1024,
			})
			require.NoError(b, err)
			rng := rand.New(rand.NewPCG(1, 2))
			data := make([]byte, 0, 5*64)
			for i := range 64 {
				data = append(data, byte(rng.IntN(34)), byte(rng.IntN(34)), 0, 0, byte(i))
			}
			_, err = p.Handle(&pipeline.Input{Encoding: "nmnist", Payload: data}, nowhere{})
			require.NoError(b, err)
			sn := &sensor{service: &Service{}, name: "a", pipe: p}
			b.ReportAllocs()
			for b.Loop() {
				sn.note(false)
			}
		})
	}
}
