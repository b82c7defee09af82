package libcaer_test

import (
	"encoding/binary"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/libcaer"
)

// Messages, and what is in them.
func TestCorpus(t *testing.T) { formattest.Corpus(t, filepath.Join("testdata", "corpus"), corpus()) }

// corpus draws messages of 200 events, and beside them what must be read.
func corpus() (out []formattest.File) {
	add := func(name, about string, g events.Geometry, timeBase, at int64) {
		rng := rand.New(rand.NewPCG(uint64(len(out)), 3))
		f := formattest.File{
			Name: name, About: about, Geometry: g,
			Message: &formattest.Message{Encoding: libcaer.Name, Geometry: g, TimeBase: timeBase},
		}
		for range 200 {
			now := at
			at += rng.Int64N(40)
			x, y, on := uint64(rng.IntN(640)), uint64(rng.IntN(480)), uint64(rng.IntN(2))
			f.Data = binary.LittleEndian.AppendUint64(f.Data, uint64(now)<<33>>1|x<<17|y<<2|on<<1|1)
			if e := (events.Event{T: timeBase/1000 + now, X: uint16(x), Y: uint16(y), P: events.Polarity(on)}); g.Contains(e.X, e.Y) {
				f.Events = append(f.Events, e)
			} else {
				f.Damaged++
			}
		}
		out = append(out, f)
	}
	add("plain.libcaer", "a time base of some nanoseconds more than microseconds", vga, 1702309120123456789, 5)
	add("rollover.libcaer", "times run over their 31 bits within the message", vga, 2147483648000, 1<<31-2000)
	add("off_sensor.libcaer", "some events lie below the sensor", events.Geometry{Width: 640, Height: 470}, 0, 5)
	return out
}
