package db3_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/db3"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/ros/rostest"
)

func read(t testing.TB, data []byte) *formattest.Content {
	return formattest.Sound(t, formattest.Opener(t, db3.Name, events.Geometry{}), data, 100)
}

// The suite that all readers pass.
func TestReader(t *testing.T) {
	in := scene(60)
	var rows []row
	for i := 60; i > 0; i -= 12 {
		rows = append(rows, array(rostest.CDRLittle, 1, in[i-12:i]...), row{2, in[i-12].T * 1000, []byte("said")})
	}
	data := made(t, tables, rows)
	s := formattest.Sample{
		Format: db3.Name, Data: data, Header: events.Header{Format: db3.Name, Geometry: sensor}, Events: in,
		Skipped: map[string]int64{"std_msgs/String": 5}, Whole: true, Step: 61, Clean: func(int) bool { return false },
	}
	formattest.Reader(t, s)
}

// Messages come by their times, with an index and without one, and from a database that had a
// write-ahead log.
func TestOrder(t *testing.T) {
	in := scene(300)
	for name, sql := range map[string]string{
		"with an index":          tables,
		"without an index":       topicsTable + messagesTable + topicRows,
		"with a write-ahead log": "PRAGMA journal_mode=WAL;" + tables,
		"an index of no use":     topicsTable + messagesTable + "CREATE INDEX timestamp_idx ON messages (topic_id);" + topicRows,
	} {
		c := read(t, database(t, sql, in))
		require.NotNil(t, c, name)
		require.Equal(t, in, c.Events, name)
		require.Equal(t, io.EOF, c.End, name)
	}
}

// Of a file that was cut off there is what was before, and then an error.
func TestCut(t *testing.T) {
	in := scene(300)
	data := database(t, tables, in)
	some := 0
	for n := 1; n < len(data); n += 509 {
		r, err := db3.NewSource(bytes.NewReader(data[:n]), int64(n))
		if err != nil {
			var fe *events.FormatError
			require.ErrorAs(t, err, &fe)
			require.True(t, fe.Fatal)
			continue
		}
		require.NoError(t, r.Close())
		c := read(t, data[:n])
		require.NotNil(t, c.Cut(), "cut at %d", n)
		require.LessOrEqual(t, len(c.Events), len(in))
		some = max(some, len(c.Events))
	}
	t.Logf("%d of %d events behind the last cut", some, len(in))
}

// What is no bag, or computes what it holds, is refused, and rows that are not what they should be are told.
func TestHostile(t *testing.T) {
	const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i AS id, 1 AS topic_id, i AS timestamp, x'00' AS data FROM n;"
	for name, c := range map[string]struct{ sql, says string }{
		"no tables":        {"CREATE TABLE a(b);", `expected the table "topics" of a ROS 2 bag, found none`},
		"a view":           {topicsTable + "CREATE VIEW messages AS " + endless, `expected the table "messages" of a ROS 2 bag, found view`},
		"a computed one":   {topicsTable + "CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id, timestamp, data AS (zeroblob(1000)));", `found a computed one, "data"`},
		"a column missing": {topicsTable + "CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id, data);", `expected a column "timestamp" in table "messages", found none`},
	} {
		data := database(t, c.sql, nil)
		_, err := db3.NewSource(bytes.NewReader(data), int64(len(data)))
		require.ErrorContains(t, err, c.says, name)
	}
	for name, c := range map[string]struct{ sql, says string }{
		"no topic":      {tables + "INSERT INTO messages VALUES (1, 9, 5, x'00');", "expected a topic for message 1, found number 9, which is none"},
		"no data":       {tables + "INSERT INTO messages VALUES (1, 1, 5, 'text');", "expected message 1 with its data, found "},
		"no time":       {tables + "INSERT INTO messages VALUES (1, 1, 'now', x'00');", "expected a message's time in nanoseconds, found "},
		"is compressed": {tables + "INSERT INTO messages VALUES (1, 1, 5, x'28b52ffd00');", "rosbag2 has compressed (zstd)"},
	} {
		got := read(t, database(t, c.sql, nil))
		all := formattest.Says(got.Damage)
		if cut := got.Cut(); cut != nil {
			all = append(all, cut.Error())
		}
		require.Len(t, all, 1, name)
		require.Contains(t, all[0], c.says, name)
	}
	got := read(t, database(t, tables+"INSERT INTO messages VALUES (1, 2, 5, x'00'), (2, 3, 6, x'00');", nil))
	require.Equal(t, map[string]int64{"std_msgs/String": 1, "dvs_msgs/EventArray in json": 1}, got.Skipped)
}

// Closing gives back what was opened, once or twice.
func TestClose(t *testing.T) {
	data := database(t, tables, scene(3))
	f := formattest.Format(t, db3.Name)
	r, err := f.NewFileReader(bytes.NewReader(data), int64(len(data)), events.Geometry{})
	require.NoError(t, err)
	c, ok := r.(io.Closer)
	require.True(t, ok)
	require.NoError(t, c.Close())
	require.NoError(t, c.Close())
	require.Error(t, r.Read(events.NewPacket(1)))
}

// Any bytes keep to the contract.
func FuzzRead(f *testing.F) {
	data := database(f, tables, scene(60))
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Fuzz(func(t *testing.T, data []byte) { read(t, data) })
}

// What is told of a stream that is larger than is kept in memory names what to do.
func TestStreamTooLarge(t *testing.T) {
	head := made(t, tables, nil)
	_, err := formattest.Format(t, db3.Name).NewReader(formattest.Endless(head, make([]byte, 1<<16)), events.Geometry{})
	require.ErrorContains(t, err, "save it to a file first")
	require.True(t, strings.HasPrefix(err.Error(), "db3 at byte 268435456: "))
}
