package aedat31_test

import (
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/aedat31"
	"github.com/saccade-dev/saccade/events/formattest"
)

func corpus() []formattest.File {
	g := events.Geometry{Width: 240, Height: 180}
	// packets of 30 events, as far as they share an overflow counter
	cut := func(in []events.Event) (out [][]byte) {
		for len(in) > 0 {
			over, n := in[0].T>>31, 0
			var data [][]byte
			for n < len(in) && n < 30 && in[n].T>>31 == over {
				data = append(data, event(int32(in[n].T&(1<<31-1)), uint32(in[n].X), uint32(in[n].Y), uint32(in[n].P)))
				n++
			}
			out, in = append(out, polarity(int32(over), data...)), in[n:]
		}
		return out
	}
	mixed := formattest.Scene(1, 300, 0, g)
	var mixedFile [][]byte
	for i, p := range cut(mixed) {
		mixedFile = append(mixedFile, p, packet(int16([]int{0, 2, 3}[i%3]), 1, int32([]int{8, 40, 36}[i%3]), 4, 0, 2, 2, [][]byte{append(special(1), special(2)...), make([]byte, 80), make([]byte, 72)}[i%3]))
	}
	over := formattest.Scene(2, 300, 1<<31-3000, g)
	many := formattest.Scene(3, 60, 1000<<31+5, g)
	valid := formattest.Scene(4, 2, 0, g)
	invalid := file(packet(1, 1, 8, 4, 0, 4, 2,
		event(int32(valid[0].T), uint32(valid[0].X), uint32(valid[0].Y), uint32(valid[0].P)), make([]byte, 8),
		event(int32(valid[1].T), uint32(valid[1].X), uint32(valid[1].Y), uint32(valid[1].P)), make([]byte, 8)))
	short := formattest.Scene(5, 60, 0, g)
	two := cut(short)
	truncated := file(two[0], two[1][:28+10*8+3])
	sick := file(two[0], packet(1, 1, 12, 4, 0, 1, 1, make([]byte, 12)), polarity(0, event(1, 240, 0, 1), event(-1, 0, 0, 1)), two[1])
	files := []formattest.File{
		{Name: "davis240_mixed.aedat", About: "special events, frames and samples of the IMU between", Data: file(mixedFile...), Events: mixed},
		{Name: "overflow.aedat", About: "the overflow counter goes from 0 to 1", Data: file(cut(over)...), Events: over},
		{Name: "overflow_1000.aedat", About: "the overflow counter is 1000", Data: file(cut(many)...), Events: many},
		{Name: "invalid.aedat", About: "two of four events are not valid", Data: invalid, Events: valid},
		{
			Name: "two_sources.aedat", About: "events of another source, and a type of packet that nobody knows", Events: short,
			Data: file(two[0], packet(1, 7, 8, 4, 0, 1, 1, event(1, 2, 3, 0)), packet(99, 1, 5, 0, 0, 3, 3, make([]byte, 15)), two[1]),
		},
		{Name: "truncated.aedat", About: "the file ends within an event", Data: truncated, Events: short[:40], Cut: true},
		{Name: "damaged.aedat", About: "a packet of polarity events of 12 bytes, an event off the sensor, a time below zero", Data: sick, Events: short, Damaged: 3},
	}
	for i := range files {
		files[i].Format, files[i].Geometry = aedat31.Name, g
	}
	return files
}
