package mcap_test

import (
	"fmt"
	"hash/crc32"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/mcap"
	"github.com/saccade-dev/saccade/events/ros/rostest"
)

var sensor = events.Geometry{Width: 64, Height: 48}

const (
	packetType = "event_camera_msgs/msg/EventPacket"
	arrayType  = "dvs_msgs/msg/EventArray"
)

// arrays writes events as messages of three on channel 1, and says where in the file
// each event ends.
func arrays(b *builder, in []events.Event) (ends []int) {
	for len(in) > 0 {
		n := min(3, len(in))
		data, each := rostest.Array(rostest.CDRLittle, sensor, 0, in[:n]...)
		b.message(1, uint64(in[0].T)*1000, data)
		for _, e := range each {
			ends = append(ends, len(*b.to)-len(data)+e)
		}
		in = in[n:]
	}
	return ends
}

// file is one of three parts: messages without a chunk, in a chunk and in another one.
func file(t testing.TB, compression string, in []events.Event) (data []byte, ends []int) {
	b := build(t).schema(1, arrayType).schema(2, "std_msgs/msg/String").channel(1, 1, "/events", "cdr").channel(2, 2, "/said", "cdr")
	ends = arrays(b, in[:7])
	b.message(2, 5, []byte("hello")).attachment("note.txt", []byte("an attachment"), 0).record(0x0c, text("rosbag2"), text(""))
	for _, part := range [][]events.Event{in[7:15], in[15:]} {
		b.begin().schema(3, "std_msgs/msg/Header").channel(3, 3, "/other", "cdr").message(3, 6, nil)
		at := arrays(b, part)
		b.record(0x90, []byte("an application's own"))
		records := len(b.at)
		b.end(compression)
		chunk := b.chunks[len(b.chunks)-1]
		from := chunk[0] + chunk[1] - records
		for _, e := range at {
			ends = append(ends, from+e)
		}
	}
	return b.done(), ends
}

var skipped = map[string]int64{"std_msgs/String": 1, "std_msgs/Header": 2, "attachment": 1, "private record": 2}

func sample(t testing.TB, compression string) formattest.Sample {
	in := formattest.Scene(1, 20, 1e6, sensor)
	data, ends := file(t, compression, in)
	s := formattest.Sample{
		Format: mcap.Name, Data: data, Header: events.Header{Format: mcap.Name, Geometry: sensor}, Events: in, Skipped: skipped,
		Head: 1, Clean: func(n int) bool { return n == len(data) },
	}
	if compression == "" {
		s.Ends = ends
	} else {
		s.Step = 5
	}
	return s
}

func TestReader(t *testing.T) {
	for _, compression := range []string{"", "lz4", "zstd"} {
		t.Run("compressed by "+compression, func(t *testing.T) { formattest.Reader(t, sample(t, compression)) })
	}
}

func read(t testing.TB, data []byte) *formattest.Content {
	return formattest.Sound(t, formattest.Opener(t, mcap.Name, events.Geometry{}), data, 100)
}

// damage is where the damage is that a file has, and what it says.
func damage(c *formattest.Content) []string {
	out := formattest.Says(c.Damage)
	if fe := c.Cut(); fe != nil {
		out = append(out, "at last "+fe.Error())
	}
	return out
}

func says(at int, want, got string) string {
	return fmt.Sprintf("mcap at byte %d: expected %s, found %s", at, want, got)
}

// A chunk whose sum is wrong gives nothing but what others rest on.
func TestChunkSum(t *testing.T) {
	in := formattest.Scene(2, 20, 1e6, sensor)
	for _, compression := range []string{"", "lz4", "zstd"} {
		b := build(t).begin().schema(1, arrayType).channel(1, 1, "/events", "cdr")
		arrays(b, in[:10])
		want := crc32.ChecksumIEEE(b.at)
		b.plain = true
		b.to = &b.out
		at := len(b.out)
		b.record(0x06, chunkContent(uint64(len(b.at)), u32(want+1), compression, formattest.Compress(t, compression, b.at)))
		b.begin()
		arrays(b, in[10:])
		c := read(t, b.end(compression).done())
		require.Equal(t, in[10:], c.Events)
		require.Equal(t, []string{says(at, fmt.Sprintf("a chunk whose records have the CRC %08x", want+1), fmt.Sprintf("%08x", want))}, damage(c))
	}
}

// What a chunk says of itself and is not so is told, and what is whole is read.
func TestChunkLies(t *testing.T) {
	in := formattest.Scene(3, 12, 1e6, sensor)
	b := build(t).schema(1, arrayType).channel(1, 1, "/events", "cdr")
	b.begin()
	arrays(b, in)
	whole, head := b.at, b.out
	at := len(head)
	tail := func(from []byte) []byte {
		b := &builder{t: t, out: from, plain: true}
		b.to = &b.out
		return b.done()
	}
	chunk := func(content ...[]byte) *formattest.Content {
		return read(t, tail(append(append([]byte{}, head...), record(0x06, content...)...)))
	}
	size := uint64(len(whole))
	none := u32(0)
	for _, c := range []struct {
		content   []byte
		events    int
		want, got string
	}{
		{join(u64(1), u64(2)), 0, "a Chunk record with all its fields", "one of 16 bytes"},
		{join(u64(1), u64(2), u64(0), none, u32(1<<30)), 0, "the name of a compression within its chunk", "one of 1073741824 bytes"},
		{chunkContent(size, none, "bz2", whole), 0, `a compression "", "lz4" or "zstd"`, `"bz2"`},
		{chunkContent(size, none, strings.Repeat("x", 80), whole), 0, `a compression "", "lz4" or "zstd"`, `"` + strings.Repeat("x", 64) + `" and 16 bytes more`},
		{join(u64(1), u64(2), u64(size), none, text(""), u64(1<<40)), 0, "records within the 0 bytes that their chunk has for them", "1099511627776 bytes"},
		{chunkContent(1<<40, none, "zstd", whole), 0, "a chunk of at most 268435456 bytes", fmt.Sprintf("%d bytes, and %d uncompressed", size, uint64(1<<40))},
		{chunkContent(size+1, none, "", whole), 12, fmt.Sprintf("a chunk that decompresses to %d bytes", size+1), fmt.Sprintf("%d", size)},
		{chunkContent(size+1, none, "lz4", formattest.Compress(t, "lz4", whole)), 12, fmt.Sprintf("a chunk that decompresses to %d bytes", size+1), fmt.Sprintf("%d", size)},
		{chunkContent(size-1, none, "lz4", formattest.Compress(t, "lz4", whole)), 11, fmt.Sprintf("a chunk that decompresses to %d bytes", size-1), fmt.Sprintf("more than that after %d", size-1)},
		{chunkContent(size, none, "lz4", []byte("not lz4")), 0, fmt.Sprintf("a chunk that decompresses to %d bytes", size), "lz4: bad magic number after 0"},
		{chunkContent(size, none, "zstd", []byte("not zstd")), 0, fmt.Sprintf("a chunk that decompresses to %d bytes", size), "invalid input: magic number mismatch after 0"},
	} {
		got := chunk(c.content)
		require.Len(t, got.Events, c.events)
		require.Equal(t, in[:c.events], append([]events.Event{}, got.Events...))
		require.Equal(t, []string{says(at, c.want, c.got)}, damage(got))
	}
	// A later version may have more fields in a chunk.
	got := chunk(chunkContent(size, none, "", whole), []byte("more"))
	require.Equal(t, in, got.Events)
	require.Empty(t, damage(got))
}

// A few bytes that announce a great many take no memory.
func TestBombs(t *testing.T) {
	zstdFrame := []byte{0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0x0f} // one segment of 240 MiB
	for name, data := range map[string][]byte{
		"a message":            join(build(t).schema(1, arrayType).channel(1, 1, "/e", "cdr").out, []byte{0x05}, u64(200<<20), u16(1), make([]byte, 20)),
		"a record":             join(build(t).out, []byte{0x20}, u64(1<<63)),
		"a chunk":              join(build(t).out, []byte{0x06}, u64(220<<20), u64(0), u64(0), u64(200<<20), u32(0), text(""), u64(200<<20)),
		"a frame":              build(t).begin().out,
		"an attachment's name": join(build(t).out, []byte{0x09}, u64(1<<50), make([]byte, 16), u32(1<<31)),
		"a frame of zstd":      build(t).record(0x06, chunkContent(240<<20, u32(0), "zstd", zstdFrame)).out,
	} {
		var before, behind runtime.MemStats
		runtime.ReadMemStats(&before)
		read(t, data)
		runtime.ReadMemStats(&behind)
		allocated := behind.TotalAlloc - before.TotalAlloc
		require.Less(t, allocated, uint64(24<<20), name)
		require.NotNil(t, read(t, data).Cut(), name)
	}
}

// The sums of attachments, of the data and of the summary are compared as well.
func TestOtherSums(t *testing.T) {
	in := formattest.Scene(4, 5, 1e6, sensor)
	head := func() *builder {
		b := build(t).schema(1, arrayType).channel(1, 1, "/events", "cdr")
		arrays(b, in)
		return b
	}
	b := head()
	at := len(b.out)
	c := read(t, b.attachment("a", make([]byte, 100_000), 1).done())
	require.Len(t, damage(c), 1)
	require.Contains(t, damage(c)[0], fmt.Sprintf("mcap at byte %d: expected an attachment with the CRC ", at))

	b = head()
	at = len(b.out)
	b.record(0x0f, u32(crc32.ChecksumIEEE(b.out)^1))
	b.out = append(b.out, join([]byte{0x02}, u64(20), u64(0), u64(0), u32(0), []byte(magic))...)
	c = read(t, b.out)
	require.Len(t, damage(c), 1)
	require.Contains(t, damage(c)[0], fmt.Sprintf("mcap at byte %d: expected data with the CRC ", at))

	b = head()
	end := len(b.out)
	whole := b.done()
	for i := range whole {
		if i == end {
			continue // Data End is of another kind then, which a later version may know
		}
		broken := append([]byte{}, whole...)
		broken[i] ^= 0x10
		c := read(t, broken)
		// The sequence number and times of a message, and the Header's texts, are in the sum
		// of the data alone: every changed byte is told.
		require.True(t, c == nil || len(damage(c)) > 0, "byte %d changed", i)
	}
}
