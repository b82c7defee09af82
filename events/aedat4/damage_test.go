package aedat4_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/aedat4"
	"github.com/saccade-dev/saccade/events/formattest"
)

func fmtAt(at int64, format string, args ...any) string {
	return fmt.Sprintf("aedat4 at byte %d: ", at) + fmt.Sprintf(format, args...)
}

// patched is data with some bytes replaced by a number of 32 bits.
func patched(data []byte, at int, v uint32) []byte {
	data = bytes.Clone(data)
	binary.LittleEndian.PutUint32(data[at:], v)
	return data
}

// plain is an event packet laid out by hand, so that its pointers stand where the tests
// change them: size, root, identifier, vtable at 14, table at 20, vector at 28.
func plain(in ...events.Event) []byte {
	b := []byte("\x00\x00\x00\x00\x10\x00\x00\x00EVTS\x00\x00\x06\x00\x08\x00\x04\x00\x06\x00\x00\x00\x04\x00\x00\x00")
	b = binary.LittleEndian.AppendUint32(b, uint32(len(in)))
	for _, e := range in {
		b = binary.LittleEndian.AppendUint64(b, uint64(e.T))
		b = binary.LittleEndian.AppendUint16(b, e.X)
		b = binary.LittleEndian.AppendUint16(b, e.Y)
		b = append(b, byte(e.P), 0, 0, 0)
	}
	return patched(b, 0, uint32(len(b)-4))
}

// Every pointer that leads outside is found, the file is read on behind its packet.
func TestDamagedPackets(t *testing.T) {
	start := header(aedat4.None, -1, "EVTS 240 180", "IMUS")
	at := int64(len(start)) + 8 // of the packet's data
	two := plain(wholeEvents[:2]...)
	for says, c := range map[string]struct {
		data []byte
		in   int
	}{
		fmtAt(at, "expected a flatbuffer with its size, found 3 bytes"):                                 {[]byte{1, 2, 3}, 0},
		fmtAt(at+4, "expected a flatbuffer of at least 8 bytes, found 2"):                               {[]byte{2, 0, 0, 0, 1, 1}, 0},
		fmtAt(at+4, "expected a table within 60 bytes, found a pointer to byte 4294967295"):             {patched(two, 4, 0xffffffff), 0},
		fmtAt(at+20, "expected a vtable within 60 bytes, found a pointer to byte -84"):                  {patched(two, 20, 100), 0},
		fmtAt(at+20, "expected a vtable within 60 bytes, found a pointer to byte 2147483664"):           {patched(two, 20, 0x80000000), 0},
		fmtAt(at+14, "expected an even size of a vtable, 4 or more and within the buffer, found 65535"): {patched(two, 14, 0x8ffff), 0},
		fmtAt(at+14, "expected an even size of a vtable, 4 or more and within the buffer, found 2"):     {patched(two, 14, 0x80002), 0},
		fmtAt(at+20, "expected field 0 within 60 bytes, found it at byte 65551"):                        {patched(two, 18, 0x6ffff), 0},
		fmtAt(at+24, "expected a vector within 60 bytes, found a pointer to byte 4294967315"):           {patched(two, 24, 0xffffffff), 0},
		fmtAt(at+28, "expected 4294967295 events within 60 bytes, found room for 2"):                    {patched(two, 28, 0xffffffff), 2},
		fmtAt(at+28, "expected 2 events within 45 bytes, found room for 1"):                             {patched(two, 0, 45), 1},
		fmtAt(at, "expected a flatbuffer of 61 bytes, found 60"):                                        {patched(two, 0, 61), 2},
		fmtAt(at+8, `expected EVTS as the stream's kind, found "TRIG"`):                                 {patched(two, 8, 'T'|'R'<<8|'I'<<16|'G'<<24), 0},
		fmtAt(at+8, `expected EVTS as the stream's kind, found "\x00\x00\x00\x00"`):                     {patched(two, 8, 0), 0},
		fmtAt(at+48, "expected an event within 240x180 pixels, found x 240, y 179"):                     {patched(two, 56, 240|179<<16), 1},
		fmtAt(at+48, "expected an event within 240x180 pixels, found x -1, y 5"):                        {patched(two, 56, 0xffff|5<<16), 1},
	} {
		r := formattest.NewReader(t, aedat4.Name, bytes.NewReader(join(start, packet(0, c.data), packet(0, plain(wholeEvents[3])))), events.Geometry{})
		in, damage, end := formattest.ReadAll(t, r, 10)
		require.ErrorIs(t, end, io.EOF)
		require.Equal(t, []string{says}, formattest.Says(damage))
		require.Equal(t, append(append([]events.Event{}, wholeEvents[:c.in]...), wholeEvents[3]), in)
	}
	// A trigger that points outside.
	trig := join(header(aedat4.None, -1, "TRIG"), packet(0, patched(triggerPacket(1, 1), 28, 0x7fffffff)))
	_, damage, end := formattest.ReadAll(t, formattest.NewReader(t, aedat4.Name, bytes.NewReader(trig), events.Geometry{}), 10)
	require.ErrorIs(t, end, io.EOF)
	require.Len(t, damage, 1)
	require.ErrorContains(t, damage[0], "expected a table within")
	// A table without the vector is an empty one.
	in, damage, _ := formattest.ReadAll(t, formattest.NewReader(t, aedat4.Name, bytes.NewReader(join(start, packet(0, patched(two, 18, 0x60000)))), events.Geometry{}), 10)
	require.Empty(t, in)
	require.Empty(t, damage)
}

func TestDamagedHeaders(t *testing.T) {
	start := header(aedat4.None, -1, "EVTS 240 180")
	for says, b := range map[string][]byte{
		`at byte 0: expected "#!AER-DAT4.0\r\n", found "#!AER-DAT2.0\r\n"`:         []byte("#!AER-DAT2.0\r\nabcdefgh"),
		"at byte 14: expected a header of at most 4194304 bytes, found 4294967295": patched(start, 14, 0xffffffff),
		`at byte 22: expected IOHE, found "IOHX"`:                                  patched(start, 22, 'I'|'O'<<8|'H'<<16|'X'<<24),
		"expected a table within":                                                  patched(start, 18, 0xfffffff0),
		"at byte 18: expected a compression from 0 to 4, found 5":                  header(5, -1, "EVTS 240 180"),
	} {
		_, err := formattest.Format(t, aedat4.Name).NewReader(bytes.NewReader(b), events.Geometry{})
		require.ErrorContains(t, err, says)
	}
	_, err := formattest.Format(t, aedat4.Name).NewReader(bytes.NewReader(start), events.Geometry{Width: 5000, Height: 1})
	require.ErrorContains(t, err, "expected sides from 1 to 4096")
}

// XML that cannot be read is said; the events are there without it.
func TestDamagedXML(t *testing.T) {
	for xml, says := range map[string]string{
		"<dv": "XML syntax error on line 1: unexpected EOF",
		`<dv><node name="outInfo"><node name="0"><node name="info"><attr key="sizeX">5000</attr>`: `sizeX of stream 0: expected a side from 1 to 4096, found "5000"`,
		`<dv><node name="outInfo"><node name="0"><node name="info"><attr key="sizeY">x</attr>`:    `sizeY of stream 0: expected a side from 1 to 4096, found "x"`,
		strings.Repeat("<node>", 1000): "more than 64 nodes within each other",
	} {
		in, damage, end := formattest.ReadAll(t, formattest.NewReader(t, aedat4.Name, bytes.NewReader(join(headerXML(aedat4.None, -1, xml), packet(0, plain(wholeEvents...)))), events.Geometry{}), 10)
		require.ErrorIs(t, end, io.EOF)
		require.Equal(t, []string{fmtAt(18, "expected XML that tells of the streams, found %s", says)}, formattest.Says(damage))
		require.Equal(t, wholeEvents, in)
	}
}

func TestDamagedSizes(t *testing.T) {
	start := header(aedat4.None, -1, "EVTS 240 180", "FRME")
	at := int64(len(start))
	good := packet(0, plain(wholeEvents...))
	read := func(b []byte) ([]events.Event, []*events.FormatError, error) {
		return formattest.ReadAll(t, formattest.NewReader(t, aedat4.Name, bytes.NewReader(join(start, good, b)), events.Geometry{}), 10)
	}
	at += int64(len(good))
	in, damage, end := read([]byte{0, 0, 0, 0, 255, 255, 255, 255})
	require.Equal(t, wholeEvents, in)
	require.Empty(t, damage)
	require.EqualError(t, end, fmtAt(at+4, "expected a packet's size from 0, found -1"))
	_, _, end = read([]byte{0, 0, 0, 0, 0, 0, 0, 1, 5})
	require.EqualError(t, end, fmtAt(at+8, "expected a packet of 16777216 bytes, found the end of the file after 1"))
	_, _, end = read([]byte{1, 0, 0, 0, 0, 0, 0, 127, 5, 5})
	require.EqualError(t, end, fmtAt(at+8, "expected a packet of 2130706432 bytes, found the end of the file after 2"), "a frame")
	_, _, end = read([]byte{0, 0, 0, 0, 1})
	require.EqualError(t, end, fmtAt(at, "expected a packet's header of 8 bytes, found the end of the file after 5"))
}

// Packets that swell beyond all measure are stopped, whatever they announce.
func TestBombs(t *testing.T) {
	bomb := make([]byte, 80<<20)
	for _, c := range []aedat4.Compression{aedat4.LZ4, aedat4.ZSTD} {
		start := header(c, -1, "EVTS 240 180")
		small := compress(t, c, bomb)
		require.Less(t, len(small), 1<<19)
		b := join(start, packet(0, small), packet(0, compress(t, c, plain(wholeEvents...))))
		in, damage, end := formattest.ReadAll(t, formattest.NewReader(t, aedat4.Name, bytes.NewReader(b), events.Geometry{}), 10)
		require.ErrorIs(t, end, io.EOF)
		require.Equal(t, []string{fmtAt(int64(len(start)+8), "expected a packet that decompresses to at most 67108864 bytes, found more than that")}, formattest.Says(damage))
		require.Equal(t, wholeEvents, in)
	}
	// 20 bytes that announce 60 MiB.
	start := header(aedat4.ZSTD, -1, "EVTS 240 180")
	liar := []byte{0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0xc0, 0x03, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1}
	before := allocated()
	_, damage, end := formattest.ReadAll(t, formattest.NewReader(t, aedat4.Name, bytes.NewReader(join(start, packet(0, liar))), events.Geometry{}), 10)
	require.ErrorIs(t, end, io.EOF)
	require.Equal(t, []string{fmtAt(int64(len(start)+8), "expected ZSTD that can be decompressed, found 62914560 bytes announced in a frame of 20")}, formattest.Says(damage))
	// And a file that announces a packet of 64 MiB and ends.
	_, _, end = formattest.ReadAll(t, formattest.NewReader(t, aedat4.Name, bytes.NewReader(join(start, []byte{0, 0, 0, 0, 0, 0, 0, 4, 1, 2})), events.Geometry{}), 10)
	require.EqualError(t, end, fmtAt(int64(len(start)+8), "expected a packet of 67108864 bytes, found the end of the file after 2"))
	require.Less(t, allocated()-before, uint64(16<<20))
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// A packet larger than is read is left out, and what follows is read.
func TestLargePacket(t *testing.T) {
	start := header(aedat4.None, -1, "EVTS 240 180")
	head := []byte{0, 0, 0, 0, 1, 0, 0, 4} // 64 MiB and 1
	src := io.MultiReader(bytes.NewReader(join(start, head)), io.LimitReader(formattest.Endless(nil, make([]byte, 1<<16)), 64<<20+1), bytes.NewReader(packet(0, plain(wholeEvents...))))
	in, damage, end := formattest.ReadAll(t, formattest.NewReader(t, aedat4.Name, src, events.Geometry{}), 10)
	require.ErrorIs(t, end, io.EOF)
	require.Equal(t, []string{fmtAt(int64(len(start)+8), "expected a packet of at most 67108864 bytes, found 67108865")}, formattest.Says(damage))
	require.Equal(t, wholeEvents, in)
}

// Frames that cannot be decompressed: the events in front of the damage are there.
func TestDamagedCompression(t *testing.T) {
	in := make([]events.Event, 40_000)
	for i := range in {
		in[i] = events.Event{T: int64(i * i), X: uint16(i * i % 240), Y: uint16(i % 180), P: events.Polarity(i & 1)}
	}
	for _, c := range []aedat4.Compression{aedat4.LZ4, aedat4.ZSTD} {
		start := header(c, -1, "EVTS 240 180")
		data := compress(t, c, eventPacket(in...))
		require.Greater(t, len(data), 1<<16)
		for _, cut := range []int{0, 3, 10, len(data) / 2, len(data) - 1} {
			b := join(start, packet(0, data[:cut]), packet(0, compress(t, c, plain(wholeEvents...))))
			got, damage, end := formattest.ReadAll(t, formattest.NewReader(t, aedat4.Name, bytes.NewReader(b), events.Geometry{}), 1000)
			require.ErrorIs(t, end, io.EOF)
			require.Len(t, damage, 1)
			require.ErrorContains(t, damage[0], fmt.Sprintf("aedat4 at byte %d: ", len(start)+8))
			require.Equal(t, wholeEvents, got[len(got)-4:])
			require.Equal(t, in[:len(got)-4], append([]events.Event{}, got[:len(got)-4]...))
			if cut > 10 {
				require.Greater(t, len(got), 8000, "%v: what stands in front of the damage", c)
			}
		}
		wrong := bytes.Clone(data)
		for i := range 50 {
			wrong[len(wrong)/2+i] ^= 0x5a
		}
		got, damage, end := formattest.ReadAll(t, formattest.NewReader(t, aedat4.Name, bytes.NewReader(join(start, packet(0, wrong))), events.Geometry{}), 1000)
		require.ErrorIs(t, end, io.EOF)
		t.Logf("%v: %d events of 40000, %d pieces of damage", c, len(got), len(damage))
		require.NotEmpty(t, got)
	}
}
