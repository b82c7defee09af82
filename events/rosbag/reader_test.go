package rosbag_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/rosbag"
)

// small is a bag of 30 events in mono, in two chunks, without the padding of its header, and
// where each event ends. Index is where its index begins, and boundary where a record of
// it ends.
func small(t testing.TB) (b []byte, in []events.Event, ends []int, index, boundary int) {
	in = formattest.Scene(7, 30, 5000, vga)
	p := packets(t, 0, "mono", 0, 10, in)
	parts := bytes.Join([][]byte{chunk(t, "none", camera(), p[0], p[1]), chunk(t, "none", p[2])}, nil)
	head := record(nil, "op=\x03", "index_pos="+u64(0), "conn_count="+u32(1), "chunk_count="+u32(2))
	index = len(magic) + len(head) + len(parts)
	head = record(nil, "op=\x03", "index_pos="+u64(uint64(index)), "conn_count="+u32(1), "chunk_count="+u32(2))
	b = bytes.Join([][]byte{[]byte(magic), head, parts, camera(), record(make([]byte, 8), "op=\x06", "ver="+u32(1))}, nil)
	for _, m := range p {
		end := bytes.Index(b, m) + len(m)
		for i := range 10 {
			ends = append(ends, end-8*(9-i))
		}
	}
	return b, in, ends, index, index + len(camera())
}

func TestReader(t *testing.T) {
	b, in, ends, index, boundary := small(t)
	formattest.Reader(t, formattest.Sample{
		Format: rosbag.Name, Data: b, Events: in, Ends: ends,
		Header: events.Header{Format: rosbag.Name, Geometry: vga},
		Clean:  func(n int) bool { return n == index || n == boundary },
	})
}

// Compressed, no event comes before its chunk has, or a whole block of it.
func TestReaderOfCompressed(t *testing.T) {
	in := formattest.Scene(8, 60, 5000, vga)
	for _, c := range []string{"lz4", "bz2"} {
		p := packets(t, 0, "evt3", 0, 20, in)
		b := bag(chunk(t, c, camera(), p[0]), chunk(t, c, p[1:]...))
		formattest.Reader(t, formattest.Sample{
			Format: rosbag.Name, Data: b, Events: in, Step: 13,
			Header: events.Header{Format: rosbag.Name, Geometry: vga},
			Clean: func(n int) bool {
				rest := len(b) - n // the index: a connection, and the information on a chunk
				return rest == len(camera())+len(chunkInfo()) || rest == len(chunkInfo())
			},
		})
	}
}

// However messages are put into chunks, the same comes of them.
func TestChunks(t *testing.T) {
	in := formattest.Scene(9, 600, 5000, vga)
	rapid.Check(t, func(t *rapid.T) {
		encoding := rapid.SampledFrom([]string{"evt2", "evt3", "libcaer", "mono"}).Draw(t, "encoding")
		p := packets(t, 0, encoding, rapid.Uint64().Draw(t, "seq")>>1, rapid.IntRange(1, 200).Draw(t, "each"), in)
		parts := [][]byte{}
		for first := camera(); len(p) > 0; first = record(make([]byte, 3), "op=\x04") {
			n := rapid.IntRange(0, len(p)).Draw(t, "messages")
			parts = append(parts, chunk(t, rapid.SampledFrom(compressions).Draw(t, "compression"), records(first, p[:n]...)...))
			p = p[n:]
		}
		r := formattest.NewReader(t, rosbag.Name, bytes.NewReader(bag(parts...)), events.Geometry{})
		got, damage, end := formattest.ReadAll(t, r, rapid.IntRange(1, 700).Draw(t, "capacity"))
		require.Equal(t, in, got)
		require.Empty(t, damage)
		require.Equal(t, io.EOF, end)
		require.Empty(t, r.Skipped())
	})
}

// The recordings of the table, among them those of rosbag itself.
func TestRealRecordings(t *testing.T) {
	formattest.Recordings{
		Formats: []string{rosbag.Name},
		Of:      func(format string) bool { return len(format) >= 4 && format[:4] == "ROS1" },
		Watch: func(t *testing.T, r events.Reader) func(c *formattest.Content) {
			var triggers []events.Trigger
			formattest.Triggers(t, r, &triggers)
			return func(c *formattest.Content) {
				require.Len(t, triggers, int(c.Skipped["external trigger"]))
				for i, g := range triggers {
					if g.After > 0 {
						require.GreaterOrEqual(t, g.T, c.Events[g.After-1].T, "trigger %d", i)
					}
				}
			}
		},
		Check: func(t *testing.T, _ formattest.Row, _ []byte, c *formattest.Content) {
			require.EqualValues(t, 4157, c.Skipped["external trigger"], "what the table says of evt3.bag")
		},
	}.Run(t)
}

// A topic is chosen by name, through the file.
func TestOpenTopic(t *testing.T) {
	path := filepath.Join("testdata", "corpus", "topics.bag")
	f, err := events.Open(path, events.OpenOptions{Topic: "/right/events"})
	require.NoError(t, err)
	in, damage, end := formattest.ReadAll(t, f, 64)
	require.Len(t, in, 50)
	require.Empty(t, damage)
	require.Equal(t, io.EOF, end)
	require.EqualValues(t, 4, f.Skipped()["event message of topic /left/events"])
	require.NoError(t, f.Close())

	f, err = events.Open(path, events.OpenOptions{Topic: "/imu"})
	require.NoError(t, err)
	err = f.Read(events.NewPacket(5))
	require.EqualError(t, err, path+`: topic "/imu" holds messages of sensor_msgs/Imu, not of events`)
	require.NoError(t, f.Close())
}

func TestRefuses(t *testing.T) {
	_, in, _, _, _ := small(t)
	p := packets(t, 0, "mono", 0, 30, in)
	encrypted := bytes.Join([][]byte{[]byte(magic), bagHeader(5000, "encryptor=rosbag/AesCbcEncryptor"), chunk(t, "none", camera(), p[0])}, nil)
	says := map[string][]byte{
		`rosbag at byte 13: expected a bag that is not encrypted, found encryptor "rosbag/AesCbcEncryptor": decrypt it first, with the plugin and the key that it was made with`: encrypted,
		"rosbag at byte 4109: expected a record's header of at most 1048576 bytes within its file, found one of 4294967295 bytes":                                                unclosed([]byte(u32(1<<32 - 1))),
		"rosbag at byte 4113: expected a field with a name within the header of its record, found \"\\x04\\x00\\x00\\x00oops\"":                                                  unclosed([]byte(u32(8)), fieldsOf("oops")),
		"rosbag at byte 4113: expected 1 bytes of the field op, found 2":                                                                                                         unclosed(record(nil, "op=no")),
	}
	for text, b := range says {
		r := formattest.NewReader(t, rosbag.Name, bytes.NewReader(b), events.Geometry{})
		in, _, end := formattest.ReadAll(t, r, 10)
		require.Empty(t, in)
		require.EqualError(t, end, text)
	}
	fine := bytes.Join([][]byte{[]byte(magic), bagHeader(4117, "encryptor=rosbag/NoEncryptor"), chunk(t, "none", camera(), p[0])}, nil)
	got, _, end := formattest.ReadAll(t, formattest.NewReader(t, rosbag.Name, bytes.NewReader(fine), events.Geometry{}), 10)
	require.Equal(t, io.EOF, end)
	require.Equal(t, in, got)

	path := filepath.Join(t.TempDir(), "old.bag")
	require.NoError(t, os.WriteFile(path, []byte("#ROSBAG V1.2\n"), 0o600))
	_, err := events.Open(path, events.OpenOptions{})
	require.ErrorContains(t, err, `looks like a ROS 1 bag, but none that this version reads (`)
	require.ErrorContains(t, err, `not rosbag: its version is "1.2"`)
}

// A chunk that is not what it says is left out, or given as far as it goes, and the one behind
// it is read.
func TestChunksThatLie(t *testing.T) {
	_, in, _, _, _ := small(t)
	p := packets(t, 0, "mono", 0, 10, in)
	data := bytes.Join([][]byte{camera(), p[0], p[1]}, nil)
	lz4, bz2 := compress(t, "lz4", data), compress(t, "bz2", data)
	make1 := func(compression string, size uint32, data []byte) []byte {
		return bag(chunk(t, "none", camera()), record(data, "op=\x05", "compression="+compression, "size="+u32(size)), chunk(t, "none", p[2]))
	}
	changed := func(b []byte, at int) []byte {
		b = bytes.Clone(b)
		b[at] ^= 0x10
		return b
	}
	n := uint32(len(data))
	for _, c := range []struct {
		bag  []byte
		want []events.Event
		says string
	}{
		{make1("lz4", n, lz4), in, ""},
		{make1("bz2", n, bz2), in, ""},
		{make1("lz4", n-1, lz4), in[20:], "found more"},
		{make1("bz2", n-1, bz2), in[20:], "found more"},
		{make1("lz4", n+1, lz4), in, "when it is decompressed, found"},
		{make1("bz2", 300<<20, bz2), in[20:], "expected a chunk of at most 268435456 bytes, found 314572800"},
		{make1("lz4", n, changed(lz4, len(lz4)-1)), in[20:], "checksum"},
		{make1("bz2", n, changed(bz2, 12)), in[20:], "expected a chunk compressed by bz2, found"},
		{make1("bz2", n, nil), in[20:], "expected a chunk compressed by bz2, found"},
		{make1("lz4", n, lz4[:len(lz4)-4]), in, "bytes that could be decompressed"},
		{make1("none", n, data[:len(data)-1]), concat(in[:10], in[20:]), "expected a record within its chunk, found data of"},
	} {
		r := formattest.NewReader(t, rosbag.Name, bytes.NewReader(c.bag), events.Geometry{})
		got, damage, end := formattest.ReadAll(t, r, 64)
		require.Equal(t, io.EOF, end)
		require.Equal(t, c.want, got, c.says)
		if c.says == "" {
			require.Empty(t, damage)
			continue
		}
		require.Len(t, damage, 1, c.says)
		require.ErrorContains(t, damage[0], c.says)
	}
}
