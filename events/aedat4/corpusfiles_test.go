package aedat4_test

import (
	"strings"
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/aedat4"
	"github.com/saccade-dev/saccade/events/formattest"
)

func corpus(t *testing.T) []formattest.File {
	var out []formattest.File
	in := formattest.Scene(1, 300, 1633953690975950, davis240)
	for _, c := range all {
		put := func(stream int32, data []byte) []byte { return packet(stream, compress(t, c, data)) }
		b := header(c, -1, "EVTS 240 180", "FRME 240 180", "IMUS", "TRIG")
		for i := 0; i < len(in); i += 50 {
			b = append(b, join(put(0, eventPacket(in[i:i+50]...)), put(1, tablePacket("FRME", 0)), put(2, tablePacket("IMUS", 3)), put(3, triggerPacket(0, 6, 1, 2)))...)
		}
		out = append(out, formattest.File{
			Name: strings.ToLower(c.String()) + ".aedat4", About: "compression " + c.String() + ": events, frames, samples of the IMU and triggers; no data table",
			Data: b, Events: in, Loose: c != aedat4.None,
		})
	}
	short := formattest.Scene(2, 60, -50, davis240)
	one, two := packet(0, plain(short[:30]...)), packet(0, plain(short[30:]...))
	at := int64(len(header(aedat4.None, 1<<40, "EVTS 240 180")) + len(one) + len(two))
	empty := packet(0, eventPacket())
	out = append(out,
		formattest.File{
			Name: "table.aedat4", About: "a data table's position, which ends the packets; what stands there is not read",
			Data: join(header(aedat4.None, at, "EVTS 240 180"), one, two, []byte("not a table")), Events: short,
		},
		formattest.File{
			Name: "two_streams.aedat4", About: "two streams of events, the second of them first; an empty packet",
			Data: join(header(aedat4.None, -1, "EVTS 240 180", "EVTS 640 480"), packet(1, plain(events.Event{X: 639})), one, empty, two), Events: short,
		},
		formattest.File{
			Name: "no_info.aedat4", About: "the header says nothing about the streams",
			Data: join(headerXML(aedat4.None, -1, ""), one, two), Events: short,
		},
		formattest.File{
			Name: "truncated.aedat4", About: "the file ends within the eleventh event of a packet",
			Data: join(header(aedat4.None, -1, "EVTS 240 180"), one, two[:8+32+10*16+3]), Events: short[:40],
		},
		formattest.File{
			Name: "damaged.aedat4", About: "a vector outside of its packet, a vector longer than its packet, a coordinate below zero",
			Data: join(header(aedat4.None, -1, "EVTS 240 180"), packet(0, patched(plain(short[:1]...), 24, 0x7fffffff)),
				packet(0, patched(plain(short[:30]...), 28, 1000)), packet(0, patched(plain(events.Event{}), 40, 0x8000)), two), Events: short,
		},
	)
	for i := range out {
		out[i].Format, out[i].Geometry = aedat4.Name, davis240
		switch out[i].Name {
		case "no_info.aedat4":
			out[i].Geometry = events.Geometry{}
		case "truncated.aedat4":
			out[i].Cut = true
		case "damaged.aedat4":
			out[i].Damaged = 3
		}
	}
	return out
}
