package ros_test

import (
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/ros"
	"github.com/saccade-dev/saccade/events/ros/rostest"
)

var scene = formattest.Scene(1, 500, 7_000_000, vga)

// What is encoded comes out again, in every encoding, serialisation and size of packet.
func TestPackets(t *testing.T) {
	for _, encoding := range []string{"evt2", "evt3", "libcaer", "mono"} {
		for _, w := range rostest.Wires {
			var of []any
			for _, p := range encoded(t, encoding, 5, 70, scene) {
				of = append(of, packet(w, "/events", p))
			}
			for _, capacity := range []int{1, 3, 64, 4096} {
				c := read(t, events.Geometry{}, capacity, of...)
				require.Equal(t, scene, c.Events, "%s, wire %d, packets of %d", encoding, w, capacity)
				require.Empty(t, c.Damage)
				require.Equal(t, io.EOF, c.End)
				require.Empty(t, c.Skipped)
				require.Equal(t, events.Header{Format: format, Geometry: vga}, c.Header)
			}
		}
	}
}

func TestOldName(t *testing.T) {
	m := packet(rostest.ROS1, "/events", encoded(t, "mono", 0, 500, scene)[0])
	m.Type = "event_array_msgs/EventArray"
	require.Equal(t, scene, read(t, events.Geometry{}, 100, m).Events)
}

// The messages of rpg_dvs_ros, of which the nanoseconds are rounded down.
func TestArrays(t *testing.T) {
	for _, w := range rostest.Wires {
		for _, kind := range []string{"dvs_msgs/EventArray", "dvs_msgs/msg/EventArray", "prophesee_event_msgs/EventArray"} {
			a, b := array(w, "/dvs/events", kind, 999, scene[:201]...), array(w, "/dvs/events", kind, 0, scene[201:]...)
			for _, capacity := range []int{1, 3, 64, 4096} {
				c := read(t, events.Geometry{}, capacity, a, array(w, "/dvs/events", kind, 0), b)
				require.Equal(t, scene, c.Events, "%s, wire %d, packets of %d", kind, w, capacity)
				require.Empty(t, c.Damage)
				require.Equal(t, vga, c.Header.Geometry)
			}
		}
	}
}

// Bytes from the definitions of the messages, without the builder that the other tests use.
func TestBytesByHand(t *testing.T) {
	ros1 := []byte("\x01\x00\x00\x00" + "\x02\x00\x00\x00\x03\x00\x00\x00" + "\x01\x00\x00\x00c" + "\x05\x00\x00\x00\x09\x00\x00\x00" + "\x01\x00\x00\x00" +
		"\x08\x00\x04\x00\x07\x00\x00\x00\xe7\x03\x00\x00\x01")
	c := read(t, events.Geometry{}, 5, ros.Message{Topic: "/e", Type: "dvs_msgs/EventArray", Data: ros1})
	require.Empty(t, c.Damage)
	require.Equal(t, []events.Event{{T: 7_000_000, X: 8, Y: 4, P: events.On}}, c.Events)
	require.Equal(t, events.Geometry{Width: 9, Height: 5}, c.Header.Geometry)

	ros2 := []byte("\x00\x01\x00\x00" + "\x02\x00\x00\x00\x03\x00\x00\x00" + "\x02\x00\x00\x00c\x00" + "\x00\x00" + "\x05\x00\x00\x00\x09\x00\x00\x00" +
		"\x2a\x00\x00\x00\x00\x00\x00\x00" + "\xe8\x03\x00\x00\x00\x00\x00\x00" + "\x05\x00\x00\x00mono\x00" + "\x00" + "\x00\x00" + "\x08\x00\x00\x00" +
		"\xff\x07\x00\x00\x08\x00\x04\x80")
	c = read(t, events.Geometry{}, 5, ros.Message{Topic: "/e", Type: "event_camera_msgs/msg/EventPacket", CDR: true, Data: ros2})
	require.Empty(t, c.Damage)
	require.Equal(t, []events.Event{{T: 3, X: 8, Y: 4, P: events.On}}, c.Events)
}

// One topic is read; what else there is, is counted.
func TestTopics(t *testing.T) {
	left, right := encoded(t, "evt3", 0, 100, scene[:200]), encoded(t, "mono", 0, 100, scene[200:400])
	imu := ros.Message{Topic: "/imu", Type: "sensor_msgs/msg/Imu", CDR: true}
	triggers := packet(rostest.ROS1, "/triggers", rostest.Packet{Encoding: "trigger", Data: make([]byte, 3*8)})
	of := []any{
		imu, triggers, packet(rostest.ROS1, "/left", left[0]), packet(rostest.ROS1, "/right", right[0]), imu,
		packet(rostest.ROS1, "/right", right[1]), packet(rostest.ROS1, "/left", left[1]), triggers,
		ros.Message{},
	}
	c := read(t, events.Geometry{}, 64, of...)
	require.Equal(t, scene[:200], c.Events)
	require.Equal(t, map[string]int64{
		"sensor_msgs/Imu": 2, "external trigger": 6, "event message of topic /right": 2, "message without a type": 1,
	}, c.Skipped)

	choose := func(topic string) ([]events.Event, error) {
		r, err := ros.NewReader(bag(of...), format, events.Geometry{})
		require.NoError(t, err)
		require.NoError(t, topics(t, r).SelectTopic(topic))
		in, _, end := formattest.ReadAll(t, r, 64)
		return in, end
	}
	in, end := choose("/right")
	require.Equal(t, scene[200:400], in)
	require.Equal(t, io.EOF, end)
	_, end = choose("/imu")
	require.EqualError(t, end, `topic "/imu" holds messages of sensor_msgs/msg/Imu, not of events`)
	_, end = choose("/none")
	require.EqualError(t, end, `there is no topic "/none": those with events are /left, /right`)
	of = of[:1]
	_, end = choose("/none")
	require.EqualError(t, end, `there is no topic "/none", and none with events`)
	require.Equal(t, io.EOF, read(t, events.Geometry{}, 3, of...).End, "a bag without events")
}

func TestSelectTopicLate(t *testing.T) {
	r, err := ros.NewReader(bag(packet(rostest.ROS1, "/a", encoded(t, "mono", 0, 500, scene)[0])), format, events.Geometry{})
	require.NoError(t, err)
	require.Equal(t, vga, r.Header().Geometry, "known before reading")
	require.ErrorContains(t, topics(t, r).SelectTopic("/b"), "before reading begins")
}

// Gaps in the numbers are counted, and a decoder that carries time leaves out what it cannot
// place until it knows time again.
func TestLost(t *testing.T) {
	in := formattest.Scene(2, 4000, 5000, vga)
	of := func(encoding string, numbers ...int) []any {
		var out []any
		for _, n := range numbers {
			out = append(out, packet(rostest.CDRLittle, "/e", encoded(t, encoding, 40, 100, in)[n]))
		}
		return out
	}
	c := read(t, events.Geometry{}, 1000, of("mono", 0, 1, 5, 6)...)
	require.Equal(t, append(append([]events.Event{}, in[:200]...), in[500:700]...), c.Events)
	require.Equal(t, map[string]int64{"message lost": 3}, c.Skipped)
	c = read(t, events.Geometry{}, 1000, of("mono", 3, 0, 1)...)
	require.Equal(t, map[string]int64{"sequence restart": 1}, c.Skipped)

	// A stream of words that is cut anywhere: behind the gap, events wait for their time.
	whole := encoded(t, "evt3", 0, len(in), in)[0]
	var parts []any
	for i := 0; i < len(whole.Data); i += 100 {
		if i < 1000 || i >= 2000 {
			p := whole
			p.Seq, p.Data = uint64(i/100), whole.Data[i:min(i+100, len(whole.Data))]
			parts = append(parts, packet(rostest.CDRBig, "/e", p))
		}
	}
	c = read(t, events.Geometry{}, 1000, parts...)
	require.EqualValues(t, 10, c.Skipped["message lost"])
	require.Positive(t, c.Skipped["event without a time or place"])
	before := 0
	for ; c.Events[before] == in[before]; before++ {
	}
	require.Greater(t, before, 100)
	require.Less(t, before, 400)
	behind := c.Events[before:]
	require.Greater(t, len(behind), 3000)
	require.Equal(t, in[len(in)-len(behind):], behind, "none with a wrong time or place")
}

func TestGivenGeometry(t *testing.T) {
	p := encoded(t, "mono", 0, 500, scene)[0]
	p.Geometry = events.Geometry{}
	c := read(t, events.Geometry{}, 100, packet(rostest.ROS1, "/e", p))
	require.Equal(t, scene, c.Events)
	require.Equal(t, events.Geometry{}, c.Header.Geometry, "nobody said")
	p.Geometry = vga
	given := events.Geometry{Width: 320, Height: 480}
	c = read(t, given, 100, packet(rostest.ROS1, "/e", p))
	require.Equal(t, given, c.Header.Geometry)
	require.Len(t, c.Events, 500-len(c.Damage))
	_, err := ros.NewReader(bag(), format, events.Geometry{Width: 5000, Height: 1})
	require.EqualError(t, err, "geometry 5000x1: expected sides from 1 to 4096")
}

// What the source says is passed on, and comes in its place.
func TestSourceFails(t *testing.T) {
	m := packet(rostest.ROS1, "/e", encoded(t, "mono", 0, 500, scene)[0])
	behind := &events.FormatError{Format: format, Offset: 3, Want: "this", Got: "that"}
	fatal := &events.FormatError{Format: format, Offset: 4, Want: "this", Got: "that", Fatal: true}
	broken := errors.New("broken")
	for _, end := range []error{fatal, broken} {
		c := read(t, events.Geometry{}, 64, behind, m, end)
		require.Equal(t, scene, c.Events)
		require.Equal(t, []*events.FormatError{behind}, c.Damage)
		require.Equal(t, end, c.End)
	}
	l := bag(m)
	r, err := ros.NewReader(l, format, events.Geometry{})
	require.NoError(t, err)
	c, ok := r.(io.Closer)
	require.True(t, ok)
	require.NoError(t, c.Close())
	require.Equal(t, 1, l.closed)
}

func TestNoAllocation(t *testing.T) {
	m := packet(rostest.CDRLittle, "/e", encoded(t, "evt3", 0, 500, scene)[0])
	again := &repeat{m}
	r, err := ros.NewReader(again, format, events.Geometry{})
	require.NoError(t, err)
	p := events.NewPacket(500)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if err := r.Read(p); err != nil || len(p.Events) == 0 {
			t.Error(len(p.Events), err)
		}
	}))
}

type repeat struct{ m ros.Message }

func (r *repeat) Next() (ros.Message, error) { return r.m, nil }

func topics(t *testing.T, r events.Reader) events.TopicReader {
	t.Helper()
	out, ok := r.(events.TopicReader)
	require.True(t, ok)
	return out
}
