package mcap_test

import (
	"fmt"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/ros/rostest"
)

// Messages are those of ROS, of channels that are defined in front of them.
func TestDefinitions(t *testing.T) {
	in := formattest.Scene(5, 3, 1e6, sensor)
	cdr, _ := rostest.Array(rostest.CDRLittle, sensor, 0, in...)
	ros1, _ := rostest.Array(rostest.ROS1, sensor, 0, in...)
	// Places, from the specification's lengths, as in TestEnd: behind the Header, the schema and the channel.
	const (
		head    = 1 + 8
		begin   = 8 + head + (4 + len("ros2")) + (4 + len("made by hand"))
		schema  = begin + head + 2 + (4 + len(arrayType)) + (4 + len("ros2msg")) + (4 + len("uint8[] events"))
		channel = schema + head + 2 + 2 + (4 + len("/e")) + (4 + len("cdr")) + 4 + (4 + len("offered_qos_profiles")) + 4
	)
	for name, c := range map[string]struct {
		file    *builder
		events  int
		skipped map[string]int64
		damage  []string
	}{
		"ROS 1":                    {build(t).schema(1, "dvs_msgs/EventArray").channel(1, 1, "/e", "ros1").message(1, 0, ros1), 3, nil, nil},
		"in another encoding":      {build(t).schema(1, arrayType).channel(1, 1, "/e", "json").message(1, 0, cdr), 0, map[string]int64{"dvs_msgs/EventArray in json": 1}, nil},
		"in a strange encoding":    {build(t).schema(1, arrayType).channel(1, 1, "/e", "a\nb").message(1, 0, cdr), 0, map[string]int64{"dvs_msgs/EventArray in another encoding": 1}, nil},
		"without a schema":         {build(t).channel(1, 0, "/e", "cdr").message(1, 0, cdr), 0, map[string]int64{"message without a type": 1}, nil},
		"schema 0 is no schema":    {build(t).schema(0, arrayType).channel(1, 0, "/e", "cdr").message(1, 0, cdr), 0, map[string]int64{"message without a type": 1}, nil},
		"a schema that is missing": {build(t).channel(1, 7, "/e", "cdr").message(1, 0, cdr), 0, map[string]int64{"message without a type": 1}, []string{fmt.Sprintf("%d: ", begin) + `expected a Schema record 7 in front of channel 1, "/e", found none`}},
		"a channel that is missing": {build(t).schema(1, arrayType).message(4, 0, cdr).channel(4, 1, "/e", "cdr").message(4, 0, cdr), 3, nil, []string{
			fmt.Sprintf("%d: ", schema) + "expected a Channel record 4 in front of its messages, found none",
		}},
		"a schema twice":      {build(t).schema(1, arrayType).schema(1, arrayType).channel(1, 1, "/e", "cdr").message(1, 0, cdr), 3, nil, nil},
		"a channel twice":     {build(t).schema(1, arrayType).channel(1, 1, "/e", "cdr").channel(1, 1, "/e", "cdr").message(1, 0, cdr), 3, nil, nil},
		"a schema changes":    {build(t).schema(1, arrayType).schema(1, "a/msg/B").channel(1, 1, "/e", "cdr").message(1, 0, cdr), 3, nil, []string{fmt.Sprintf("%d: ", schema) + `expected schema 1, "dvs_msgs/msg/EventArray", as it was before, found another one, "a/msg/B" in "ros2msg"`}},
		"a channel changes":   {build(t).schema(1, arrayType).channel(1, 1, "/e", "cdr").channel(1, 1, "/f", "cdr").message(1, 0, cdr), 3, nil, []string{fmt.Sprintf("%d: ", channel) + `expected channel 1, "/e", as it was before, found another one, "/f"`}},
		"a short schema":      {build(t).record(0x03, u16(1)), 0, nil, []string{fmt.Sprintf("%d: ", begin) + "expected a Schema record with all its fields, found one of 2 bytes"}},
		"a short channel":     {build(t).record(0x04, u16(1), u16(1), u32(50)), 0, nil, []string{fmt.Sprintf("%d: ", begin) + "expected a Channel record with all its fields, found one of 8 bytes"}},
		"a short message":     {build(t).record(0x05, u16(1)), 0, nil, []string{fmt.Sprintf("%d: ", begin) + "expected a Message record of 22 bytes or more, found one of 2"}},
		"a long name":         {build(t).schema(1, strings.Repeat("x", 5000)), 0, nil, []string{fmt.Sprintf("%d: ", begin) + "expected a schema's name of at most 4096 bytes, found one of 5000"}},
		"a long topic":        {build(t).channel(1, 0, strings.Repeat("x", 5000), "cdr"), 0, nil, []string{fmt.Sprintf("%d: ", begin) + "expected a topic and an encoding of at most 4096 bytes, found 5000 and 3"}},
		"a chunk in a chunk":  {build(t).begin().record(0x06, chunkContent(0, u32(0), "", nil)).schema(1, arrayType).channel(1, 1, "/e", "cdr").message(1, 0, cdr).end("lz4"), 3, nil, []string{fmt.Sprintf("%d: ", begin) + "expected a Schema, Channel or Message record in a chunk at byte 0 of the chunk, found Chunk"}},
		"behind its chunk":    {build(t).begin().schema(1, arrayType).channel(1, 1, "/e", "cdr").message(1, 0, cdr).record(0x05, []byte("x")).cutAt(3).end("zstd"), 3, nil, []string{fmt.Sprintf("%d: expected a record within its chunk at byte %d of the chunk, found the chunk's end after 7 bytes", begin, channel-begin+head+2+4+8+8+len(cdr))}},
		"a record to come":    {build(t).record(0x10, []byte("in a later version")).schema(1, arrayType).channel(1, 1, "/e", "cdr").message(1, 0, cdr), 3, nil, nil},
		"of no event at all":  {build(t), 0, nil, nil},
		"messages of a chunk": {build(t).begin().schema(1, arrayType).channel(1, 1, "/e", "cdr").end("lz4").begin().message(1, 0, cdr).end("zstd"), 3, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := read(t, c.file.done())
			require.Len(t, got.Events, c.events)
			if c.events > 0 {
				require.Equal(t, in, got.Events)
			}
			if c.skipped == nil {
				c.skipped = map[string]int64{}
			}
			require.Equal(t, c.skipped, got.Skipped)
			for i := range c.damage {
				c.damage[i] = "mcap at byte " + c.damage[i]
			}
			require.Equal(t, c.damage, damage(got))
		})
	}
}

// Behind the data there is a summary, a Footer and the magic, and nothing else.
func TestEnd(t *testing.T) {
	footer := record(0x02, u64(0), u64(0), u32(0))
	// Places, from the specification's lengths: of the magic, of a record's opcode and length, and of the
	// fields of Header, Data End and Footer.
	const (
		head    = 1 + 8
		begin   = 8 + head + (4 + len("ros2")) + (4 + len("made by hand")) // behind the Header
		dataEnd = begin + head + 4                                         // behind Data End
		end     = dataEnd + head + 8 + 8 + 4                               // behind the Footer
	)
	// The sum of the summary is from behind Data End up to itself.
	summary := crc32.ChecksumIEEE(join([]byte{0x02}, u64(8+8+4), u64(0), u64(0)))
	last := func(at int, want, got string) []string { return []string{"at last " + says(at, want, got)} }
	again := fmt.Sprintf("the magic %q", "\x89MCAP0\r\n")
	for name, c := range map[string]struct {
		data   []byte
		damage []string
	}{
		"as the specification has it":    {build(t).done(), nil},
		"without sums":                   {join(build(t).record(0x0f, u32(0)).out, footer, []byte(magic)), nil},
		"no Data End, as the first had":  {join(build(t).out, footer, []byte(magic)), nil},
		"nothing":                        {build(t).out, last(begin, "a record, up to the Footer", "the end of the file")},
		"an opcode that is none":         {join(build(t).out, make([]byte, 50)), last(begin, "a record's opcode from 0x01", "0x00")},
		"a message behind Data End":      {build(t).dataEnd().message(1, 1, nil).out, last(dataEnd, "a record of the summary, or the Footer", "Message")},
		"no magic":                       {join(build(t).dataEnd().out, footer), last(end, again, "the end of the file after 0 bytes")},
		"another magic":                  {join(build(t).dataEnd().out, footer, []byte("\x89MCAP1\r\n")), last(end, again, fmt.Sprintf("%q", "\x89MCAP1\r\n"))},
		"more behind it":                 {join(build(t).dataEnd().out, footer, []byte(magic), []byte{0}), last(end+8, "the end of the file", "more bytes")},
		"a summary with another sum":     {join(build(t).dataEnd().out, record(0x02, u64(0), u64(0), u32(1)), []byte(magic)), []string{says(dataEnd, "a summary with the CRC 00000001", fmt.Sprintf("%08x", summary))}},
		"a Footer that is not as long":   {join(build(t).dataEnd().out, record(0x02, u64(0)), []byte(magic)), last(dataEnd, "a Footer of 20 bytes", "8")},
		"a Data End that is not as long": {join(build(t).record(0x0f, u16(0)).out, footer, []byte(magic)), []string{says(begin, "a Data End record of 4 bytes", "one of 2")}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.damage, damage(read(t, c.data))) })
	}
}
