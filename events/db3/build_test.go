package db3_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
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
)

// database makes a database of SQL and of messages of topic 1 with an event each, the last first.
func database(t testing.TB, sql string, in []events.Event) []byte {
	path := filepath.Join(t.TempDir(), "bag.db3")
	c, err := sqlite3.Open("file:" + path)
	require.NoError(t, err)
	require.NoError(t, c.Exec("PRAGMA page_size=1024;"+sql))
	if len(in) > 0 {
		s, _, err := c.Prepare("INSERT INTO messages(topic_id, timestamp, data) VALUES (1, ?, ?)")
		require.NoError(t, err)
		for i := len(in) - 1; i >= 0; i-- {
			data, _ := rostest.Array(rostest.CDRLittle, sensor, 0, in[i])
			require.NoError(t, s.BindInt64(1, in[i].T))
			require.NoError(t, s.BindBlob(2, data))
			require.NoError(t, s.Exec())
		}
		require.NoError(t, s.Close())
	}
	require.NoError(t, c.Close())
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return b
}

// scene is of events of which no two are of the same time.
func scene(n int) []events.Event {
	out := make([]events.Event, n)
	for i := range out {
		out[i] = events.Event{T: 1e6 + int64(i)*7, X: uint16(i % sensor.Width), Y: uint16(i % sensor.Height), P: events.Polarity(i % 2)}
	}
	return out
}
