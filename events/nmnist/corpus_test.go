package nmnist_test

import (
	"math/rand/v2"
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/nmnist"
)

// Recordings as the data sets have them, and what stands at the ends of the fields.
func TestCorpus(t *testing.T) { formattest.Corpus(t, "testdata", corpus()) }

// corpus shares no code with the package. Where a number tells, it is that of the bytes.
func corpus() (out []formattest.File) {
	rng := rand.New(rand.NewPCG(40, 5))
	// A file of events, with a marker before those whose index is in marks, as often as it is there.
	add := func(name, about string, width, height, n int, start, step int64, marks ...int) *formattest.File {
		f := formattest.File{Name: name, About: about, Format: nmnist.Name, Events: []events.Event{}}
		now, carried := start, int64(0)
		word := func(x, y, on int, t int64) {
			f.Data = append(f.Data, byte(x), byte(y), byte(on<<7)|byte(t>>16), byte(t>>8), byte(t))
		}
		for i := range n {
			for _, m := range marks {
				if m == i {
					word(rng.IntN(256), 240, rng.IntN(2), rng.Int64N(1<<23)) // all but y means nothing
					carried += 1 << 13
				}
			}
			x, y, on := rng.IntN(width), rng.IntN(height), rng.IntN(2)
			word(x, y, on, now)
			f.Events = append(f.Events, events.Event{T: carried + now, X: uint16(x), Y: uint16(y), P: events.Polarity(on)})
			now += rng.Int64N(step)
		}
		if width <= 34 && height <= 34 { // nothing speaks against the sensor of N-MNIST, whose files do not say either
			f.Geometry = events.Geometry{Width: 34, Height: 34}
		}
		out = append(out, f)
		return &out[len(out)-1]
	}
	add("digit.bin", "three saccades over a digit, 34x34 pixels, which no file says", 34, 34, 600, 937, 1000)
	add("caltech.bin", "a larger sensor: N-Caltech101", 240, 180, 600, 4, 900)
	add("last_time.bin", "times up to the last of their 23 bits, with the polarity's bit beside them", 34, 34, 200, 1<<23-1000, 5)
	add("overflows.bin", "y = 240 is no event: 2^13 us are added to the times behind it, again for each", 34, 34, 300, 100, 20, 0, 50, 51, 51, 51, 299)
	add("whole_columns.bin", "x and y up to 255, but for y = 240: no sensor is known", 256, 240, 400, 0, 10)
	add("one_event.bin", "five bytes", 34, 34, 1, 12345, 1)
	cut := add("cut.bin", "the last event has three bytes", 34, 34, 100, 10, 700)
	cut.Data, cut.Events, cut.Cut = cut.Data[:len(cut.Data)-2], cut.Events[:99], true
	return out
}
