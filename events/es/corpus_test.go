package es_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/es"
	"github.com/saccade-dev/saccade/events/formattest"
)

// Files of the three kinds, with what is met in them.
func TestCorpus(t *testing.T) { formattest.Corpus(t, "testdata", corpus(t)) }

// corpus makes the files from the specification alone. What they hold is what slow finds.
func corpus(t *testing.T) []formattest.File {
	rng := rand.New(rand.NewPCG(8, 2))
	pixel := func(b []byte) []byte {
		x, y := rng.IntN(320), rng.IntN(240)
		return append(b, byte(x), byte(x>>8), byte(y), byte(y>>8))
	}
	// Three steps in four are short; the others need overflows.
	gap := func() int { return rng.IntN([]int{20, 20, 20, 2000}[rng.IntN(4)]) }
	dvs := func(n int) []byte {
		b := []byte(headDVS)
		for range n {
			g := gap()
			b = append(b, bytes.Repeat([]byte{0xff}, g/127)...)
			b = pixel(append(b, byte(g%127<<1|rng.IntN(2))))
		}
		return b
	}
	atis := []byte(headDVS)
	atis[15] = 2
	for range 300 {
		g := gap()
		for ; g >= 63; g -= 63 * int(atis[len(atis)-1]&3) {
			atis = append(atis, 0xfc|byte(min(3, g/63)))
		}
		atis = pixel(append(atis, byte(g<<2|rng.IntN(4))))
	}
	colour := []byte(headColour)
	for range 200 {
		g := gap()
		colour = append(colour, bytes.Repeat([]byte{0xff}, g/254)...)
		colour = pixel(append(colour, byte(g%254)))
		colour = append(colour, byte(rng.IntN(256)), byte(rng.IntN(256)), byte(rng.IntN(256)))
	}
	resets := dvs(50)
	resets = append(append(resets, "\xfe\xfe\xfe\xfe\xfe"...), dvs(50)[20:]...)
	resets = append(resets, "\xfe\xfe\xfe\xfe\xfe"...)
	long := append(append([]byte(headDVS), bytes.Repeat([]byte{0xff}, 3000)...), dvs(10)[20:]...)
	outside := dvs(60)
	copy(outside[20:], "\x00\x40\x01\x00\x00") // the first event: x 320
	files := []formattest.File{
		{Name: "atis.es", About: "ATIS: threshold crossings among the events, overflows of three sizes", Data: atis},
		{Name: "colour.es", About: "colour events, which count as OFF", Data: colour},
		{Name: "dvs.es", About: "DVS: one gap in four takes overflows", Data: dvs(300)},
		{Name: "dvs_long_gap.es", About: "3000 overflows in front of the first event", Data: long},
		{Name: "dvs_no_events.es", About: "a header and no events", Data: []byte(headDVS)},
		{Name: "dvs_outside.es", About: "the first event lies off the sensor", Data: outside, Damaged: 1},
		{Name: "dvs_resets.es", About: "resets in between and at the end", Data: resets},
		{Name: "dvs_truncated.es", About: "the last event has three bytes", Data: append(dvs(20), 2, 0, 0), Cut: true},
	}
	for i := range files {
		f := &files[i]
		f.Format, f.Geometry = es.Name, events.Geometry{Width: 320, Height: 240}
		data := f.Data
		if f.Damaged > 0 { // slow stops there: what lies off the sensor is left out, and takes no time
			require.Equal(t, byte(0), data[20])
			data = append(append([]byte{}, data[:20]...), data[25:]...)
		}
		var whole bool
		f.Events, whole = slow(data)
		require.Equal(t, f.Cut, !whole, f.Name)
	}
	return files
}
