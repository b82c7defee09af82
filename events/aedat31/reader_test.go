package aedat31_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/aedat31"
	"github.com/saccade-dev/saccade/events/formattest"
)

// Bytes made by hand; the event is the first of a recording of a DVXplorer.
func TestGoldenBytes(t *testing.T) {
	in, damage, end := formattest.ReadAll(t, formattest.NewReader(t, aedat31.Name, strings.NewReader("#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DVXplorer\r\n#!END-HEADER\r\n"+
		"\x01\x00\x01\x00\x08\x00\x00\x00\x04\x00\x00\x00\x01\x00\x00\x00\x09\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00"+
		"\x77\x05\xd2\x01\x9c\xd6\xf0\x7f"+
		"\x76\x05\xd2\x01\x9c\xd6\xf0\x7f"), events.Geometry{}), 10)
	require.ErrorIs(t, end, io.EOF)
	require.Empty(t, damage)
	require.Equal(t, []events.Event{{T: 0x7ff0d69c + 1<<31, X: 233, Y: 349, P: events.On}}, in)
}

// whole has what a DAVIS sends, and the overflow counter at work.
var whole = file(
	packet(0, 1, 8, 4, 0, 1, 1, special(1)),
	polarity(0, event(math.MaxInt32, 3, 4, 1), event(math.MaxInt32-1, 239, 179, 0)),
	packet(2, 1, 40, 16, 0, 2, 2, make([]byte, 80)),
	packet(3, 1, 36, 4, 0, 3, 3, make([]byte, 3*36)),
	packet(1, 1, 8, 4, 1, 0, 0),
	polarity(1, event(0, 5, 6, 0), make([]byte, 8), event(1, 7, 8, 1)),
	packet(1, 2, 8, 4, 0, 1, 1, event(9, 1, 1, 1)),
	packet(77, 1, 3, 0, 0, 2, 2, make([]byte, 6)),
	packet(0, 1, 8, 4, 0, 5, 4, special(2), special(3), special(4), special(5), make([]byte, 8)),
	packet(0, 1, 9, 4, 0, 1, 1, make([]byte, 9)),
)

var wholeEvents = []events.Event{
	{T: 1<<31 - 1, X: 3, Y: 4, P: events.On},
	{T: 1<<31 - 2, X: 239, Y: 179},
	{T: 1 << 31, X: 5, Y: 6},
	{T: 1<<31 + 1, X: 7, Y: 8, P: events.On},
}

var wholeSkipped = map[string]int64{"special": 3, "external trigger": 3, "frame": 2, "imu": 3, "invalid": 2, "event of source 2": 1, "type 77": 2}

func TestDamage(t *testing.T) {
	good := polarity(0, event(1, 1, 1, 1))
	for says, c := range map[string]struct {
		b    []byte
		in   int
		rest bool // what follows is read
	}{
		"aedat31 at byte 136: expected an event within 240x180 pixels, found x 240, y 4":                           {polarity(0, event(1, 240, 4, 1), event(2, 2, 2, 0)), 1, true},
		"aedat31 at byte 136: expected an event within 240x180 pixels, found x 4, y 180":                           {polarity(0, event(1, 4, 180, 1)), 0, true},
		"aedat31 at byte 136: expected a time of 31 bits, found -1 us":                                             {polarity(0, event(-1, 4, 4, 1)), 0, true},
		"aedat31 at byte 108: expected 0 to 1 valid events, found 2":                                               {packet(1, 1, 8, 4, 0, 1, 2, event(1, 2, 3, 0)), 1, true},
		"aedat31 at byte 108: expected polarity events of 8 bytes with their time at 4, found 12 bytes, time at 4": {packet(1, 1, 12, 4, 0, 1, 1, make([]byte, 12)), 0, true},
		"aedat31 at byte 108: expected an overflow counter from 0, found -1":                                       {packet(1, 1, 8, 4, -1, 1, 1, event(1, 1, 1, 1)), 0, true},
		"aedat31 at byte 108: expected a number of events from 0, found -1":                                        {packet(1, 1, 8, 4, 0, -1, 0), 0, false},
		"aedat31 at byte 108: expected events of 1 byte or more, found 0 bytes":                                    {packet(2, 1, 0, 4, 0, 1, 0), 0, false},
		"aedat31 at byte 108: expected a packet's type from 0, found -32767":                                       {packet(-32767, 1, 8, 4, 0, 1, 0), 0, false},
		"aedat31 at byte 136: expected 4611686014132420609 bytes of a packet, found the end of the file after 36":  {packet(2, 1, math.MaxInt32, 4, 0, math.MaxInt32, 0), 0, false},
	} {
		in, damage, end := formattest.ReadAll(t, formattest.NewReader(t, aedat31.Name, bytes.NewReader(file(c.b, good)), events.Geometry{}), 5)
		told := formattest.Says(damage)
		if !errors.Is(end, io.EOF) {
			told = append(told, end.Error())
		}
		require.Equal(t, []string{says}, told)
		want := c.in
		if c.rest {
			want++
		}
		require.Len(t, in, want, says)
	}
}

func TestGeometry(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want events.Geometry
	}{
		"DVS128":         {"#Source 1: DVS128\r\n", events.Geometry{Width: 128, Height: 128}},
		"DAVIS346":       {"#Source 1: DAVIS346BSI\r\n", events.Geometry{Width: 346, Height: 260}},
		"DVXplorer":      {"#Source 1: DVXplorer\r\n", events.Geometry{Width: 640, Height: 480}},
		"DVXplorer Lite": {"#Source 1: DVXplorer Lite\r\n", events.Geometry{Width: 320, Height: 240}},
		"not known":      {"#Source 1: File\r\n", events.Geometry{}},
		"none":           {"", events.Geometry{}},
		"ours":           {"#Source 1: File\r\n#Sensor-Size: 34x35\r\n", events.Geometry{Width: 34, Height: 35}},
		"of two":         {"#Source 0: DAVIS346\r\n#-Source 0: DVS128\r\n#Source 1: DAVIS208\r\n", events.Geometry{Width: 208, Height: 192}},
	} {
		b := []byte("#!AER-DAT3.1\r\n#Format: RAW\r\n" + c.text + "#!END-HEADER\r\n")
		r := formattest.NewReader(t, aedat31.Name, bytes.NewReader(append(b, polarity(0, event(1, 1, 1, 1))...)), events.Geometry{})
		in, damage, end := formattest.ReadAll(t, r, 5)
		require.ErrorIs(t, end, io.EOF)
		require.Empty(t, damage)
		require.Len(t, in, 1)
		require.Equal(t, c.want, r.Header().Geometry, name)
	}
	r := formattest.NewReader(t, aedat31.Name, bytes.NewReader(whole), events.Geometry{Width: 239, Height: 200})
	in, damage, _ := formattest.ReadAll(t, r, 5)
	require.Len(t, in, 3)
	require.Equal(t, []string{"aedat31 at byte 180: expected an event within 239x200 pixels, found x 239, y 179"}, formattest.Says(damage[:1]))
	require.Equal(t, 239, r.Header().Geometry.Width, "what is given counts")
}

func TestReaderRefuses(t *testing.T) {
	for says, text := range map[string]string{
		`at byte 0: expected #!AER-DAT3.1, found "#!AER-DAT3.0"`:                                                "#!AER-DAT3.0\r\n",
		`at byte 0: expected a line of text, #!END-HEADER the last of them, found "hello\n"`:                    "hello\n",
		`at byte 14: expected a line of text, #!END-HEADER the last of them, found "\x01\n"`:                    "#!AER-DAT3.1\r\n\x01\n",
		`at byte 14: expected a line of text, #!END-HEADER the last of them, found the end of the file after 5`: "#!AER-DAT3.1\r\n#Form",
		`at byte 14: expected the format RAW, the only one that is read, found "Serial-TS"`:                     "#!AER-DAT3.1\r\n#Format: Serial-TS\r\n",
		`at byte 14: expected a source as '1: DVS128', found "x: DVS128"`:                                       "#!AER-DAT3.1\r\n#Source x: DVS128\r\n",
		`at byte 14: expected a sensor size as 34x34, sides from 1 to 4096, found "0x1"`:                        "#!AER-DAT3.1\r\n#Sensor-Size: 0x1\r\n",
		`at byte 14: expected #!END-HEADER within 1048576 bytes, found more text`:                               "#!AER-DAT3.1\r\n" + strings.Repeat("#", 1<<17),
		`expected #!END-HEADER within 1048576 bytes, found more text`:                                           "#!AER-DAT3.1\r\n" + strings.Repeat("# on and on\r\n", 1<<17),
	} {
		_, err := formattest.Format(t, aedat31.Name).NewReader(strings.NewReader(text), events.Geometry{})
		require.ErrorContains(t, err, says)
	}
	_, err := formattest.Format(t, aedat31.Name).NewReader(bytes.NewReader(whole), events.Geometry{Width: 5000, Height: 2})
	require.ErrorContains(t, err, "expected sides from 1 to 4096")
	cut := errors.New("the line was cut")
	_, err = formattest.Format(t, aedat31.Name).NewReader(io.MultiReader(strings.NewReader(text[:50]), iotest.ErrReader(cut)), events.Geometry{})
	require.ErrorIs(t, err, cut)
}

func TestDetect(t *testing.T) {
	f := formattest.Format(t, aedat31.Name)
	require.NoError(t, f.Detect([]byte(text), -1))
	require.EqualError(t, f.Detect([]byte("#!AER-DAT2.0\r\n"), -1), "its version is 2.0")
	require.EqualError(t, f.Detect([]byte("#!AER-DAT3.11\r\n"), -1), "its first line is longer than #!AER-DAT3.1")
	require.EqualError(t, f.Detect([]byte("#!AER"), -1), "no #!AER-DAT3.1 at its start")
}

// A file that names ever more kinds does not fill the memory with their counts.
func TestKindsAreBounded(t *testing.T) {
	b := []byte(text)
	for kind := range int16(2000) {
		if kind != 1 {
			b = append(b, packet(kind, 1, 1, 0, 0, 1, 1, []byte{0})...)
		}
	}
	r := formattest.NewReader(t, aedat31.Name, bytes.NewReader(b), events.Geometry{})
	_, _, end := formattest.ReadAll(t, r, 1)
	require.ErrorIs(t, end, io.EOF)
	require.LessOrEqual(t, len(r.Skipped()), 65)
	var sum int64
	for _, n := range r.Skipped() {
		sum += n
	}
	require.Equal(t, int64(1999), sum)
}

// The contract, on all that there is in a file.
func TestReader(t *testing.T) {
	first := len(text) + 28 + 8 + 28 + 8                   // behind the first event
	third := first + 8 + 28 + 80 + 28 + 3*36 + 28 + 28 + 8 // behind the third
	formattest.Reader(t, formattest.Sample{
		Format: aedat31.Name, Data: whole, Header: events.Header{Format: "aedat31", Geometry: events.Geometry{Width: 240, Height: 180}},
		Events: wholeEvents, Ends: []int{first, first + 8, third, third + 16}, Skipped: wholeSkipped,
		Head: len(text), Clean: betweenPackets,
	})
}

// betweenPackets tells whether a cut of whole lies between two packets, or before the first.
func betweenPackets(n int) bool {
	at := len(text)
	for at < n {
		h := whole[at:]
		at += 28 + int(binary.LittleEndian.Uint32(h[4:])*binary.LittleEndian.Uint32(h[20:]))
	}
	return at == n
}

// Elsewhere than between packets the error says what is missing.
func TestTruncated(t *testing.T) {
	at := len(text) + 28 + 8 + 28 + 8 + 3
	_, _, end := formattest.ReadAll(t, formattest.NewReader(t, aedat31.Name, bytes.NewReader(whole[:at]), events.Geometry{}), 3)
	require.EqualError(t, end, "aedat31 at byte 180: expected an event of 8 bytes, 1 more in the packet, found the end of the file after 3")
	_, _, end = formattest.ReadAll(t, formattest.NewReader(t, aedat31.Name, bytes.NewReader(whole[:len(whole)-1]), events.Geometry{}), 3)
	require.EqualError(t, end, "aedat31 at byte 678: expected 9 bytes of a packet, found the end of the file after 8")
}

func TestReadDoesNotAllocate(t *testing.T) {
	r := formattest.NewReader(t, aedat31.Name, formattest.Endless([]byte(text), bytes.Join([][]byte{
		polarity(1, event(1, 2, 3, 1), event(1, 2, 3, 1)), packet(2, 1, 40, 16, 0, 2, 2, make([]byte, 80)),
	}, nil)), events.Geometry{})
	require.Zero(t, formattest.Allocations(t, r, 100))
}
