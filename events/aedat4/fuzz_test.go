package aedat4_test

import (
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/aedat4"
	"github.com/saccade-dev/saccade/events/formattest"
)

func sound(t *testing.T, data []byte, capacity int, g events.Geometry) {
	formattest.Sound(t, formattest.Opener(t, aedat4.Name, g), data, capacity)
}

func FuzzReader(f *testing.F) {
	for _, c := range all {
		b := whole(f, c)
		f.Add(b, uint8(3), uint16(0), uint16(0))
		f.Add(b[:len(b)-9], uint8(1), uint16(33), uint16(6))
	}
	f.Add(headerXML(aedat4.None, 30, "<dv"), uint8(1), uint16(0), uint16(0))
	f.Fuzz(func(t *testing.T, data []byte, capacity uint8, width, height uint16) {
		sound(t, data, int(capacity)+1, formattest.Geometry(width, height))
	})
}

// FuzzPacket changes what is within a packet, which FuzzReader reaches only now and then
// where packets are compressed.
func FuzzPacket(f *testing.F) {
	f.Add(plain(wholeEvents...), uint8(0), true)
	f.Add(eventPacket(wholeEvents...), uint8(1), false)
	f.Add(tablePacket("IMUS", 3), uint8(3), false)
	f.Add(triggerPacket(1, 2, 0), uint8(0), true)
	f.Add(patched(plain(wholeEvents...), 24, 0xfffffff0), uint8(0), false)
	f.Fuzz(func(t *testing.T, data []byte, compression uint8, raw bool) {
		c := all[int(compression)%len(all)]
		packed := data
		if !raw {
			packed = compress(t, c, data)
		}
		sound(t, join(header(c, -1, "EVTS 240 180", "IMUS", "TRIG"), packet(0, packed), packet(1, packed), packet(2, packed), packet(9, packed)), 7, events.Geometry{})
	})
}

// FuzzHeader changes the header's flatbuffer and its XML.
func FuzzHeader(f *testing.F) {
	f.Add(header(aedat4.None, -1, "EVTS 240 180", "IMUS")[18:], "")
	f.Add(header(aedat4.ZSTD, 1<<40, "EVTS")[18:], `<dv><node name="outInfo"><node name="0"><attr key="typeIdentifier">EVTS</attr>`)
	f.Fuzz(func(t *testing.T, data []byte, xml string) {
		b := packet(0, data) // its last four bytes of the head are the size
		sound(t, join([]byte("#!AER-DAT4.0\r\n"), b[4:], packet(0, plain(wholeEvents...))), 7, events.Geometry{})
		sound(t, join(headerXML(aedat4.None, -1, xml), packet(0, plain(wholeEvents...))), 7, events.Geometry{})
	})
}
