package rosbag_test

import (
	"bytes"
	"encoding/binary"

	"github.com/pierrec/lz4/v4"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/ros/rostest"
)

var vga = events.Geometry{Width: 640, Height: 480}

const (
	magic = "#ROSBAG V2.0\n"
	// headBytes is what a bag's line and header take.
	headBytes = len(magic) + 4096
)

func u32(v uint32) string { return string(binary.LittleEndian.AppendUint32(nil, v)) }

func u64(v uint64) string { return string(binary.LittleEndian.AppendUint64(nil, v)) }

// record makes a record of its data and of fields, "name=value" each.
func record(data []byte, fields ...string) []byte {
	header := fieldsOf(fields...)
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(header)))
	b = append(b, header...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	return append(b, data...)
}

func fieldsOf(fields ...string) (b []byte) {
	for _, f := range fields {
		b = append(binary.LittleEndian.AppendUint32(b, uint32(len(f))), f...)
	}
	return b
}

func connection(id uint32, topic, kind string) []byte {
	return record(fieldsOf("topic="+topic, "type="+kind, "md5sum=*", "message_definition=uint8 a = 1\n"),
		"op=\x07", "conn="+u32(id), "topic="+topic)
}

func message(id uint32, data []byte) []byte {
	return record(data, "op=\x02", "conn="+u32(id), "time="+u64(1700000000))
}

// bagHeader fills up to 4 KiB, as rosbag has it.
func bagHeader(indexPos uint64, more ...string) []byte {
	fields := append([]string{"op=\x03", "index_pos=" + u64(indexPos), "conn_count=" + u32(1), "chunk_count=" + u32(1)}, more...)
	size := 4096 - 8 - len(fieldsOf(fields...))
	return record(bytes.Repeat([]byte{' '}, size), fields...)
}

func compress(t require.TestingT, compression string, data []byte) []byte {
	switch compression {
	case "lz4":
		var b bytes.Buffer
		w := lz4.NewWriter(&b)
		require.NoError(t, w.Apply(lz4.BlockSizeOption(lz4.Block64Kb), lz4.ChecksumOption(true), lz4.ConcurrencyOption(1)))
		_, err := w.Write(data)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return b.Bytes()
	case "bz2":
		return bzip2(data)
	}
	return data
}

// chunk is a chunk of records and the index behind it.
func chunk(t require.TestingT, compression string, records ...[]byte) []byte {
	data := bytes.Join(records, nil)
	b := record(compress(t, compression, data), "op=\x05", "compression="+compression, "size="+u32(uint32(len(data))))
	return append(b, record(make([]byte, 12), "op=\x04", "ver="+u32(1), "conn="+u32(0), "count="+u32(1))...)
}

// bag puts the parts of a bag together, with an index at its end.
func bag(parts ...[]byte) []byte {
	b := bytes.Join(parts, nil)
	return bytes.Join([][]byte{[]byte(magic), bagHeader(uint64(headBytes + len(b))), b, camera(), chunkInfo()}, nil)
}

func chunkInfo() []byte {
	return record(make([]byte, 8), "op=\x06", "ver="+u32(1), "chunk_pos="+u64(uint64(headBytes)), "start_time="+u64(0), "end_time="+u64(0), "count="+u32(1))
}

// unclosed is a bag without an index.
func unclosed(parts ...[]byte) []byte {
	return bytes.Join([][]byte{[]byte(magic), bagHeader(0), bytes.Join(parts, nil)}, nil)
}

// packets are the messages of so many events each, in an encoding.
func packets(t require.TestingT, id uint32, encoding string, seq uint64, each int, in []events.Event) (out [][]byte) {
	e := formattest.Encoding(t, encoding).NewEncoder()
	for len(in) > 0 {
		h := events.MessageHeader{Geometry: vga, TimeBase: e.TimeBase(in[0].T)}
		data, n, err := e.Encode(h, nil, in[:min(each, len(in))])
		require.NoError(t, err)
		out = append(out, message(id, rostest.Packet{Geometry: vga, Seq: seq, Base: uint64(h.TimeBase), Encoding: encoding, Data: data}.Bytes(rostest.ROS1)))
		in, seq = in[n:], seq+1
	}
	return out
}

func array(id uint32, in ...events.Event) []byte {
	b, _ := rostest.Array(rostest.ROS1, vga, 500, in...)
	return message(id, b)
}

// camera is the connection of the tests' camera.
func camera() []byte { return connection(0, "/camera/events", "event_camera_msgs/EventPacket") }

func records(first []byte, rest ...[]byte) [][]byte { return append([][]byte{first}, rest...) }
