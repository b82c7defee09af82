package ros_test

import (
	"encoding/binary"
	"io"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/ros"
	"github.com/saccade-dev/saccade/events/ros/rostest"
)

// A message that cannot be read is damage at its place, and those around it are read.
func TestDamage(t *testing.T) {
	good := encoded(t, "mono", 0, 250, scene)
	change := func(f func(p *rostest.Packet)) ros.Message {
		p := good[0]
		f(&p)
		return packet(rostest.ROS1, "/e", p)
	}
	// ROS 1: a header of 16+6 bytes, height at 22, seq at 30, time base at 38, encoding at 46.
	for says, m := range map[string]ros.Message{
		"bag at byte %d: expected a sensor with sides from 1 to 4096, found 5000x480|22": change(func(p *rostest.Packet) {
			p.Geometry.Width = 5000
		}),
		"bag at byte %d: expected a sensor with sides from 1 to 4096, found 640x0|22": change(func(p *rostest.Packet) {
			p.Geometry.Height = 0
		}),
		"bag at byte %d: expected a sensor of 640x480, as in the messages before, found 320x240|22": change(func(p *rostest.Packet) {
			p.Geometry = events.Geometry{Width: 320, Height: 240}
		}),
		"bag at byte %d: expected a time base to 9223372036854775807 ns, found 9223372036854775808|38": change(func(p *rostest.Packet) {
			p.Base = math.MaxInt64 + 1
		}),
		"bag at byte %d: expected an encoding of events that is known, found \"evt9\"|46": change(func(p *rostest.Packet) { p.Encoding = "evt9" }),
		"bag at byte %d: expected events with the low byte first, found is_bigendian 1|54": change(func(p *rostest.Packet) {
			p.Big = true
		}),
	} {
		text, at := split(says)
		c := read(t, events.Geometry{}, 64, packet(rostest.ROS1, "/e", good[0]), m, packet(rostest.ROS1, "/e", good[1]))
		require.Equal(t, scene, c.Events, says)
		first := int64(1000 + len(good[0].Bytes(rostest.ROS1)))
		require.Equal(t, []string{sprint(text, first+at)}, formattest.Says(c.Damage))
		require.Equal(t, io.EOF, c.End)
	}
}

// Every beginning of a message, and what stands behind its end, is told, unless the source
// says itself that the message was cut.
func TestMessagesCutOff(t *testing.T) {
	few := scene[:3]
	good := packet(rostest.ROS1, "/e", encoded(t, "mono", 0, 3, few)[0])
	for _, w := range rostest.Wires {
		ms := map[string]ros.Message{
			"packet": packet(w, "/e", encoded(t, "mono", 9, 3, few)[0]),
			"array":  array(w, "/e", "dvs_msgs/EventArray", 0, few...),
		}
		for name, m := range ms {
			for n := range len(m.Data) {
				short := m
				short.Data = m.Data[:n]
				c := read(t, events.Geometry{}, 2, short, good)
				require.Equal(t, few, c.Events, "%s of wire %d cut at %d", name, w, n)
				require.Len(t, c.Damage, 1)
				require.LessOrEqual(t, c.Damage[0].Offset, int64(1000+n))

				short.Cut = true
				end := &events.FormatError{Format: format, Offset: int64(1000 + n), Want: "more", Got: "the end", Fatal: true}
				c = read(t, events.Geometry{}, 2, short, end)
				require.Empty(t, c.Damage, "the source says it")
				require.Equal(t, end, c.End)
				require.LessOrEqual(t, len(c.Events), 2)
				require.Equal(t, few[:len(c.Events)], append([]events.Event{}, c.Events...))
				if name == "packet" {
					require.Len(t, c.Events, max(0, 3-(len(m.Data)-n+7)/8))
				}
			}
			long := m
			long.Data = append(append([]byte{}, m.Data...), make([]byte, 8)...)
			c := read(t, events.Geometry{}, 2, long, good)
			require.Len(t, c.Damage, 1)
			require.Contains(t, c.Damage[0].Error(), "expected the end of the message, found 8 bytes more")
		}
	}
}

// Lengths lie; nothing is made of them.
func TestLengths(t *testing.T) {
	m := packet(rostest.ROS1, "/e", encoded(t, "mono", 0, 3, scene[:3])[0])
	a := array(rostest.ROS1, "/e", "dvs_msgs/EventArray", 0, scene[:3]...)
	for _, c := range []struct {
		m    ros.Message
		at   int
		says string
	}{
		{m, 12, "bag at byte 1012: expected the header's frame within the message, found one of 4294967295 bytes"},
		{m, 46, "bag at byte 1046: expected the encoding within the message, found one of 4294967295 bytes"},
		{m, 55, "bag at byte 1055: expected the events within the message, found one of 4294967295 bytes, and 24 are left"},
		{a, 36, "bag at byte 1036: expected as many events as the message holds, found 4294967295 in 39 bytes"},
	} {
		bad := c.m
		bad.Data = append([]byte{}, c.m.Data...)
		binary.LittleEndian.PutUint32(bad.Data[c.at:], math.MaxUint32)
		got := read(t, events.Geometry{}, 9, bad)
		require.Len(t, got.Damage, 1)
		require.ErrorContains(t, got.Damage[0], c.says)
		require.Empty(t, got.Events)
	}
	other := packet(rostest.CDRLittle, "/e", encoded(t, "mono", 0, 3, scene[:3])[0])
	other.Data[1] = 7
	require.Equal(t, []string{"bag at byte 1000: expected CDR of version 1, 0x0000 or 0x0001, found representation 0x0007"},
		formattest.Says(read(t, events.Geometry{}, 9, other).Damage))
}

// Events off the sensor are told one by one, with their place: in the bag, or where that
// is not to be had, in the message.
func TestOffSensor(t *testing.T) {
	in := append([]events.Event{}, scene[:3]...)
	in[1].X, in[2].Y = 640, 481
	p := encoded(t, "libcaer", 0, 3, in)[0]
	for _, m := range []ros.Message{packet(rostest.ROS1, "/e", p), array(rostest.CDRBig, "/e", "dvs_msgs/msg/EventArray", 0, in...)} {
		c := read(t, events.Geometry{}, 9, m)
		require.Equal(t, in[:1], c.Events)
		require.Len(t, c.Damage, 2)
		require.ErrorContains(t, c.Damage[0], "found x 640, y ")
		require.Greater(t, c.Damage[1].Offset, c.Damage[0].Offset)
		m.Apart = true
		in := read(t, events.Geometry{}, 1, m)
		require.Len(t, in.Damage, 2)
		for i, fe := range in.Damage {
			require.EqualValues(t, 1000, fe.Offset)
			require.ErrorContains(t, fe, sprint(", at byte %d of message 1", c.Damage[i].Offset-1000))
		}
	}
}
