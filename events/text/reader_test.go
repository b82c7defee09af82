package text_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/text"
)

func reader(t require.TestingT, src io.Reader, o text.Options) events.Reader {
	r, err := text.NewReader(src, o)
	require.NoError(t, err)
	return r
}

var want = []events.Event{{T: 3811, X: 96, Y: 133}, {T: 3820, X: 127, Y: 171, P: events.On}, {T: 3836, X: 4, Y: 160}}

// layouts are the same three events as they are met.
func layouts() map[string]string {
	return map[string]string{
		"RPG":                    "0.003811000 96 133 0\n0.003820001 127 171 1\n0.003836000 4 160 0\n",
		"no end of line":         "0.003811000 96 133 0\n0.003820001 127 171 1\n0.003836000 4 160 0",
		"CRLF":                   "0.003811 96 133 0\r\n0.003820 127 171 1\r\n0.003836 4 160 0\r\n",
		"tabs and blanks":        "  0.003811\t96   133\t\t0 \n0.00382 127 171 1\n\n \n0.003836 4 160 0\n",
		"microseconds":           "3811 96 133 0\n3820 127 171 1\n3836 4 160 0\n",
		"nanoseconds":            "000000000003811000 96 133 0\n000000000003820001 127 171 1\n000000000003836000 4 160 0\n",
		"E2VID":                  "240 180\n0.003811 96 133 0\n0.00382 127 171 1\n0.003836 4 160 0\n",
		"CSV":                    "t,x,y,p\n3811,96,133,0\n3820,127,171,1\n3836,4,160,0\n",
		"CSV, seconds":           "t,x,y,p\n0.003811,96,133,0\n0.00382,127,171,1\n0.003836,4,160,0\n",
		"CSV, semicolons":        "x;y;polarity;timestamp\n96;133;False;3811\n127;171;True;3820\n4;160;False;3836\n",
		"CSV, quoted names":      "\"timestamp\",\"x\",\"y\",\"polarity\"\n3811,96,133,-1\n3820,127,171,1\n3836,4,160,-1\n",
		"CSV, an index":          ",x,y,t,p\n0,96,133,3811,0\n1,127,171,3820,1\n2,4,160,3836,0\n",
		"CSV, words":             "t_us, x, y, polarity, camera\n3811, 96, 133, OFF, left one\n3820, 127, 171, ON, left\n3836, 4, 160, off, left\n",
		"CSV, milliseconds":      "time [ms],x,y,p\n3.811,96,133,0\n3.820,127,171,1\n3.836,4,160,0\n",
		"CSV, nanoseconds":       "timestamp_ns,x,y,p\n3811000,96,133,0\n3820499,127,171,1\n3835500,4,160,0\n",
		"CSV, whole seconds' ms": "time (ms),x,y,p\n3811e-3,96,133,0\n3820e-3,127,171,1\n3836e-3,4,160,0\n",
		"Prophesee":              "96,133,0,3811\n127,171,1,3820\n4,160,0,3836\n",
		"Prophesee, geometry":    "%geometry:240,180\n96,133,0,3811\n127,171,1,3820\n4,160,0,3836\n",
		"x y t p":                "96 133 3811 0\n127 171 3820 1\n4 160 3836 0\n",
		"t p x y":                "3811 0 96 133\n3820 1 127 171\n3836 0 4 160\n",
		"minus one":              "0.003811 96 133 -1\n0.00382 127 171 1\n0.003836 4 160 -1\n",
		"savetxt":                "3.811000000000000000e-03 9.600000000000000000e+01 1.330000000000000000e+02 0.000000000000000000e+00\n3.820e-03 1.27e+02 1.71e+02 1.0e+00\n3.836e-3 4 160 0\n",
		"floats of a frame":      "t,x,y,p\n3811.0,96.0,133.0,0.0\n3820.0,127.0,171.0,1.0\n3836.0,4.0,160.0,0.0\n",
		"comments":               "# recorded by hand\n% and kept\n0.003811 96 133 0\n# in between\n0.00382 127 171 1\n0.003836 4 160 0\n",
		"a byte order mark":      "\xef\xbb\xbft,x,y,p\n3811,96,133,0\n3820,127,171,1\n3836,4,160,0\n",
	}
}

func TestLayouts(t *testing.T) {
	for name, content := range layouts() {
		t.Run(name, func(t *testing.T) {
			for _, capacity := range []int{1, 2, 3, 100} {
				for _, src := range []io.Reader{strings.NewReader(content), iotest.OneByteReader(strings.NewReader(content)), iotest.DataErrReader(strings.NewReader(content))} {
					r := reader(t, src, text.Options{})
					in, damage, end := formattest.ReadAll(t, r, capacity)
					require.Empty(t, damage)
					require.Equal(t, want, in)
					require.ErrorIs(t, end, io.EOF)
					geometry := events.Geometry{}
					if strings.Contains(content, "240") {
						geometry = events.Geometry{Width: 240, Height: 180}
					}
					require.Equal(t, events.Header{Format: "text", Geometry: geometry}, r.Header())
					if name == "comments" {
						require.Equal(t, map[string]int64{"comment": 3}, r.Skipped())
					}
				}
			}
			// And it is found out to be text by its first bytes alone.
			file, err := events.FormatByName(map[bool]string{true: text.NameCSV, false: text.Name}[strings.ContainsAny(content[len(content)-9:], ",;")])
			require.NoError(t, err)
			require.NoError(t, file.Detect([]byte(content), int64(len(content))))
			require.NoError(t, file.Detect([]byte(content)[:len(content)-5], 1<<40))
		})
	}
}

// What is given counts, whatever the lines look like.
func TestOptions(t *testing.T) {
	in, damage, _ := formattest.ReadAll(t, reader(t, strings.NewReader("3 96 133 0\n4 127 171 1\n"), text.Options{Unit: text.Seconds}), 5)
	require.Empty(t, damage)
	require.Equal(t, []events.Event{{T: 3_000_000, X: 96, Y: 133}, {T: 4_000_000, X: 127, Y: 171, P: events.On}}, in)
	in, _, _ = formattest.ReadAll(t, reader(t, strings.NewReader("3.25 96 133 0\n4.75 127 171 1\n"), text.Options{Unit: text.Microseconds}), 5)
	require.Equal(t, []events.Event{{T: 3, X: 96, Y: 133}, {T: 5, X: 127, Y: 171, P: events.On}}, in)
	in, damage, _ = formattest.ReadAll(t, reader(t, strings.NewReader("1 7 0 1 0\n2 8 1 0 1\n"), text.Options{Columns: "-typx", Geometry: events.Geometry{Width: 2, Height: 2}}), 5)
	require.Empty(t, damage)
	require.Equal(t, []events.Event{{T: 7, X: 0, Y: 0, P: events.On}, {T: 8, X: 1, Y: 1}}, in)
	in, damage, _ = formattest.ReadAll(t, reader(t, strings.NewReader("a,b,c,d\n1,2,0,5\n"), text.Options{Columns: "xypt"}), 5)
	require.Empty(t, damage, "unknown names are passed over")
	require.Equal(t, []events.Event{{T: 5, X: 1, Y: 2}}, in)
	for columns, says := range map[string]string{"txy": "expected p once, found it 0 times", "txypp": "expected p once, found it 2 times", "txyq": "found 'q'"} {
		_, err := text.NewReader(strings.NewReader("1 2 3 0\n"), text.Options{Columns: columns})
		require.ErrorContains(t, err, says)
	}
	for _, g := range []events.Geometry{{Width: 4097, Height: 1}, {Width: 34}, {Width: -1, Height: 34}} {
		_, err := text.NewReader(strings.NewReader(""), text.Options{Geometry: g})
		require.ErrorContains(t, err, "expected sides from 1 to 4096", "%+v", g)
	}
	for name, seconds := range map[string]int64{text.NameSeconds: 1_000_000, text.NameMicroseconds: 1} {
		f, err := events.FormatByName(name)
		require.NoError(t, err)
		require.ErrorContains(t, f.Detect([]byte("3 96 133 0\n"), 11), "by name")
		r, err := f.NewReader(strings.NewReader("3 96 133 0\nx"), events.Geometry{})
		require.NoError(t, err)
		in, damage, _ := formattest.ReadAll(t, r, 5)
		require.Equal(t, []events.Event{{T: 3 * seconds, X: 96, Y: 133}}, in)
		require.Len(t, damage, 1)
		require.Equal(t, name, damage[0].Format)
	}
}

// A line that cannot be read is told by its number and its byte, and left out.
func TestDamage(t *testing.T) {
	var b strings.Builder
	for i := range 100 {
		fmt.Fprintf(&b, "0.%06d 1 2 1\n", i) // 15 bytes each
	}
	head := b.String()
	bad := []struct{ line, says string }{
		{"0.5 1 2", `text at byte 1500: expected 4 fields, found "0.5 1 2" in line 101`},
		{"0.5 1 2 1 7", `expected 4 fields, found "0.5 1 2 1 7" in line 102`},
		{"abc 1 2 1", `expected a time, found "abc" in line 103`},
		{"0.5 240 2 1", `expected an event within 240x180 pixels, found x 240, y 2 in line 104`},
		{"0.5 1 180 1", `expected an event within 240x180 pixels, found x 1, y 180 in line 105`},
		{"0.5 -1 2 1", `expected x from 0 to 239, found "-1" in line 106`},
		{"0.5 1.5 2 1", `expected x from 0 to 239, found "1.5" in line 107`},
		{"0.5 1 99999 1", `expected y from 0 to 179, found "99999" in line 108`},
		{"0.5 1 2 2", `expected a polarity of 0, 1 or -1, found "2" in line 109`},
		{"99999999999999 1 2 1", `expected a time, found "99999999999999" in line 110`},
		{"\x00\x01\x02", `expected a time, found "\x00\x01\x02" in line 111`},
		{"0.5,1,2,1", `expected a time, found "0.5,1,2,1" in line 112`},
		{strings.Repeat("7", 70_000), `expected a line of at most 65535 bytes, found a longer one in line 113`},
		{strings.Repeat("8", 200_000), `expected a line of at most 65535 bytes, found a longer one in line 114`},
		{strings.Repeat("9", 60), `expected a time, found "999999999999999999999999999999999999999` /* cut */},
	}
	b.Reset()
	b.WriteString(head)
	for _, c := range bad {
		b.WriteString(c.line + "\n")
	}
	b.WriteString("1.5 3 4 0\n")
	for _, capacity := range []int{1, 7, 1000} {
		for _, src := range []io.Reader{strings.NewReader(b.String()), iotest.OneByteReader(strings.NewReader(b.String()))} {
			in, damage, end := formattest.ReadAll(t, reader(t, src, text.Options{Geometry: events.Geometry{Width: 240, Height: 180}}), capacity)
			require.ErrorIs(t, end, io.EOF)
			require.Len(t, in, 101)
			require.Equal(t, events.Event{T: 1_500_000, X: 3, Y: 4}, in[100])
			require.Len(t, damage, len(bad))
			at := int64(1500)
			for i, c := range bad {
				require.ErrorContains(t, damage[i], c.says)
				require.False(t, damage[i].Fatal)
				require.GreaterOrEqual(t, damage[i].Offset, at)
				at += int64(len(c.line)) + 1
				require.Less(t, damage[i].Offset, at)
			}
		}
	}
	in, damage, _ := formattest.ReadAll(t, reader(t, strings.NewReader("t,x,y,p\n1,,3,0\n1,2,3\n1,2 2,3,0\n1,2,3,0,\n5,6,7,1\n"), text.Options{}), 9)
	require.Equal(t, []events.Event{{T: 5, X: 6, Y: 7, P: events.On}}, in)
	require.Len(t, damage, 4)
	require.EqualError(t, damage[0], `text at byte 10: expected x from 0 to 4095, found nothing in line 2`)
	require.ErrorContains(t, damage[1], `expected 4 fields, found "1,2,3" in line 3`)
	require.ErrorContains(t, damage[3], `expected 4 fields, found "1,2,3,0," in line 5`)
}

func TestRefused(t *testing.T) {
	cut := errors.New("the line was cut")
	for content, says := range map[string]string{
		"1 2 3\n4 5 6\n":                    `text at byte 0: expected time, x, y and polarity (0, 1 or -1) in lines of four numbers, or a line of names, found "1 2 3" in line 1`,
		"# a comment\n\n1 2 3 4 5\n":        `text at byte 13: expected time, x, y and polarity`,
		"t,x,y\n1,2,3\n":                    `text at byte 0: expected names of columns with t, x, y and p among them, found "t,x,y" in line 1`,
		"Dear diary,\ntoday was a good day": `expected names of columns`,
		"1 5 6 7\n2 5 6 7\n":                `expected time, x, y and polarity`,
	} {
		_, err := text.NewReader(strings.NewReader(content), text.Options{})
		require.ErrorContains(t, err, says, "%q", content)
		for _, name := range []string{text.Name, text.NameCSV} {
			f, err := events.FormatByName(name)
			require.NoError(t, err)
			require.Error(t, f.Detect([]byte(content), int64(len(content))))
		}
	}
	_, err := text.NewReader(iotest.ErrReader(cut), text.Options{})
	require.ErrorIs(t, err, cut)
	in, damage, end := formattest.ReadAll(t, reader(t, io.MultiReader(strings.NewReader("0.5 1 2 1\n0.6 1"), iotest.ErrReader(cut)), text.Options{}), 9)
	require.Len(t, in, 1)
	require.Empty(t, damage)
	require.Equal(t, cut, end)
	in, _, end = formattest.ReadAll(t, reader(t, strings.NewReader("# nothing\n"), text.Options{}), 9)
	require.Empty(t, in)
	require.ErrorIs(t, end, io.EOF)
}

func TestDetectRefuses(t *testing.T) {
	f, err := events.FormatByName(text.Name)
	require.NoError(t, err)
	for head, says := range map[string]string{
		"":                                   "no line of events",
		"# only a comment\n":                 "no line of events",
		"\x01\x02\x03\x04\x05":               "byte 0x01 at 0 is no text",
		"0.5 1 2 1\n\x00":                    "byte 0x00 at 10 is no text",
		"t,x,y,p\n1,2,3,0\n":                 "its fields are separated by ','",
		"% evt 3.0\n% end\n\xe0\x01\x02\x03": "is no text",
	} {
		require.ErrorContains(t, f.Detect([]byte(head), int64(len(head))), says, "%q", head)
	}
	csv, err := events.FormatByName(text.NameCSV)
	require.NoError(t, err)
	require.ErrorContains(t, csv.Detect([]byte("0.5 1 2 1\n"), 10), "its fields are separated by blanks")
	require.NoError(t, csv.Detect([]byte("t,x,y,p\n"), 8), "names without events")
	require.Error(t, csv.Detect([]byte("t,x,y,p\n1,2\n3,4\n"), 16), "names, and no events of theirs")
}

func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		"0.003811000 96 133 0\n0.003820001 127 171 1\n", "t,x,y,p\n3811,96,133,0\n,,,\n", "%geometry:4,3\n1,2,0,3\n", "240 180\n1e-5 2 3 -1", "\xef\xbb\xbfx;y;t;p\n1;2;3;true\n",
		"t_ns x y p\n5 1 1 1 \n", "", "\n\n\n", "1.5.5 2 3 0\n", "a b c d e\n",
	} {
		f.Add([]byte(seed), uint8(3), "", uint8(0))
	}
	f.Add([]byte("1 2 3 0 4\n"), uint8(0), "p-xyt", uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, capacity uint8, columns string, unit uint8) {
		for _, name := range []string{text.Name, text.NameCSV} {
			format, err := events.FormatByName(name)
			require.NoError(t, err)
			if err := format.Detect(data, int64(len(data))); err == nil {
				_, err := format.NewReader(bytes.NewReader(data), events.Geometry{})
				require.NoError(t, err, "what is known can be read")
			}
		}
		o := text.Options{Columns: columns, Unit: text.Unit(unit % 5)}
		if _, err := text.NewReader(bytes.NewReader(nil), o); err != nil {
			return // no columns
		}
		c := formattest.Sound(t, opener(o), data, int(capacity)+1)
		if c == nil {
			return
		}
		require.Equal(t, io.EOF, c.End)
		require.LessOrEqual(t, len(c.Events)+len(c.Damage), bytes.Count(data, []byte("\n"))+1, "a line is an event, damage, or nothing")
	})
}

func opener(o text.Options) formattest.Open {
	return func(src io.Reader) (events.Reader, error) { return text.NewReader(src, o) }
}

// The contract, on lines of which some are comments and some damaged.
func TestReader(t *testing.T) {
	const content = "# by hand\n0.003811 96 133 0\n0.003820 127 171 1\n0.003825 7x 1 1\n0.003836 4 160 0\n"
	s := formattest.Sample{
		Format: text.Name, Data: []byte(content), Header: events.Header{Format: "text"}, Events: want, Ends: []int{27, 46, 79},
		Skipped: map[string]int64{"comment": 1}, Damage: []string{`text at byte 56: expected x from 0 to 4095, found "7x" in line 4`},
		Mends: true,
	}
	formattest.Reader(t, s)
	s.Geometry = events.Geometry{Width: 240, Height: 180}
	s.Header.Geometry = s.Geometry
	s.Damage = []string{`text at byte 56: expected x from 0 to 239, found "7x" in line 4`}
	formattest.Reader(t, s)
}

func TestReadDoesNotAllocate(t *testing.T) {
	r := reader(t, formattest.Endless(nil, []byte("0.003811000 96 133 0\n# now and then\n1.5e-2 97.0 133 -1\n")), text.Options{})
	require.Zero(t, formattest.Allocations(t, r, 100))
}
