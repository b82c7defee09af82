package evt3_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/evt3"
	"github.com/saccade-dev/saccade/events/formattest"
)

// The decoder and the specification agree on words in the shares in which cameras
// send them, some of them off the sensor.
func TestAgainstReference(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(9, seed))
		rare := 1 + r.IntN(200) // one word in so many is any
		vectors := r.IntN(4)
		list := []uint16{0x8fff, 0x6001, 0x0002, 0x3003}
		for len(list) < 800 {
			switch {
			case r.IntN(rare) == 0:
				list = append(list, uint16(r.IntN(1<<16)))
			case r.IntN(4) < vectors:
				list = append(list, 0x3000|uint16(r.IntN(1270)), 0x4000|uint16(r.IntN(1<<12)), 0x4000|uint16(r.IntN(1<<12)), 0x5000|uint16(r.IntN(1<<8)))
				list = list[:len(list)-r.IntN(4)]
			case r.IntN(8) == 0:
				list = append(list, 0x6000|uint16(r.IntN(1<<12)))
			default:
				list = append(list, uint16(r.IntN(725)))
				for range 1 + r.IntN(2)*r.IntN(5) {
					list = append(list, 0x2000|uint16(r.IntN(2))<<11|uint16(r.IntN(1285)))
				}
			}
		}
		data := words(list...)
		want := &reference{geometry: hd, y: -1, x: -1, skipped: map[string]int64{}}
		want.read(data)
		for _, capacity := range []int{1 + r.IntN(100), events.DefaultPacketEvents} {
			reader := formattest.NewReader(t, evt3.Name, bytes.NewReader(raw(hd, data)), events.Geometry{})
			got, damage, _ := formattest.ReadAll(t, reader, capacity)
			require.Equal(t, want.out, got)
			require.Len(t, damage, want.damaged)
			require.Equal(t, want.skipped, reader.Skipped())
		}
	}
}
