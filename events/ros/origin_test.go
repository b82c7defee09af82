package ros_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/ros"
	"github.com/saccade-dev/saccade/events/ros/rostest"
)

// A bag tells its camera by the frame of the topic's first message, or the topic, and its start
// by that message's stamp.
func TestOrigin(t *testing.T) {
	tell := func(of ...any) events.Source {
		r, err := ros.NewReader(bag(of...), format, events.Geometry{})
		require.NoError(t, err)
		teller, ok := r.(events.SourceTeller)
		require.True(t, ok)
		return teller.Source()
	}
	start := time.Unix(1_700_000_000, 123_456_789).UTC()
	imu := ros.Message{Topic: "/imu", Type: "sensor_msgs/msg/Imu", CDR: true}
	for _, w := range rostest.Wires {
		p := packet(w, "/left", encoded(t, "mono", 0, 3, scene[:3])[0])
		require.Equal(t, events.Source{Camera: "camera", Start: start}, tell(imu, p))
		a := array(w, "/left", "dvs_msgs/EventArray", 0, scene[:3]...)
		require.Equal(t, events.Source{Camera: "camera frame", Start: start}, tell(a, p), "the first message's")
	}
	require.Equal(t, events.Source{}, tell(imu), "no message with events")

	// By hand: a frame without a name, a stamp of a simulation.
	data := rostest.Packet{Geometry: vga, Encoding: "mono"}.Bytes(rostest.ROS1)
	data = bytes.Replace(data, []byte("\x06\x00\x00\x00camera"), make([]byte, 4), 1)
	copy(data[4:], []byte{5, 0, 0, 0})
	m := ros.Message{Topic: "/left/events", Type: "event_camera_msgs/EventPacket", Data: data}
	require.Equal(t, events.Source{Camera: "/left/events"}, tell(m))
}

// A compressed message is damage that says what to do.
func TestCompressedMessage(t *testing.T) {
	good := packet(rostest.CDRLittle, "/e", encoded(t, "mono", 0, 500, scene)[0])
	c := read(t, events.Geometry{}, 64, ros.Message{Topic: "/e", Type: good.Type, CDR: true, Data: []byte("\x28\xb5\x2f\xfd and more")}, good)
	require.Equal(t, scene, c.Events)
	require.Len(t, c.Damage, 1)
	require.ErrorContains(t, c.Damage[0], `expected CDR of version 1, found a message that rosbag2 has compressed (zstd): decompress the bag first`)
}
