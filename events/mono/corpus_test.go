package mono_test

import (
	"encoding/binary"
	"math/big"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/mono"
)

// Messages, and what is in them.
func TestCorpus(t *testing.T) { formattest.Corpus(t, filepath.Join("testdata", "corpus"), corpus()) }

// corpus draws messages of 200 events, and beside them what must be read.
func corpus() (out []formattest.File) {
	add := func(name, about string, g, drawn events.Geometry, timeBase, at, step int64) *formattest.File {
		rng := rand.New(rand.NewPCG(uint64(len(out)), 64))
		f := formattest.File{
			Name: name, About: about, Geometry: g,
			Message: &formattest.Message{Encoding: mono.Name, Geometry: g, TimeBase: timeBase},
		}
		for range 200 {
			ns := at
			at += rng.Int64N(step)
			x, y, on := uint64(rng.IntN(drawn.Width)), uint64(rng.IntN(drawn.Height)), uint64(rng.IntN(2))
			f.Data = binary.LittleEndian.AppendUint64(f.Data, on<<63|y<<48|x<<32|uint64(ns))
			// Euclid's division of the whole time rounds down, before the epoch as well.
			us := new(big.Int).Div(new(big.Int).Add(big.NewInt(timeBase), big.NewInt(ns)), big.NewInt(1000)).Int64()
			if int(x) < g.Width && int(y) < g.Height {
				f.Events = append(f.Events, events.Event{T: us, X: uint16(x), Y: uint16(y), P: events.Polarity(on)})
			} else {
				f.Damaged++
			}
		}
		out = append(out, f)
		return &out[len(out)-1]
	}
	vga, all := events.Geometry{Width: 640, Height: 480}, events.Geometry{Width: 1 << 16, Height: 1 << 15}
	add("plain.mono", "a time base of some nanoseconds more than microseconds: sums are rounded down, not their parts", vga, vga, 1702309120123456789, 5, 40000)
	add("last_time.mono", "times up to the last of their 32 bits", vga, vga, 5_000_000_000_999, 1<<32-20000, 100)
	add("before_epoch.mono", "a time base below zero: still rounded down", vga, vga, -1_234_567_891, 1, 30000)
	add("all_bits.mono", "x of 16 bits and y of 15, with the polarity's bit beside them", all, all, 0, 0, 1<<24)
	add("off_sensor.mono", "some events lie right of the sensor or below it", events.Geometry{Width: 630, Height: 470}, vga, 0, 5, 40000)
	return out
}
