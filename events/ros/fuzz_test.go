package ros_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/ros"
	"github.com/saccade-dev/saccade/events/ros/rostest"
)

// FuzzMessage reads any bytes as messages of every type, between two that are sound.
func FuzzMessage(f *testing.F) {
	few := scene[:5]
	for _, w := range rostest.Wires {
		for _, encoding := range []string{"evt2", "evt3", "libcaer", "mono"} {
			f.Add(encoded(f, encoding, 3, 5, few)[0].Bytes(w), w.CDR(), false, uint8(2))
		}
		b, _ := rostest.Array(w, vga, 0, few...)
		f.Add(b, w.CDR(), true, uint8(1))
		f.Add(rostest.Packet{Geometry: vga, Encoding: "libcaer_cmp", Data: []byte{1, 0x20, 2, 0x38, 3, 0x40, 0xff, 0x50, 0xff, 0x50}}.Bytes(w), w.CDR(), false, uint8(0))
		f.Add(rostest.Packet{Encoding: "trigger", Data: make([]byte, 9)}.Bytes(w), w.CDR(), false, uint8(0))
	}
	sound := encoded(f, "mono", 7, 5, few)[0]
	f.Fuzz(func(t *testing.T, data []byte, cdr, isArray bool, capacity uint8) {
		kind := "event_camera_msgs/EventPacket"
		if isArray {
			kind = "prophesee_event_msgs/msg/EventArray"
		}
		m := ros.Message{Topic: "/e", Type: kind, CDR: cdr, Data: data}
		good := packet(rostest.ROS1, "/e", sound)
		for _, apart := range []bool{false, true} {
			m.Apart = apart
			one := read(t, vga, int(capacity)+1, good, m, good)
			other := read(t, vga, 3, good, m, good)
			require.Equal(t, one, other, "whatever the packet's size")
			require.Equal(t, io.EOF, one.End)
			require.GreaterOrEqual(t, len(one.Events), 10, "the messages around it are read")
			require.Equal(t, few, one.Events[:5])
			require.Equal(t, few, one.Events[len(one.Events)-5:])
			if !apart {
				for _, fe := range one.Damage {
					require.LessOrEqual(t, fe.Offset, int64(1000+len(good.Data)+len(data)))
				}
			}
		}
		m.Cut = true
		read(t, events.Geometry{}, int(capacity)+1, m)
	})
}
