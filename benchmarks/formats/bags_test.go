package formats_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/db3"
	"github.com/saccade-dev/saccade/events/evt3"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/mcap"
	"github.com/saccade-dev/saccade/events/ros/rostest"
	"github.com/saccade-dev/saccade/events/rosbag"
)

const (
	// bagMessage is the time of a message: drivers send one a millisecond.
	bagMessage = 1000
	// bagChunk is about how much recorders put into a chunk.
	bagChunk = 768 << 10
)

// bagged is a bag of a scene in EVT 3.0, by its format and its compression.
func bagged(t testing.TB, name string, g events.Geometry, in []events.Event) (f *events.Format, data []byte) {
	format, compression, _ := strings.Cut(name, " ")
	switch format {
	case rosbag.Name:
		data = rosbagOf(t, compression, evt3Messages(t, rostest.ROS1, g, in))
	case mcap.Name:
		data = mcapOf(t, compression, evt3Messages(t, rostest.CDRLittle, g, in))
	case db3.Name:
		data = db3Of(t, evt3Messages(t, rostest.CDRLittle, g, in))
	default:
		return nil, nil
	}
	return formattest.Format(t, format), data
}

// evt3Messages are the messages of a camera's driver.
func evt3Messages(t testing.TB, w rostest.Wire, g events.Geometry, in []events.Event) (out [][]byte) {
	e := formattest.Encoding(t, evt3.Name).NewEncoder()
	for seq := uint64(0); len(in) > 0; {
		n := 0
		for ; n < len(in) && in[n].T < in[0].T+bagMessage; n++ {
		}
		data, n, err := e.Encode(events.MessageHeader{Geometry: g}, nil, in[:n])
		require.NoError(t, err)
		out = append(out, rostest.Packet{Geometry: g, Seq: seq, Encoding: evt3.Name, Data: data}.Bytes(w))
		in, seq = in[n:], seq+1
	}
	return out
}

// chunked calls chunk for records as they are put into chunks.
func chunked(records [][]byte, chunk func(b []byte)) {
	var b []byte
	for i, r := range records {
		if b = append(b, r...); len(b) >= bagChunk || i == len(records)-1 {
			chunk(b)
			b = nil
		}
	}
}

var order = binary.LittleEndian

// sized is bytes behind their length.
func sized(b []byte) []byte { return append(order.AppendUint32(nil, uint32(len(b))), b...) }

// rosbagOf is a ROS 1 bag; see the package rosbag.
func rosbagOf(t testing.TB, compression string, messages [][]byte) []byte {
	record := func(data []byte, fields ...string) []byte {
		var header []byte
		for _, f := range fields {
			header = append(header, sized([]byte(f))...)
		}
		return append(sized(header), sized(data)...)
	}
	id := string(order.AppendUint32(nil, 0))
	topic := sized([]byte("topic=/events"))
	records := [][]byte{record(append(topic, sized([]byte("type=event_camera_msgs/EventPacket"))...), "op=\x07", "conn="+id, "topic=/events")}
	for _, m := range messages {
		records = append(records, record(m, "op=\x02", "conn="+id, "time=12345678"))
	}
	out := []byte("#ROSBAG V2.0\n")
	index := len(out) + len(record(nil, "op=\x03", "index_pos=12345678"))
	var chunks []byte
	chunked(records, func(b []byte) {
		chunks = append(chunks, record(formattest.Compress(t, compression, b), "op=\x05", "compression="+compression, "size="+string(order.AppendUint32(nil, uint32(len(b)))))...)
	})
	out = append(out, record(nil, "op=\x03", "index_pos="+string(order.AppendUint64(nil, uint64(index+len(chunks)))))...)
	return append(out, chunks...)
}

// mcapOf is an MCAP file with sums; see the package mcap.
func mcapOf(t testing.TB, compression string, messages [][]byte) []byte {
	const magic = "\x89MCAP0\r\n"
	record := func(op byte, parts ...[]byte) []byte {
		content := bytes.Join(parts, nil)
		return append(order.AppendUint64([]byte{op}, uint64(len(content))), content...)
	}
	text := func(s string) []byte { return sized([]byte(s)) }
	id := []byte{1, 0}
	records := [][]byte{
		record(3, id, text("event_camera_msgs/msg/EventPacket"), text("ros2msg"), text("")),
		record(4, id, id, text("/events"), text("cdr"), text("")),
	}
	for _, m := range messages {
		records = append(records, record(5, id, make([]byte, 4+8+8), m))
	}
	out := append([]byte(magic), record(1, text("ros2"), text(""))...)
	name := strings.TrimPrefix(compression, "none")
	chunked(records, func(b []byte) {
		c := formattest.Compress(t, compression, b)
		out = append(out, record(6, make([]byte, 16), order.AppendUint64(nil, uint64(len(b))), order.AppendUint32(nil, crc32.ChecksumIEEE(b)),
			text(name), order.AppendUint64(nil, uint64(len(c))), c)...)
	})
	out = append(out, record(15, order.AppendUint32(nil, crc32.ChecksumIEEE(out)))...)
	out = append(out, record(2, make([]byte, 8+8+4))...)
	return append(out, magic...)
}

// db3Of is a bag of ROS 2 in SQLite; see the package db3.
func db3Of(t testing.TB, messages [][]byte) []byte {
	path := filepath.Join(t.TempDir(), "bag.db3")
	c, err := sqlite3.Open("file:" + path)
	require.NoError(t, err)
	require.NoError(t, c.Exec(`CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, serialization_format TEXT NOT NULL, offered_qos_profiles TEXT NOT NULL);
		CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL, timestamp INTEGER NOT NULL, data BLOB NOT NULL);
		CREATE INDEX timestamp_idx ON messages (timestamp ASC);
		INSERT INTO topics VALUES (1, '/events', 'event_camera_msgs/msg/EventPacket', 'cdr', '');
		BEGIN`))
	s, _, err := c.Prepare("INSERT INTO messages(topic_id, timestamp, data) VALUES (1, ?, ?)")
	require.NoError(t, err)
	for i, m := range messages {
		require.NoError(t, s.BindInt64(1, int64(i)))
		require.NoError(t, s.BindBlob(2, m))
		require.NoError(t, s.Exec())
	}
	require.NoError(t, s.Close())
	require.NoError(t, c.Exec("COMMIT"))
	require.NoError(t, c.Close())
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return b
}
