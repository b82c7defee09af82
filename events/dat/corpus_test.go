package dat_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/dat"
	"github.com/saccade-dev/saccade/events/formattest"
)

// What recorders write, in the shapes in which DAT files are met.
func TestCorpus(t *testing.T) { formattest.Corpus(t, "testdata", corpus()) }

// corpus shares no code with the package.
func corpus() []formattest.File {
	rng := rand.New(rand.NewPCG(8, 1))
	var out []formattest.File
	add := func(name, about string, g events.Geometry, data []byte, in []events.Event) *formattest.File {
		out = append(out, formattest.File{Name: name, About: about, Format: dat.Name, Geometry: g, Data: data, Events: in})
		return &out[len(out)-1]
	}
	walk := func(head string, start uint32, n int, p func() uint32) ([]byte, []events.Event) {
		b := []byte(head)
		var in []events.Event
		for t := start; n > 0; n-- {
			x, y, on := rng.Uint32N(640), rng.Uint32N(480), p()
			b = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(b, t), x|y<<14|on<<28)
			in = append(in, events.Event{T: int64(t), X: uint16(x), Y: uint16(y), P: events.Polarity(on & 1)})
			t += rng.Uint32N(40)
		}
		return b, in
	}
	bit := func() uint32 { return rng.Uint32N(2) }
	sensor, none := events.Geometry{Width: 640, Height: 480}, events.Geometry{}
	vga := "% Data file containing CD events.\n% Version 2\n% Date 2020-09-14 14:18:29\n% Height 480\n% Width 640\n\x0c\x08"

	data, in := walk(vga, 0, 300, bit)
	add("v2_cd_vga.dat", "as the vendor's tools write it", sensor, data, in)
	data, in = walk("% Data file containing N9Chronocam7Event2dE events.\n% Version 2\n% Date 2017-10-31 11:27:54\n\x00\x08", 6, 300, bit)
	add("v2_ncars_style.dat", "type 0 and no geometry, as N-CARS has it", none, data, in)
	data, in = walk("% Data file containing CD events.\n% Version 2\n% Width 640\n% Height 480\n% end\n\x0c\x08", 77, 100, bit)
	add("v2_end_line.dat", "a line says that the header ends", sensor, data, in)
	data, in = walk(vga, 1<<31-1000, 200, bit)
	add("v2_above_2_31.dat", "times beyond 2^31 us, which have the sign bit set", sensor, data, in)
	data, in = walk(vga, 1<<32-2000, 200, bit)
	add("v2_counter_wrap.dat", "the counter runs over: time steps back, as it stands in the file", sensor, data, in)
	data, in = walk(vga, 10, 100, func() uint32 { return rng.Uint32N(16) })
	add("v2_polarity_15.dat", "polarities up to 15, of which the lowest bit counts", sensor, data, in)
	add("v2_no_events.dat", "a header and no records", sensor, []byte(vga), nil)
	data, in = walk("% Data file containing CD events.\n% Width 640\n% Height 480\n\x0c\x08", 5, 100, bit)
	add("v2_no_version.dat", "no version: the records tell", sensor, data, in)
	data, in = walk(vga, 5, 100, bit)
	add("v2_truncated.dat", "the last record has three bytes", sensor, data[:len(vga)+8*99+3], in[:99]).Cut = true

	v1, in := []byte("% Data file containing TD events.\n% Version 1\n\x00\x08"), []events.Event{}
	for t := uint32(9); len(v1) < 2000; t += rng.Uint32N(99) {
		v1 = binary.LittleEndian.AppendUint32(v1, t)
		x, y, on := rng.Uint32N(304), rng.Uint32N(240), bit()
		v1 = binary.LittleEndian.AppendUint32(v1, x|y<<9|on<<17)
		in = append(in, events.Event{T: int64(t), X: uint16(x), Y: uint16(y), P: events.Polarity(on)})
	}
	add("v1_atis.dat", "version 1, of an ATIS", none, v1, in)
	add("v1_no_version.dat", "version 1, which only the records tell", none, bytes.Replace(v1, []byte("% Version 1\n"), nil, 1), in)
	return out
}
