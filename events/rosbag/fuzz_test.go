package rosbag_test

import (
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/rosbag"
)

// FuzzRead reads any bytes behind the line that a bag begins with.
func FuzzRead(f *testing.F) {
	b, in, _, _, _ := small(f)
	f.Add(b[len(magic):], uint8(3), uint16(0), uint16(0))
	for _, c := range compressions {
		parts := records(chunk(f, c, camera()), chunk(f, c, packets(f, 0, "evt3", 0, 10, in)...), record(nil, "op=\x09"))
		b := unclosed(parts...)
		f.Add(b[headBytes:], uint8(1), uint16(640), uint16(480))
		f.Add(b[headBytes:len(b)-100], uint8(1), uint16(30), uint16(8))
	}
	f.Add(chunk(f, "none", connection(0, "/dvs", "dvs_msgs/EventArray"), array(0, in...)), uint8(0), uint16(0), uint16(0))
	f.Fuzz(func(t *testing.T, data []byte, capacity uint8, width, height uint16) {
		formattest.Sound(t, formattest.Opener(t, rosbag.Name, formattest.Geometry(width, height)), append([]byte(magic), data...), int(capacity)+1)
	})
}

// FuzzChunk changes what is in a chunk, which FuzzRead hardly reaches where it is compressed.
func FuzzChunk(f *testing.F) {
	_, in, _, _, _ := small(f)
	for i := range compressions {
		for _, p := range packets(f, 0, "mono", 0, 10, in)[:1] {
			f.Add(append(camera(), p...), uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, compression uint8) {
		if len(data) == 0 || len(data) > 5000 {
			return // what the tests' compressor is for
		}
		b := bag(chunk(t, "none", camera()), chunk(t, compressions[int(compression)%3], data), chunk(t, "none", data))
		formattest.Sound(t, formattest.Opener(t, rosbag.Name, events.Geometry{}), b, 7)
	})
}
