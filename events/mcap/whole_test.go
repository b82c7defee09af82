package mcap_test

import (
	"bytes"
	"io"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/mcap"
	"github.com/saccade-dev/saccade/events/ros/rostest"
)

// A file that rosbag2 has compressed as a whole is read as it is.
func TestWhole(t *testing.T) {
	s := sample(t, "")
	inside := s.Data
	s.Data = formattest.Compress(t, "zstd", inside)
	require.Equal(t, mcap.Name, formattest.Detected(t, s.Data))
	s.Ends, s.Clean = nil, func(int) bool { return false }
	s.Head = 4
	s.Unread = 0
	formattest.Reader(t, s)

	// In several frames, as "zstd" makes them of parts.
	c := read(t, join(formattest.Compress(t, "zstd", inside[:700]), formattest.Compress(t, "zstd", inside[700:])))
	require.Equal(t, s.Events, c.Events)
	require.Equal(t, io.EOF, c.End)
}

// Damage inside is told with its place in what was decompressed; damage of the compressed file,
// with that in the file.
func TestWholeDamage(t *testing.T) {
	in := formattest.Scene(6, 30, 1e6, sensor)
	in[4].X = 64 // off the sensor
	b := build(t).schema(1, arrayType).channel(1, 1, "/events", "cdr")
	arrays(b, in)
	b.message(9, 1, nil)
	at := len(b.out) - 9 - 22
	plain := b.done()
	c := read(t, formattest.Compress(t, "zstd", plain))
	require.Len(t, c.Events, 29)
	require.Len(t, c.Damage, 2)
	require.ErrorContains(t, c.Damage[0], "mcap at byte 0: expected an event within 64x48 pixels, found x 64, ")
	require.ErrorContains(t, c.Damage[0], " of message 2")
	require.EqualError(t, c.Damage[1], "mcap at byte 0: expected a Channel record 9 in front of its messages, found none, at byte "+strconv.Itoa(at)+" of what the file decompresses to")
	require.Equal(t, io.EOF, c.End)

	// Cut: what was decompressed before counts, and the end is the file's.
	big := build(t).schema(1, arrayType).channel(1, 1, "/events", "cdr")
	many := formattest.Scene(7, 60_000, 1e6, sensor)
	for i := 0; i < len(many); i += 1000 {
		data, _ := rostest.Array(rostest.CDRLittle, sensor, 0, many[i:i+1000]...)
		big.message(1, 0, data)
	}
	data := formattest.Compress(t, "zstd", big.done())
	half := data[:len(data)/2]
	c = read(t, half)
	require.Greater(t, len(c.Events), 10_000)
	require.Equal(t, many[:len(c.Events)], c.Events)
	require.EqualError(t, c.End, "mcap at byte "+strconv.Itoa(len(half))+": expected a file compressed as a whole by zstd, found the end of the file")

	broken := bytes.Clone(data)
	broken[len(broken)-2] ^= 1 // the frame's sum
	c = read(t, broken)
	require.NotNil(t, c.Cut())
	require.ErrorContains(t, c.End, "a file compressed as a whole by zstd, found ")
}

// What is compressed and no MCAP file is refused with what to do.
func TestWholeOfOthers(t *testing.T) {
	for says, inside := range map[string]string{
		`found an SQLite database (.db3), which is read here and there: decompress it with "zstd -d" first`: "SQLite format 3\x00 and so on",
		`found "#ROSBAG V2.0\nxxx": if that is another recording, decompress it with "zstd -d" first`:       "#ROSBAG V2.0\nxxxxxx",
		`found "": if that is`: "",
	} {
		_, err := formattest.Format(t, mcap.Name).NewReader(bytes.NewReader(formattest.Compress(t, "zstd", []byte(inside))), events.Geometry{})
		require.ErrorContains(t, err, "mcap at byte 0: expected an MCAP file in what zstd decompresses, "+says)
	}
	// A window of two GiB is not made.
	_, err := formattest.Format(t, mcap.Name).NewReader(bytes.NewReader(join([]byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8}, make([]byte, 9))), events.Geometry{})
	require.ErrorContains(t, err, "in windows of at most 33554432 bytes, found more")
}
