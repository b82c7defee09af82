package aedat4_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/aedat4"
	"github.com/saccade-dev/saccade/events/formattest"
)

var davis240 = events.Geometry{Width: 240, Height: 180}

var wholeEvents = []events.Event{
	{T: 1633953690975950, X: 3, Y: 4, P: events.On},
	{T: 1633953690975951, X: 239, Y: 179},
	{T: 1633953690975950, X: 5, Y: 6, P: events.On},
	{T: -5, X: 7, Y: 8},
}

// whole is a file with what a DAVIS sends, and a second stream of events.
func whole(t require.TestingT, c aedat4.Compression) []byte {
	put := func(stream int32, data []byte) []byte { return packet(stream, compress(t, c, data)) }
	return join(
		header(c, -1, "EVTS 240 180", "FRME 240 180", "IMUS", "TRIG", "EVTS 10 10", "XYZW"),
		put(3, triggerPacket(0, 1, 2, 3, 4, 6)),
		put(4, eventPacket(events.Event{X: 1})),
		put(0, eventPacket(wholeEvents[:2]...)),
		packet(1, make([]byte, 1000)), // a frame is not looked into
		put(2, tablePacket("IMUS", 5)),
		put(0, eventPacket()),
		packet(5, []byte{1, 2, 3}),
		put(0, eventPacket(wholeEvents[2:]...)),
	)
}

var wholeSkipped = map[string]int64{"frame": 1, "imu": 5, "external trigger": 3, "internal trigger": 3, "event of stream 4": 1, "packet of XYZW": 1}

// A header that is silent about the streams: packets say what they are.
func TestWithoutStreams(t *testing.T) {
	b := join(headerXML(aedat4.None, -1, ""),
		packet(9, tablePacket("IMUS", 1)), packet(8, tablePacket("FRME", 1)), packet(7, eventPacket(events.Event{T: 1, X: 4095, Y: 4095})),
		packet(6, eventPacket(events.Event{})), packet(5, tablePacket("WXYZ", 1)))
	r := formattest.NewReader(t, aedat4.Name, bytes.NewReader(b), events.Geometry{})
	in, damage, end := formattest.ReadAll(t, r, 5)
	require.ErrorIs(t, end, io.EOF)
	require.Empty(t, damage)
	require.Equal(t, []events.Event{{T: 1, X: 4095, Y: 4095}}, in)
	require.Equal(t, map[string]int64{"imu": 1, "frame": 1, "event of stream 6": 1, `packet of "WXYZ"`: 1}, r.Skipped())
	require.Equal(t, events.Geometry{}, r.Header().Geometry)
	// The geometry that is handed in counts.
	r = formattest.NewReader(t, aedat4.Name, bytes.NewReader(b), davis240)
	in, damage, _ = formattest.ReadAll(t, r, 5)
	require.Empty(t, in)
	require.Len(t, damage, 1)
	require.ErrorContains(t, damage[0], "expected an event within 240x180 pixels, found x 4095, y 4095")
	require.Equal(t, davis240, r.Header().Geometry)
}

// A file that was cut gives every event before the cut, then says where it is.
func TestTruncatedAtEveryByte(t *testing.T) {
	in := make([]events.Event, 300)
	for i := range in {
		in[i] = events.Event{T: int64(i * i), X: uint16(i % 240), Y: uint16(i % 180), P: events.Polarity(i & 1)}
	}
	for _, c := range all {
		start := header(c, -1, "EVTS 240 180")
		b := join(start, packet(0, compress(t, c, eventPacket(in[:200]...))), packet(0, compress(t, c, eventPacket(in[200:]...))))
		clean, most := 0, 0
		for n := len(start); n <= len(b); n++ {
			if c != aedat4.None && n%29 != 0 && n > len(start)+20 && n < len(b)-20 {
				continue // a decompressor for every byte takes its time
			}
			got, damage, end := formattest.ReadAll(t, formattest.NewReader(t, aedat4.Name, bytes.NewReader(b[:n]), events.Geometry{}), 1000)
			require.Equal(t, in[:len(got)], append([]events.Event{}, got...))
			require.GreaterOrEqual(t, len(got), most, "%v: more of a file has no fewer events", c)
			most = len(got)
			if errors.Is(end, io.EOF) {
				clean++
				require.Empty(t, damage)
			} else {
				var fe *events.FormatError
				require.ErrorAs(t, end, &fe)
				require.LessOrEqual(t, fe.Offset, int64(n))
			}
			if c == aedat4.None && n > len(start)+200 && n < len(start)+3200 {
				require.GreaterOrEqual(t, len(got), (n-len(start)-8-56)/16, "every event in front of the cut")
			}
		}
		require.True(t, clean == 3 || c != aedat4.None && clean >= 2, "between packets a file may end")
		require.Equal(t, 300, most)
	}
}

func TestTruncatedHeader(t *testing.T) {
	start := header(aedat4.LZ4, -1, "EVTS 240 180")
	cut := errors.New("the line was cut")
	for n := range start {
		_, err := formattest.Format(t, aedat4.Name).NewReader(bytes.NewReader(start[:n]), events.Geometry{})
		var fe *events.FormatError
		require.ErrorAs(t, err, &fe)
		require.True(t, fe.Fatal)
		_, err = formattest.Format(t, aedat4.Name).NewReader(io.MultiReader(bytes.NewReader(start[:n]), iotest.ErrReader(cut)), events.Geometry{})
		require.Equal(t, cut, err)
	}
	b := whole(t, aedat4.None)
	for n := len(start); n < len(b); n += 7 {
		r, err := formattest.Format(t, aedat4.Name).NewReader(io.MultiReader(bytes.NewReader(b[:n]), iotest.ErrReader(cut)), events.Geometry{})
		if err == nil {
			_, _, err = formattest.ReadAll(t, r, 10)
		}
		require.Equal(t, cut, err)
	}
}

// Nothing behind the data table's position is read, and a file must reach it.
func TestDataTable(t *testing.T) {
	packets := packet(0, eventPacket(wholeEvents...))
	at := int64(len(header(aedat4.None, 1<<40, "EVTS 240 180")) + len(packets))
	b := join(header(aedat4.None, at, "EVTS 240 180"), packets)
	for _, rest := range []string{"", "anything at all"} {
		in, damage, end := formattest.ReadAll(t, formattest.NewReader(t, aedat4.Name, bytes.NewReader(append(b, rest...)), events.Geometry{}), 10)
		require.ErrorIs(t, end, io.EOF)
		require.Empty(t, damage)
		require.Equal(t, wholeEvents, in)
	}
	in, _, end := formattest.ReadAll(t, formattest.NewReader(t, aedat4.Name, bytes.NewReader(join(header(aedat4.None, at+1, "EVTS 240 180"), packets)), events.Geometry{}), 10)
	require.EqualError(t, end, fmtAt(at, "expected packets up to the data table at byte %d, found the end of the file", at+1))
	require.Equal(t, wholeEvents, in)
	_, _, end = formattest.ReadAll(t, formattest.NewReader(t, aedat4.Name, bytes.NewReader(join(header(aedat4.None, at-1, "EVTS 240 180"), packets)), events.Geometry{}), 10)
	require.EqualError(t, end, fmtAt(at-int64(len(packets))+4, "expected a packet that ends before the data table at byte %d, found one of %d bytes", at-1, len(packets)-8))
	// One that cannot be is said, and done without.
	in, damage, end := formattest.ReadAll(t, formattest.NewReader(t, aedat4.Name, bytes.NewReader(join(header(aedat4.None, 5, "EVTS 240 180"), packets)), events.Geometry{}), 10)
	require.ErrorIs(t, end, io.EOF)
	require.Equal(t, []string{fmtAt(18, "expected a data table behind byte %d, or -1, found one at byte 5", at-int64(len(packets)))}, formattest.Says(damage))
	require.Equal(t, wholeEvents, in)
}

func TestDetect(t *testing.T) {
	f := formattest.Format(t, aedat4.Name)
	require.NoError(t, f.Detect([]byte("#!AER-DAT4.0\r\n\x00"), -1))
	require.EqualError(t, f.Detect([]byte("#!AER-DAT2.0\r\n"), -1), "its version is 2.0")
	require.EqualError(t, f.Detect([]byte("#!AER-DAT4.01\r\n"), -1), "its first line is longer than #!AER-DAT4.0")
	require.EqualError(t, f.Detect([]byte("#!AER"), -1), "no #!AER-DAT4.0 at its start")
}

// poolsForget is set where a sync.Pool does not keep everything.
var poolsForget bool

// A file that names ever more kinds does not fill the memory with their counts.
func TestKindsAreBounded(t *testing.T) {
	b := headerXML(aedat4.None, -1, "")
	for i := range uint32(2000) {
		data := tablePacket("KIND", 0)
		binary.LittleEndian.PutUint32(data[8:], i)
		b = append(b, packet(int32(i), data)...)
	}
	r := formattest.NewReader(t, aedat4.Name, bytes.NewReader(b), events.Geometry{})
	_, _, end := formattest.ReadAll(t, r, 1)
	require.ErrorIs(t, end, io.EOF)
	require.LessOrEqual(t, len(r.Skipped()), 65)
	require.Positive(t, r.Skipped()["other"])
}

// The contract, on all that there is in a file, whatever the compression.
func TestReader(t *testing.T) {
	for _, c := range all {
		t.Run(c.String(), func(t *testing.T) {
			b := whole(t, c)
			s := formattest.Sample{
				Format: aedat4.Name, Data: b, Header: events.Header{Format: "aedat4", Geometry: davis240},
				Events: wholeEvents, Ends: wholeEnds(t, c), Skipped: wholeSkipped,
				Head: headBytes(b), Clean: func(n int) bool { return betweenPackets(b, n) },
			}
			s.Step = 5 // to every place within a word; TestTruncatedAtEveryByte has the others
			if c != aedat4.None {
				s.Step = 29 // a decompressor for every byte takes its time
			}
			formattest.Reader(t, s)
		})
	}
}

func TestReadDoesNotAllocate(t *testing.T) {
	for _, c := range all {
		in := make([]events.Event, 1000)
		for i := range in {
			in[i] = events.Event{T: int64(i), X: uint16(i % 240), Y: uint16(i % 180), P: events.Polarity(i & 1)}
		}
		again := join(packet(0, compress(t, c, eventPacket(in...))), packet(1, compress(t, c, tablePacket("IMUS", 3))), packet(2, []byte("frame")))
		r := formattest.NewReader(t, aedat4.Name, formattest.Endless(header(c, -1, "EVTS 240 180", "IMUS", "FRME"), again), events.Geometry{})
		allocs := formattest.Allocations(t, r, 1000)
		if poolsForget && c != aedat4.None {
			continue
		}
		require.Zero(t, allocs, "%v", c)
	}
}

// wholeEnds says where the events of whole end; where they are compressed that cannot
// be told.
func wholeEnds(t *testing.T, c aedat4.Compression) []int {
	if c != aedat4.None {
		return nil
	}
	var ends []int
	for _, e := range wholeEvents {
		at := bytes.Index(whole(t, c), binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint64(nil, uint64(e.T)), e.X))
		require.Positive(t, at)
		ends = append(ends, at+16)
	}
	return ends
}

// headBytes is where the packets of a file begin.
func headBytes(b []byte) int { return 18 + int(binary.LittleEndian.Uint32(b[14:])) }

// betweenPackets tells whether a cut lies between two packets, or before the first.
func betweenPackets(b []byte, n int) bool {
	at := headBytes(b)
	for at < n {
		at += 8 + int(binary.LittleEndian.Uint32(b[at+4:]))
	}
	return at == n
}
