package db3_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/db3"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/ros/rostest"
)

// topic is a row of the table of topics.
func topic(id int, name, kind string) string {
	return fmt.Sprintf("INSERT INTO topics(id, name, type, serialization_format, offered_qos_profiles) VALUES (%d, '%s', '%s', 'cdr', '');", id, name, kind)
}

const packetType = "event_camera_msgs/msg/EventPacket"

// The corpus: databases as the versions of rosbag2 write them, and what becomes of them.
func TestCorpus(t *testing.T) {
	in := formattest.Scene(12, 240, 16_777_000, sensor)
	var files []formattest.File
	add := func(name, about string, data []byte, want []events.Event, damaged int, cut bool) {
		files = append(files, formattest.File{
			Name: name + ".db3", About: about, Format: db3.Name, Data: data, Geometry: sensor, Events: want, Damaged: damaged, Cut: cut,
		})
	}
	camera := topicsTable + messagesTable + timeIndex + topic(1, "/camera/events", packetType)

	evt3 := packets(t, rostest.CDRLittle, 1, "evt3", 9, 40, in)
	add("evt3", "EventPacket in evt3, with the tables and columns of rosbag2 since Iron",
		made(t, laterTables+"INSERT INTO topics VALUES (1, '/camera/events', '"+packetType+"', 'cdr', '', 'RIHS01_00')", evt3), in, 0, false)
	oldest := "CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, serialization_format TEXT NOT NULL);" + messagesTable +
		"INSERT INTO topics VALUES (1, '/camera/events', '" + packetType + "', 'cdr');"
	late := packets(t, rostest.CDRBig, 1, "libcaer", 0, 30, in)
	reversed := slices.Clone(late)
	slices.Reverse(reversed)
	add("libcaer_big", "EventPacket in libcaer, CDR with the high byte first; without an index, and the rows in the reverse of their times", made(t, oldest, reversed), in, 0, false)
	add("mono_wal", "EventPacket in mono, in a database that had a write-ahead log", made(t, "PRAGMA journal_mode=WAL;"+camera, packets(t, rostest.CDRLittle, 1, "mono", 0, 100, in)), in, 0, false)
	add("arrays", "dvs_msgs/EventArray with nanoseconds, of one event and of 79: data over several pages; rows with ids from below zero to 2^62, which are not in the order of time",
		made(t, tables+arrayAt(-5, array(rostest.CDRLittle, 1, in[1:80]...))+arrayAt(1<<62, array(rostest.CDRBig, 1, in[:1]...)), []row{}), in[:80], 0, false)
	one, two := array(rostest.CDRLittle, 1, in[:80]...), array(rostest.CDRBig, 1, in[80:]...)
	two.time = one.time
	add("same_time", "two messages of the same time: the one with the lower id comes first", made(t, tables, []row{one, two}), in, 0, false)

	topics := topicsTable + messagesTable + timeIndex + topic(1, "/left/events", packetType) + topic(2, "/right/events", packetType) +
		topic(3, "/triggers", packetType) + topic(4, "/imu", "sensor_msgs/msg/Imu")
	left, right := packets(t, rostest.CDRLittle, 1, "mono", 0, 60, in), packets(t, rostest.CDRLittle, 2, "evt3", 0, 60, in[:50])
	triggers := row{3, 5, rostest.Packet{Geometry: sensor, Encoding: "trigger", Data: make([]byte, 16)}.Bytes(rostest.CDRLittle)}
	right[0].time = left[1].time + 1
	add("topics", "two cameras, triggers in a topic of their own ahead of them, samples of an IMU",
		made(t, topics, slices.Concat([]row{triggers, {4, 6, make([]byte, 300)}}, left, right, []row{{4, in[100].T * 1000, []byte{}}})), in, 0, false)

	p := packets(t, rostest.CDRLittle, 1, "mono", 0, 40, in)
	again := p[0]
	again.time = p[4].time + 1
	add("lost", "messages 2 and 3 are missing, and then the count begins again",
		made(t, camera, []row{p[0], p[1], p[4], again}), slices.Concat(in[:80], in[160:200], in[:40]), 0, false)

	off := slices.Clone(in[:3])
	off[1].X = 65
	unknown := row{1, in[3].T*1000 + 1, rostest.Packet{Geometry: sensor, Seq: 2, Encoding: "evt9"}.Bytes(rostest.CDRLittle)}
	rest := packets(t, rostest.CDRLittle, 1, "libcaer", 3, 40, in[4:])
	add("damaged", "an event off the sensor, an unknown encoding, a message of no topic, one of text, one without its end",
		made(t, camera, slices.Concat(packets(t, rostest.CDRLittle, 1, "libcaer", 1, 3, off), []row{unknown, {7, unknown.time + 1, []byte{}}, {1, unknown.time + 2, "text"}, {1, unknown.time + 3, []byte{0, 1, 0, 0, 1}}}, rest)),
		slices.Concat(off[:1], off[2:], in[4:]), 5, false)

	whole := made(t, camera, packets(t, rostest.CDRLittle, 1, "mono", 0, 10, in))
	twentieth, _ := packets(t, rostest.CDRLittle, 1, "mono", 19, 10, in[190:200])[0].data.([]byte)
	at := bytes.Index(whole, twentieth)
	require.Positive(t, at)
	add("cut", "the file was cut within a page: messages up to the first that is missing", whole[:at/1024*1024+500], beforeCut(t, whole, at/1024, in), 0, true)
	formattest.Corpus(t, "testdata", files)
}

// arrayAt inserts a message with an id of its own.
func arrayAt(id int64, r row) string {
	data, _ := r.data.([]byte)
	return fmt.Sprintf("INSERT INTO messages VALUES (%d, %d, %d, x'%x');", id, r.topic, r.time, data)
}

// beforeCut are the events of messages of ten that stand in so many pages of 1024 bytes, up to
// the first that does not.
func beforeCut(t *testing.T, data []byte, pages int, in []events.Event) []events.Event {
	for n := 0; n < len(in); n += 10 {
		b, _ := packets(t, rostest.CDRLittle, 1, "mono", uint64(n/10), 10, in[n:n+10])[0].data.([]byte)
		at := bytes.Index(data, b)
		require.NotEqual(t, -1, at)
		if at >= pages*1024 {
			return in[:n]
		}
	}
	return in
}
