package db3_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/ros/rostest"
)

var sensor = events.Geometry{Width: 64, Height: 48}

// The tables of a bag.
const (
	topicsTable   = "CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, serialization_format TEXT NOT NULL, offered_qos_profiles TEXT NOT NULL);"
	messagesTable = "CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL, timestamp INTEGER NOT NULL, data BLOB NOT NULL);"
	timeIndex     = "CREATE INDEX timestamp_idx ON messages (timestamp ASC);"
	topicRows     = "INSERT INTO topics VALUES (1, '/events', 'dvs_msgs/msg/EventArray', 'cdr', ''), (2, '/said', 'std_msgs/msg/String', 'cdr', ''), (3, '/other', 'dvs_msgs/msg/EventArray', 'json', '');"
	tables        = topicsTable + messagesTable + timeIndex + topicRows

	// laterTables are those of rosbag2 from Iron on.
	laterTables = "CREATE TABLE schema(schema_version INTEGER PRIMARY KEY, ros_distro TEXT NOT NULL);" +
		"CREATE TABLE metadata(id INTEGER PRIMARY KEY, metadata_version INTEGER NOT NULL, metadata TEXT NOT NULL);" +
		"CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, serialization_format TEXT NOT NULL, offered_qos_profiles TEXT NOT NULL, type_description_hash TEXT NOT NULL);" +
		"CREATE TABLE message_definitions(id INTEGER PRIMARY KEY, topic_type TEXT NOT NULL, encoding TEXT NOT NULL, encoded_message_definition TEXT NOT NULL, type_description_hash TEXT NOT NULL);" +
		messagesTable + timeIndex +
		"INSERT INTO schema VALUES (4, 'jazzy'); INSERT INTO metadata VALUES (1, 9, 'rosbag2_bagfile_information:');"
)

// row is a message: of a topic, at a time in nanoseconds, with data, which should be bytes.
type row struct {
	topic, time int64
	data        any
}

// made makes a database of SQL and of messages, in the order in which they are given. What it
// says of the library that wrote it is left out.
func made(t testing.TB, sql string, rows []row) []byte {
	path := filepath.Join(t.TempDir(), "bag.db3")
	c, err := sqlite3.Open("file:" + path)
	require.NoError(t, err)
	require.NoError(t, c.Exec("PRAGMA page_size=1024;"+sql+";BEGIN"))
	s, _, err := c.Prepare("INSERT INTO messages(topic_id, timestamp, data) VALUES (?, ?, ?)")
	if len(rows) > 0 {
		require.NoError(t, err)
	}
	for _, r := range rows {
		require.NoError(t, s.BindInt64(1, r.topic))
		require.NoError(t, s.BindInt64(2, r.time))
		switch data := r.data.(type) {
		case []byte:
			require.NoError(t, s.BindBlob(3, data))
		case string:
			require.NoError(t, s.BindText(3, data))
		default:
			require.Failf(t, "data", "%T", data)
		}
		require.NoError(t, s.Exec())
	}
	if err == nil {
		require.NoError(t, s.Close())
	}
	require.NoError(t, c.Exec("COMMIT"))
	require.NoError(t, c.Close())
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	const version = 96
	clear(b[version : version+4])
	return b
}

// database makes a database of SQL and of messages of topic 1 with an event each, the last first.
func database(t testing.TB, sql string, in []events.Event) []byte {
	rows := make([]row, 0, len(in))
	for i := len(in) - 1; i >= 0; i-- {
		data, _ := rostest.Array(rostest.CDRLittle, sensor, 0, in[i])
		rows = append(rows, row{1, in[i].T, data})
	}
	return made(t, sql, rows)
}

// packets are the messages of so many events each in an encoding, of a topic, numbered from seq on.
func packets(t require.TestingT, w rostest.Wire, topic int64, encoding string, seq uint64, each int, in []events.Event) (out []row) {
	e := formattest.Encoding(t, encoding).NewEncoder()
	for len(in) > 0 {
		h := events.MessageHeader{Geometry: sensor, TimeBase: e.TimeBase(in[0].T)}
		data, n, err := e.Encode(h, nil, in[:min(each, len(in))])
		require.NoError(t, err)
		p := rostest.Packet{Geometry: sensor, Seq: seq, Base: uint64(h.TimeBase), Encoding: encoding, Data: data}
		out = append(out, row{topic, in[0].T * 1000, p.Bytes(w)})
		in, seq = in[n:], seq+1
	}
	return out
}

// array is a message of an EventArray.
func array(w rostest.Wire, topic int64, in ...events.Event) row {
	data, _ := rostest.Array(w, sensor, 500, in...)
	return row{topic, in[0].T * 1000, data}
}

// scene is of events of which no two are of the same time.
func scene(n int) []events.Event {
	out := make([]events.Event, n)
	for i := range out {
		out[i] = events.Event{T: 1e6 + int64(i)*7, X: uint16(i % sensor.Width), Y: uint16(i % sensor.Height), P: events.Polarity(i % 2)}
	}
	return out
}
