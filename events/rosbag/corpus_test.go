package rosbag_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/ros/rostest"
	"github.com/saccade-dev/saccade/events/rosbag"
)

// Small bags, and what is in them.
func TestCorpus(t *testing.T) {
	formattest.Corpus(t, filepath.Join("testdata", "corpus"), corpus(t))
}

var compressions = []string{"none", "bz2", "lz4"}

func corpus(t *testing.T) (out []formattest.File) {
	add := func(name, about string, data []byte, in []events.Event, damaged int, cut bool) {
		out = append(out, formattest.File{
			Name: name, About: about, Format: rosbag.Name, Data: data, Geometry: vga, Events: in, Damaged: damaged, Cut: cut,
			Loose: bytes.Contains(data, []byte("compression=lz4")),
		})
	}
	in := formattest.Scene(11, 240, 16_777_000, vga)
	for i, encoding := range []string{"evt3", "evt2", "libcaer", "mono"} {
		c := compressions[i%3]
		p := packets(t, 0, encoding, 9, 40, in)
		add(encoding+"_"+c+".bag", "EventPacket in "+encoding+", two chunks of compression "+c,
			bag(chunk(t, c, records(camera(), p[:2]...)...), chunk(t, c, p[2:]...)), in, 0, false)
	}
	// A quarter of the columns that libcaer_cmp has bits for, one vector of eight rows each.
	var words []byte
	var columns []events.Event
	words = append(words, 0x01, 0x00, 0xe8, 0x13) // time 4096+1000
	for x := range uint16(50) {
		words = append(words, byte(x), 0x20, 0x10, 0x48, 0x81, 0x50, 0x01, 0x50, byte(x), 0x30)
		for _, e := range []events.Event{{Y: 16, P: 1}, {Y: 23, P: 1}, {Y: 24, P: 1}, {Y: x}} {
			columns = append(columns, events.Event{T: 1_000_000 + 5096, X: x, Y: e.Y, P: e.P})
		}
	}
	cmp := rostest.Packet{Geometry: vga, Base: 1_000_000_999, Encoding: "libcaer_cmp", Data: words}
	add("libcaer_cmp.bag", "EventPacket in libcaer_cmp: vectors behind each other, single events, times in both parts",
		bag(chunk(t, "none", camera(), message(0, cmp.Bytes(rostest.ROS1)))), columns, 0, false)

	dvs := connection(0, "/dvs/events", "dvs_msgs/EventArray")
	add("dvs_arrays.bag", "dvs_msgs/EventArray with nanoseconds, an empty one, in chunks of each compression",
		bag(chunk(t, "lz4", dvs, array(0, in[:80]...)), chunk(t, "none", array(0), array(0, in[80:160]...)), chunk(t, "bz2", array(0, in[160:]...))), in, 0, false)
	add("prophesee_arrays.bag", "prophesee_event_msgs/EventArray",
		bag(chunk(t, "bz2", connection(0, "/prophesee/camera/cd_events_buffer", "prophesee_event_msgs/EventArray"), array(0, in[:200]...), array(0, in[200:]...))), in, 0, false)

	left, right := packets(t, 3, "mono", 0, 60, in), packets(t, 4, "evt3", 0, 60, in[:50])
	triggers := message(5, rostest.Packet{Geometry: vga, Encoding: "trigger", Data: make([]byte, 16)}.Bytes(rostest.ROS1))
	add("topics.bag", "two cameras, triggers in a topic of their own ahead of them, samples of an IMU; connections in the chunk where they are met first",
		bag(chunk(t, "lz4", connection(5, "/triggers", "event_camera_msgs/EventPacket"), triggers, connection(9, "/imu", "sensor_msgs/Imu"), message(9, make([]byte, 300)),
			connection(3, "/left/events", "event_array_msgs/EventArray"), left[0], connection(4, "/right/events", "event_camera_msgs/EventPacket"), bytes.Join(right, nil), left[1]),
			chunk(t, "none", triggers, left[2], message(9, nil), left[3])), in, 0, false)

	p := packets(t, 0, "mono", 0, 40, in)
	add("lost.bag", "messages 2 and 3 are missing, and then the count begins again",
		bag(chunk(t, "none", camera(), p[0], p[1], p[4], p[0])), concat(in[:80], in[160:200], in[:40]), 0, false)

	bad := append([]events.Event{}, in[:3]...)
	bad[1].X = 641
	unknown := message(0, rostest.Packet{Geometry: vga, Seq: 2, Encoding: "evt9"}.Bytes(rostest.ROS1))
	corrupt := chunk(t, "bz2", packets(t, 0, "mono", 3, 40, in[:40])...)
	corrupt[len(corrupt)/2] ^= 4
	strange := bytes.Replace(chunk(t, "none", p[0]), []byte("compression=none"), []byte("compression=zip!"), 1)
	add("damaged.bag", "an event off the sensor, an unknown encoding, a connection and a kind of record that nobody told of, a chunk that cannot be decompressed, one of an unknown compression",
		bag(chunk(t, "none", camera(), packets(t, 0, "libcaer", 1, 3, bad)[0], unknown, message(77, nil), record(nil, "op=\x09")), corrupt, strange, chunk(t, "none", packets(t, 0, "mono", 3, 200, in[40:])...)),
		concat(in[:1], in[2:3], in[40:]), 6, false)
	add("unclosed.bag", "the recording was cut off: there is no index", unclosed(chunk(t, "none", records(camera(), p...)...)), in, 0, true)
	whole := bag(chunk(t, "none", records(camera(), p[:2]...)...))
	at := bytes.Index(whole, p[1])
	add("cut.bag", "the file ends within the eleventh event of a message", whole[:at+len(p[1])-30*8+3], in[:50], 0, true)
	whole = bag(chunk(t, "bz2", records(camera(), p...)...))
	add("cut_bz2.bag", "the file ends within a compressed chunk, in its only block", whole[:len(whole)-2000], nil, 0, true)
	for i := range out {
		if out[i].Name == "cut_bz2.bag" {
			out[i].Geometry = events.Geometry{}
		}
	}
	return out
}

func concat(parts ...[]events.Event) (out []events.Event) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}
