package evt21_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/evt21"
	"github.com/saccade-dev/saccade/events/formattest"
)

// Words made by hand from the layout in the package comment.
var golden = []uint64{
	0x1000000000000003, // two events without a time
	0x8fffffff00000000, // the last high part of a turn
	0x1fc1000380000001, // 63 us, base 32, row 3: 32 and 63 ON
	0x0000000400000000, // no event at all
	0x0000000b00000010, // 0 us, base 0, row 11: 4 OFF
	0xa0c01f0100000000, // a trigger of channel 31, 3 us, rising
	0xe000000000000000, 0xf000000000000000, 0xf000000000000000,
	0x9999999999999999, // of no type
	0x8000000000000000, // the next turn
	0x1027800100000001, // base 1264, row 1: 1264 ON
	0x0027f80000000083, // base 1279: 1279 OFF, and two off the sensor
	0x1000000100000002,
}

const turn = 1 << 34

var goldenEvents = []events.Event{
	{T: turn - 1, X: 32, Y: 3, P: events.On},
	{T: turn - 1, X: 63, Y: 3, P: events.On},
	{T: turn - 64, X: 4, Y: 11, P: events.Off},
	{T: turn, X: 1264, Y: 1, P: events.On},
	{T: turn, X: 1279, Y: 0, P: events.Off},
	{T: turn, X: 1, Y: 1, P: events.On},
}

func TestReadGolden(t *testing.T) {
	sources := map[string][]byte{
		"little": raw(hd, "little", words(false, golden)),
		"legacy": raw(hd, "legacy", words(true, golden)),
		"list":   list(golden),
		"DOS":    bytes.ReplaceAll(list(golden), []byte("\n"), []byte("\r\n")),
		"lower":  bytes.ToLower(list(golden)),
		"no end": bytes.TrimSuffix(list(golden), []byte("\n")),
	}
	for name, b := range sources {
		require.NoError(t, formattest.Format(t, evt21.Name).Detect(b, int64(len(b))), name)
		for _, capacity := range []int{1, 2, 3, 40} {
			for _, wrap := range []func(io.Reader) io.Reader{
				func(r io.Reader) io.Reader { return r }, iotest.OneByteReader, iotest.HalfReader, iotest.DataErrReader,
			} {
				r := formattest.NewReader(t, evt21.Name, wrap(bytes.NewReader(b)), hd)
				var triggers []events.Trigger
				formattest.Triggers(t, r, &triggers)
				got, damage, end := formattest.ReadAll(t, r, capacity)
				require.Equal(t, goldenEvents, got, name)
				require.ErrorIs(t, end, io.EOF)
				require.Equal(t, []events.Trigger{{T: turn - 61, ID: 31, Rising: true, After: 3}}, triggers)
				require.Equal(t, map[string]int64{
					"event without a time or place": 2, "external trigger": 1, "other": 1, "continuation": 2, "reserved": 1,
				}, r.Skipped())
				require.Len(t, damage, 1)
				require.Contains(t, damage[0].Error(), "expected an event within 1280x720 pixels, found 2 in row y 0, the first at x 1280")
			}
		}
	}
}

// Where the header does not say, the words tell the order of bytes, and the sensor
// where they do not.
func TestOrder(t *testing.T) {
	for _, legacy := range []bool{false, true} {
		head := "% evt 2.1\n% geometry 1280x720\n% end\n"
		r := formattest.NewReader(t, evt21.Name, strings.NewReader(head+string(words(legacy, golden))), events.Geometry{})
		got, _, _ := formattest.ReadAll(t, r, 100)
		require.Equal(t, goldenEvents, got)
		for sensor, isLegacy := range map[string]bool{"IMX636": true, "GenX320": false} {
			head := "% evt 2.1\n% geometry 1280x720\n% sensor_name " + sensor + "\n"
			both := []uint64{0x8000000080000000, 0x1000000110000002} // a type in either half
			r := formattest.NewReader(t, evt21.Name, strings.NewReader(head+string(words(false, both))), events.Geometry{})
			got, _, _ := formattest.ReadAll(t, r, 100)
			want := &reference{geometry: hd, skipped: map[string]int64{}}
			if isLegacy {
				both[1] = 0x1000000210000001
			}
			want.read(both)
			require.NotEmpty(t, want.out)
			require.Equal(t, want.out, got)
		}
	}
	_, err := formattest.Format(t, evt21.Name).NewReader(bytes.NewReader(raw(hd, "big", nil)), events.Geometry{})
	require.EqualError(t, err, "evt21 at byte 0: expected words with the low byte first, found endianness=big in the header")
}

func TestListDamage(t *testing.T) {
	text := "8000000000000000\n000001DF00000001\nno word at all\n\n000001DF0000000g\n" + strings.Repeat("0", 9000) + "\n000001DF00000002\n"
	got, damage, end := formattest.ReadAll(t, formattest.NewReader(t, evt21.Name, strings.NewReader(text), events.Geometry{}), 10)
	require.ErrorIs(t, end, io.EOF)
	require.Equal(t, []events.Event{{X: 0, Y: 479}, {X: 1, Y: 479}}, got)
	require.Len(t, damage, 3)
	require.EqualError(t, damage[0], "evt21 at byte 34: expected a word of 16 hexadecimal digits, found a line of 14 characters, and a word has 16 digits")
	require.Contains(t, damage[1].Error(), `evt21 at byte 50: expected a word of 16 hexadecimal digits, found "000001DF0000000g" has other`)
	require.Contains(t, damage[2].Error(), "evt21 at byte 67: expected a word of 16 hexadecimal digits, found a line of more than 4096 bytes")
}

func TestDetectRefuses(t *testing.T) {
	for text, says := range map[string]string{
		"":                              "a line of 0 characters",
		"1\n":                           "a line of 1 characters",
		"8000000000000000\nt x y p\n":   "a line of 7 characters",
		"% evt 2.0\n":                   `the header says "EVT2"`,
		"% evt 3.0\n% end\n":            `the header says "EVT3"`,
		strings.Repeat("0123456789", 9): "the first line is longer than a word",
	} {
		require.ErrorContains(t, formattest.Format(t, evt21.Name).Detect([]byte(text), -1), says, "%q", text)
	}
}

// Messages are in one order or the other, by the name of their encoding.
func TestMessages(t *testing.T) {
	for name, legacy := range map[string]bool{evt21.Name: false, evt21.LegacyName: true} {
		e, err := events.EncodingByName(name)
		require.NoError(t, err)
		d, p := e.NewDecoder(), events.NewPacket(100)
		data := words(legacy, golden[:4])
		n, err := d.Decode(events.MessageHeader{Geometry: hd}, data, p)
		require.NoError(t, err)
		require.Equal(t, len(data), n)
		data = words(legacy, golden[4:])
		n, err = d.Decode(events.MessageHeader{Geometry: hd}, data, p)
		require.ErrorContains(t, err, name+" at byte 64: expected an event within 1280x720 pixels")
		_, err = d.Decode(events.MessageHeader{Geometry: hd}, data[n:], p)
		require.NoError(t, err)
		require.Equal(t, goldenEvents, p.Events)
	}
}

// The contract, on the same words in either order.
func TestReader(t *testing.T) {
	for name, b := range map[string][]byte{"little": raw(hd, "little", words(false, golden)), "legacy": raw(hd, "legacy", words(true, golden))} {
		t.Run(name, func(t *testing.T) {
			head := len(b) - 8*len(golden)
			want := &reference{geometry: hd, skipped: map[string]int64{}}
			var ends []int
			for i := range golden {
				want.read(golden[i : i+1])
				for len(ends) < len(want.out) {
					ends = append(ends, head+8*(i+1))
				}
			}
			_, damage, _ := formattest.ReadAll(t, formattest.NewReader(t, evt21.Name, bytes.NewReader(b), events.Geometry{}), 100)
			require.Len(t, damage, want.damaged)
			formattest.Reader(t, formattest.Sample{
				Format: evt21.Name, Data: b, Header: events.Header{Format: evt21.Name, Geometry: hd}, Events: goldenEvents,
				Ends: ends, Skipped: want.skipped, Damage: formattest.Says(damage), Head: head, Clean: func(n int) bool { return (n-head)%8 == 0 },
			})
		})
	}
}
