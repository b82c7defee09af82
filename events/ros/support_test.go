package ros_test

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/ros"
	"github.com/saccade-dev/saccade/events/ros/rostest"
)

const format = "bag"

var vga = events.Geometry{Width: 640, Height: 480}

// list is a bag in memory: messages, or errors in their place. Its messages stand behind
// each other, from byte 1000 on.
type list struct {
	of     []any // ros.Message or error
	at     int
	offset int64
	closed int
}

func bag(of ...any) *list { return &list{of: of, offset: 1000} }

func (l *list) Next() (ros.Message, error) {
	if l.at == len(l.of) {
		return ros.Message{}, io.EOF
	}
	l.at++
	switch v := l.of[l.at-1].(type) {
	case ros.Message:
		v.Offset = l.offset
		l.offset += int64(len(v.Data))
		return v, nil
	case error:
		return ros.Message{}, v
	}
	panic("neither a message nor an error")
}

func (l *list) Close() error {
	l.closed++
	return nil
}

// packet is a message of a topic.
func packet(w rostest.Wire, topic string, p rostest.Packet) ros.Message {
	kind := "event_camera_msgs/EventPacket"
	if w.CDR() {
		kind = "event_camera_msgs/msg/EventPacket"
	}
	return ros.Message{Topic: topic, Type: kind, CDR: w.CDR(), Data: p.Bytes(w)}
}

func array(w rostest.Wire, topic, kind string, nanos uint32, in ...events.Event) ros.Message {
	b, _ := rostest.Array(w, vga, nanos, in...)
	return ros.Message{Topic: topic, Type: kind, CDR: w.CDR(), Data: b}
}

// encoded are packets of an encoding, so many events each, numbered from seq on.
func encoded(t require.TestingT, encoding string, seq uint64, each int, in []events.Event) (out []rostest.Packet) {
	e := formattest.Encoding(t, encoding).NewEncoder()
	for len(in) > 0 {
		h := events.MessageHeader{Geometry: vga, TimeBase: e.TimeBase(in[0].T)}
		data, n, err := e.Encode(h, nil, in[:min(each, len(in))])
		require.NoError(t, err)
		require.Positive(t, n)
		out = append(out, rostest.Packet{Geometry: vga, Seq: seq, Base: uint64(h.TimeBase), Encoding: encoding, Data: data})
		in, seq = in[n:], seq+1
	}
	return out
}

// read reads a bag to its end.
func read(t require.TestingT, g events.Geometry, capacity int, of ...any) (c formattest.Content) {
	r, err := ros.NewReader(bag(of...), format, g)
	require.NoError(t, err)
	c.Events, c.Damage, c.End = formattest.ReadAll(t, r, capacity)
	c.Header, c.Skipped = r.Header(), r.Skipped()
	return c
}

// split takes the place off a text that ends with one, behind a bar.
func split(s string) (text string, at int64) {
	text, number, _ := strings.Cut(s, "|")
	at, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		panic(err)
	}
	return text, at
}

func sprint(format string, at int64) string { return fmt.Sprintf(format, at) }
