package aedat2_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/aedat2"
	"github.com/saccade-dev/saccade/events/formattest"
)

// Bytes made by hand from the layout in the package comment.
func TestGoldenBytes(t *testing.T) {
	in, _, end := formattest.ReadAll(t, formattest.NewReader(t, aedat2.Name, bytes.NewReader([]byte(dvsText+
		"\x00\x00\x76\x83\x02\x76\x48\x1e"+ // y 0x76, raw x 0x41, OFF
		"\x00\x00\x80\x00\x02\x76\x48\x1f"+ // an edge on the input
		"\x00\x00\x00\x00\xff\xff\xff\xff")), events.Geometry{}), 10)
	require.ErrorIs(t, end, io.EOF)
	require.Equal(t, []events.Event{{T: 0x0276481e, X: 62, Y: 118, P: events.Off}, {T: 1<<32 - 1, X: 127, Y: 0, P: events.On}}, in)

	in, _, end = formattest.ReadAll(t, formattest.NewReader(t, aedat2.Name, bytes.NewReader([]byte(davisText+
		"\x23\x0d\xc8\x00\x00\x11\x97\xa0"+ // begins as a line of text does: y 140, x 220, ON
		"\x80\x00\x0c\x00\x00\x00\x00\x00")), events.Geometry{}), 10)
	require.ErrorIs(t, end, io.EOF)
	require.Equal(t, []events.Event{{T: 0x1197a0, X: 220, Y: 140, P: events.On}}, in)
}

// Records that are no events are counted, each by its kind.
func TestSkipped(t *testing.T) {
	r := formattest.NewReader(t, aedat2.Name, bytes.NewReader(file(davisText,
		davis(1, 3, 4, 1), frameReset, frameSignal, imu|7, davis(9, 5, 6, 0)|trigger, davis(10, 239, 179, 0), imu|0xffff<<44)), events.Geometry{})
	in, damage, end := formattest.ReadAll(t, r, 1)
	require.ErrorIs(t, end, io.EOF)
	require.Empty(t, damage)
	require.Equal(t, []events.Event{{T: 1, X: 3, Y: 4, P: events.On}, {T: 10, X: 239, Y: 179}}, in)
	require.Equal(t, map[string]int64{"frame": 2, "imu": 2, "external trigger": 1}, r.Skipped())

	r = formattest.NewReader(t, aedat2.Name, bytes.NewReader(file(dvsText, dvs(1, 0, 0, 1), 1<<47|3, 1<<63|5)), events.Geometry{})
	in, _, _ = formattest.ReadAll(t, r, 5)
	require.Equal(t, []events.Event{{T: 1, P: events.On}}, in)
	require.Equal(t, map[string]int64{"external trigger": 1, "special": 1}, r.Skipped())
}

// Events off the sensor and addresses that no DVS128 has are damage, reported where they stand.
func TestDamage(t *testing.T) {
	b := file(davisText, davis(1, 3, 4, 1), davis(2, 240, 4, 1), davis(3, 4, 180, 1), davis(4, 5, 6, 0))
	for _, capacity := range []int{1, 2, 10} {
		in, damage, end := formattest.ReadAll(t, formattest.NewReader(t, aedat2.Name, bytes.NewReader(b), events.Geometry{}), capacity)
		require.ErrorIs(t, end, io.EOF)
		require.Equal(t, []events.Event{{T: 1, X: 3, Y: 4, P: events.On}, {T: 4, X: 5, Y: 6}}, in)
		require.Equal(t, []string{
			"aedat2 at byte 72: expected an event within 240x180 pixels, found x 240, y 4",
			"aedat2 at byte 80: expected an event within 240x180 pixels, found x 4, y 180",
		}, formattest.Says(damage))
	}
	in, damage, end := formattest.ReadAll(t, formattest.NewReader(t, aedat2.Name, bytes.NewReader(file(dvsText, dvs(1, 3, 4, 1), 1<<48|2, dvs(3, 4, 5, 0))), events.Geometry{Width: 4, Height: 5}), 10)
	require.ErrorIs(t, end, io.EOF)
	require.Equal(t, []events.Event{{T: 1, X: 3, Y: 4, P: events.On}}, in)
	require.Equal(t, []string{
		"aedat2 at byte 70: expected a DVS128's address of 16 bits, found 0x10000",
		"aedat2 at byte 78: expected an event within 4x5 pixels, found x 4, y 5",
	}, formattest.Says(damage))
}

func TestTime(t *testing.T) {
	for name, c := range map[string]struct {
		low  []uint32
		want []int64
	}{
		"above 2^31 at once":    {[]uint32{1 << 31, 1<<31 + 5, 1<<32 - 1}, []int64{1 << 31, 1<<31 + 5, 1<<32 - 1}},
		"a gap over 2^31":       {[]uint32{5, 1<<31 + 6, 7}, []int64{5, 1<<31 + 6, 7}},
		"has run over":          {[]uint32{1<<32 - 2, 1, 1<<32 - 1, 2, 1 << 31}, []int64{1<<32 - 2, 1<<32 + 1, 1<<32 - 1, 1<<32 + 2, 1<<32 + 1<<31}},
		"twice":                 {[]uint32{1<<32 - 2, 1, 1 << 31, 1<<32 - 1, 0}, []int64{1<<32 - 2, 1<<32 + 1, 1<<32 + 1<<31, 1<<33 - 1, 1 << 33}},
		"back, not run over":    {[]uint32{1 << 31, 0, 1 << 31}, []int64{1 << 31, 0, 1 << 31}},
		"back by a microsecond": {[]uint32{8, 7, 8}, []int64{8, 7, 8}},
	} {
		t.Run(name, func(t *testing.T) {
			b := []byte(davisText)
			for _, low := range c.low {
				b = append(b, file("", davis(low, 1, 1, 0))...)
			}
			in, _, _ := formattest.ReadAll(t, formattest.NewReader(t, aedat2.Name, bytes.NewReader(b), events.Geometry{}), 2)
			var got []int64
			for _, e := range in {
				got = append(got, e.T)
			}
			require.Equal(t, c.want, got)
		})
	}
}

func TestGeometry(t *testing.T) {
	event := davis(1, 200, 150, 0)
	for name, c := range map[string]struct {
		text    string
		records []uint64
		given   events.Geometry
		want    events.Geometry
		x       uint16 // of the first event
	}{
		"DAVIS240C":       {davisText, []uint64{event}, events.Geometry{}, events.Geometry{Width: 240, Height: 180}, 200},
		"Davis346red":     {"#!AER-DAT2.0\r\n# AEChip: eu.seebetter.ini.chips.davis.Davis346red\r\n", []uint64{event}, events.Geometry{}, events.Geometry{Width: 346, Height: 260}, 200},
		"DAVIS640":        {"#!AER-DAT2.0\r\n# AEChip: eu.seebetter.ini.chips.davis.DAVIS640\r\n", []uint64{event}, events.Geometry{}, events.Geometry{Width: 640, Height: 480}, 200},
		"the interface":   {"#!AER-DAT2.0\r\n# HardwareInterface: DVS128-V1 0298\r\n", []uint64{dvs(1, 3, 4, 0)}, events.Geometry{}, events.Geometry{Width: 128, Height: 128}, 3},
		"by addresses":    {"#!AER-DAT2.0\r\n", []uint64{dvs(1, 3, 4, 0)}, events.Geometry{}, events.Geometry{Width: 128, Height: 128}, 3},
		"smallest":        {"#!AER-DAT2.0\r\n", []uint64{event}, events.Geometry{}, events.Geometry{Width: 240, Height: 180}, 200},
		"grows":           {"#!AER-DAT2.0\r\n# HardwareInterface: DAVIS FX3 2\r\n", []uint64{event, davis(2, 3, 259, 1)}, events.Geometry{}, events.Geometry{Width: 346, Height: 260}, 200},
		"beyond":          {"#!AER-DAT2.0\r\n", []uint64{event, davis(2, 3, 500, 1)}, events.Geometry{}, events.Geometry{}, 200},
		"given":           {davisText, []uint64{event}, events.Geometry{Width: 300, Height: 200}, events.Geometry{Width: 300, Height: 200}, 200},
		"ours":            {davisText + "# Sensor size: 201x151 pixels\r\n", []uint64{event}, events.Geometry{}, events.Geometry{Width: 201, Height: 151}, 200},
		"ours, not known": {davisText + "# Sensor size: unknown\r\n", []uint64{event}, events.Geometry{}, events.Geometry{}, 200},
		"preferences":     {"#!AER-DAT2.0\r\n#Start of Preferences for this AEChip\r\n#<node name=\"DVS128\">\n#</node>\n", []uint64{event}, events.Geometry{}, events.Geometry{Width: 240, Height: 180}, 200},
		"bare line feeds": {strings.ReplaceAll(davisText, "\r", ""), []uint64{event}, events.Geometry{}, events.Geometry{Width: 240, Height: 180}, 200},
		"Latin-1":         {davisText + "# User name: J\xfcrgen M\xfcller\r\n", []uint64{event}, events.Geometry{}, events.Geometry{Width: 240, Height: 180}, 200},
		"said to end":     {davisText + "#End Of ASCII Header\r\n", []uint64{0x23_0d_0a_00_00000001, event}, events.Geometry{}, events.Geometry{Width: 240, Height: 180}, 208},
		"a long line":     {davisText + "# " + strings.Repeat("long ", 40_000) + "\r\n#\r\n", []uint64{event}, events.Geometry{}, events.Geometry{Width: 240, Height: 180}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			for _, one := range []bool{false, true} {
				src := io.Reader(bytes.NewReader(file(c.text, c.records...)))
				if one {
					src = iotest.HalfReader(src)
				}
				r := formattest.NewReader(t, aedat2.Name, src, c.given)
				in, damage, end := formattest.ReadAll(t, r, 1)
				require.ErrorIs(t, end, io.EOF)
				require.Empty(t, damage)
				require.Len(t, in, len(c.records))
				require.Equal(t, c.x, in[0].X)
				require.Equal(t, events.Header{Format: "aedat2", Geometry: c.want}, r.Header())
			}
		})
	}
}

func TestHeaderOnly(t *testing.T) {
	r := formattest.NewReader(t, aedat2.Name, strings.NewReader(davisText), events.Geometry{})
	in, _, end := formattest.ReadAll(t, r, 5)
	require.Empty(t, in)
	require.ErrorIs(t, end, io.EOF)
	require.Equal(t, events.Geometry{Width: 240, Height: 180}, r.Header().Geometry)
	r = formattest.NewReader(t, aedat2.Name, strings.NewReader("#!AER-DAT2.0\r\n"), events.Geometry{})
	require.Equal(t, events.Geometry{}, r.Header().Geometry, "nothing says what it was")
}

func TestReaderRefuses(t *testing.T) {
	for says, text := range map[string]string{
		`at byte 14: expected a DVS128 or a DAVIS as AEChip, found "ch.unizh.ini.jaer.chip.cochlea.CochleaAMS1c"`: "#!AER-DAT2.0\r\n# AEChip: ch.unizh.ini.jaer.chip.cochlea.CochleaAMS1c\r\n",
		`at byte 0: expected #!AER-DAT2.0, found "#!AER-DAT1.0"`:                                                  "#!AER-DAT1.0\r\n",
		`at byte 0: expected #!AER-DAT2.0, found something else`:                                                  "hello",
		`at byte 14: expected the end of a line of text, found the end of the file after 8 bytes`:                 "#!AER-DAT2.0\r\n# AEChip",
		`at byte 14: expected a sensor size as 34x34 pixels, sides from 1 to 4096, found "5000x1 pixels"`:         "#!AER-DAT2.0\r\n# Sensor size: 5000x1 pixels\r\n",
		`at byte 14: expected a time origin in us, a multiple of 2^32, found "5 us"`:                              "#!AER-DAT2.0\r\n# Time origin: 5 us\r\n",
		`at byte 65632: expected the end of a line of text, found the end of the file`:                            davisText[:14] + strings.Repeat("#", 65618),
	} {
		_, err := formattest.Format(t, aedat2.Name).NewReader(strings.NewReader(text), events.Geometry{})
		require.ErrorContains(t, err, says)
	}
	_, err := formattest.Format(t, aedat2.Name).NewReader(strings.NewReader(davisText), events.Geometry{Width: 5000, Height: 2})
	require.ErrorContains(t, err, "expected sides from 1 to 4096")
	cut := errors.New("the line was cut")
	for n := range len(davisText) {
		_, err := formattest.Format(t, aedat2.Name).NewReader(io.MultiReader(strings.NewReader(davisText[:n]), iotest.ErrReader(cut)), events.Geometry{})
		require.ErrorIs(t, err, cut)
	}
	// A text without an end is given up on.
	_, err = formattest.Format(t, aedat2.Name).NewReader(io.MultiReader(strings.NewReader(davisText), formattest.Endless(nil, bytes.Repeat([]byte("# on and on\r\n"), 1000))), events.Geometry{})
	require.ErrorContains(t, err, "expected a text of at most 16777216 bytes, found more of it")
	_, err = formattest.Format(t, aedat2.Name).NewReader(io.MultiReader(strings.NewReader(davisText), formattest.Endless(nil, bytes.Repeat([]byte("#"), 1000))), events.Geometry{})
	require.ErrorContains(t, err, "expected a text of at most 16777216 bytes, found more of it")
}

func TestDetect(t *testing.T) {
	f := formattest.Format(t, aedat2.Name)
	require.NoError(t, f.Detect([]byte(davisText), -1))
	require.NoError(t, f.Detect([]byte("#!AER-DAT2.0"), 12))
	require.EqualError(t, f.Detect([]byte("#!AER-DAT3.1\r\n"), -1), "its version is 3.1")
	require.EqualError(t, f.Detect([]byte("#!AER-DAT2.01\r\n"), -1), "its first line is longer than #!AER-DAT2.0")
	require.EqualError(t, f.Detect([]byte("#!AER"), -1), "no #!AER-DAT2.0 at its start")
	require.EqualError(t, f.Detect([]byte("#!AER-DAT"), -1), "its version is ")
}

// The contract, on what a DAVIS and a DVS128 send.
func TestReader(t *testing.T) {
	b := file(davisText, davis(1, 3, 4, 1), frameReset, davis(4, 5, 6, 0), davis(5, 240, 6, 1), davis(5, 70, 6, 1))
	formattest.Reader(t, formattest.Sample{
		Format: aedat2.Name, Data: b, Header: events.Header{Format: "aedat2", Geometry: events.Geometry{Width: 240, Height: 180}},
		Events: []events.Event{{T: 1, X: 3, Y: 4, P: events.On}, {T: 4, X: 5, Y: 6}, {T: 5, X: 70, Y: 6, P: events.On}},
		Ends:   []int{len(b) - 32, len(b) - 16, len(b)}, Head: len(davisText), Clean: func(n int) bool { return (n-len(davisText))%8 == 0 }, Skipped: map[string]int64{"frame": 1},
		Damage: []string{"aedat2 at byte 88: expected an event within 240x180 pixels, found x 240, y 6"},
	})
	b = file(dvsText, dvs(1, 3, 4, 1), 1<<63|3, dvs(1<<31, 127, 0, 0))
	formattest.Reader(t, formattest.Sample{
		Format: aedat2.Name, Data: b, Header: events.Header{Format: "aedat2", Geometry: events.Geometry{Width: 128, Height: 128}},
		Events: []events.Event{{T: 1, X: 3, Y: 4, P: events.On}, {T: 1 << 31, X: 127}},
		Ends:   []int{len(b) - 16, len(b)}, Head: len(dvsText), Clean: func(n int) bool { return (n-len(dvsText))%8 == 0 }, Skipped: map[string]int64{"special": 1},
	})
	_, _, end := formattest.ReadAll(t, formattest.NewReader(t, aedat2.Name, bytes.NewReader(b[:len(b)-3]), events.Geometry{}), 5)
	require.Equal(t, &events.FormatError{Format: "aedat2", Offset: int64(len(b) - 8), Fatal: true, Want: "a record of 8 bytes", Got: "the end of the file after 5"}, end)
}

func TestReadDoesNotAllocate(t *testing.T) {
	for text, record := range map[string]uint64{davisText: davis(1, 2, 3, 1), dvsText: dvs(1, 2, 3, 1)} {
		r := formattest.NewReader(t, aedat2.Name, formattest.Endless([]byte(text), file("", record)), events.Geometry{})
		require.Zero(t, formattest.Allocations(t, r, 100))
	}
}
