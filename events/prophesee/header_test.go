package prophesee_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/prophesee"
)

func TestParseHeader(t *testing.T) {
	vga, hd := events.Geometry{Width: 640, Height: 480}, events.Geometry{Width: 1280, Height: 720}
	for text, want := range map[string]struct {
		encoding string
		geometry events.Geometry
		fields   int
		rest     string
	}{
		"% evt 3.0\n% end\n":                                      {"EVT3", events.Geometry{}, 1, ""},
		"% evt 2.0\n\x00\x01":                                     {"EVT2", events.Geometry{}, 1, "\x00\x01"},
		"% EVT 2.1\r\n% End\r\nx":                                 {"EVT21", events.Geometry{}, 1, "x"},
		"% evt 3\n% geometry 640x480\n% end\n% end\n":             {"EVT3", vga, 2, "% end\n"},
		"% format EVT3;height=720;width=1280\n% evt 2.0\n% end\n": {"EVT3", hd, 2, ""},
		"% format EVT2.1; endianness=legacy; width=640; height=480\n% geometry 1x1\n": {"EVT21", vga, 2, ""},
		"% format EVT3\n% geometry 1280X720\n% end\n":                                 {"EVT3", hd, 2, ""},
		"% format HISTO3D;height=320;width=320\n% end\n":                              {"HISTO3D", events.Geometry{Width: 320, Height: 320}, 1, ""},
		"% Width 640\n% Height 480\n% Date 2020-09-25 07:48:31\n% end\n":              {"", vga, 3, ""},
		"%  evt   2.0  \n%\n":          {"EVT2", events.Geometry{}, 1, "%\n"},
		"":                             {"", events.Geometry{}, 0, ""},
		"no header":                    {"", events.Geometry{}, 0, "no header"},
		"% evt 3.0":                    {"EVT3", events.Geometry{}, 1, ""},
		"% evt 3.0\n% \x01\x80 word\n": {"EVT3", events.Geometry{}, 1, "% \x01\x80 word\n"},
		"% evt 3.0\n% " + strings.Repeat("x", 5000):                                       {"EVT3", events.Geometry{}, 1, "% " + strings.Repeat("x", 5000)},
		"% integrator_name Société\n% plugin_name hal_plugin_imx636_evk4\n% evt 3.0\nx\n": {"EVT3", events.Geometry{}, 3, "x\n"},
	} {
		h, complete, err := prophesee.ParseHeader([]byte(text), true)
		require.NoError(t, err, "%q", text)
		require.True(t, complete)
		require.Equal(t, want.encoding, h.Encoding, "%q", text)
		require.Equal(t, want.geometry, h.Geometry, "%q", text)
		require.Len(t, h.Fields, want.fields, "%q", text)
		require.Equal(t, want.rest, text[h.Bytes:], "%q", text)
		// However little of it is there at first, the same comes of it.
		for n := range min(len(text), 200) {
			early, complete, err := prophesee.ParseHeader([]byte(text[:n]), false)
			require.NoError(t, err)
			if complete {
				require.Equal(t, h, early, "%q", text[:n])
			}
		}
	}
}

func TestParseHeaderRefuses(t *testing.T) {
	for text, says := range map[string]string{
		"% geometry 640\n% end\n":                       `expected a geometry in the header with sides from 1 to 4096, found "640"`,
		"% geometry 0x480\n% end\n":                     `found "0x480"`,
		"% geometry 640x4097\n% end\n":                  `found "640x4097"`,
		"% format EVT3;height=a;width=5\n":              `found "5xa"`,
		"% geometry 99999999999999999999x2\n":           `found "99999999999999999999x2"`,
		strings.Repeat("% comment and so on\n", 10_000): "expected a header of at most 65536 bytes, found more of it",
	} {
		_, _, err := prophesee.ParseHeader([]byte(text), false)
		if err == nil {
			_, _, err = prophesee.ParseHeader([]byte(text), true)
		}
		require.ErrorContains(t, err, says, "%.40q", text)
		f, err := events.FormatByName("evt3")
		require.NoError(t, err)
		_, err = f.NewReader(strings.NewReader(text), events.Geometry{})
		require.ErrorContains(t, err, "evt3 at byte")
	}
}

// Values are found whatever the case of their keywords.
func TestHeaderValues(t *testing.T) {
	h, _, err := prophesee.ParseHeader([]byte("% Date 2020-09-25 07:48:31\n% format EVT21;endianness=legacy\n% end\n"), true)
	require.NoError(t, err)
	date, ok := h.Value("date")
	require.True(t, ok)
	require.Equal(t, "2020-09-25 07:48:31", date)
	order, ok := h.Option("Endianness")
	require.True(t, ok)
	require.Equal(t, "legacy", order)
	_, ok = h.Value("end")
	require.False(t, ok)
}

// The size of the sensor is the header's, or that of the sensor it names, or that
// of the encoding's usual one; a guess holds until an event contradicts it.
func TestGeometry(t *testing.T) {
	hd, own := events.Geometry{Width: 1280, Height: 720}, events.Geometry{Width: 34, Height: 34}
	word := []byte{0, 0, 0, 0x80, 0, 0, 0, 0} // a time, and an event at x 0, y 0
	far := []byte{0, 0, 0, 0x80, 0xff, 0xff, 0x3f, 0}
	p := events.NewPacket(10)
	for head, want := range map[string]events.Geometry{
		"% evt 2.0\n": {Width: 640, Height: 480},
		"% evt 2.0\n% plugin_name hal_plugin_gen41_evk3\n": hd,
		"% evt 2.0\n% sensor_name IMX636\n":                hd,
		"% evt 2.0\n% sensor_name GenX320\n":               {Width: 320, Height: 320},
		"% evt 2.0\n% sensor_generation 4.1\n":             hd,
		"% evt 2.0\n% generation 3.1\n":                    {Width: 640, Height: 480},
		"% evt 2.0\n% geometry 35x36\n":                    {Width: 35, Height: 36},
	} {
		f, err := events.FormatByName("evt2")
		require.NoError(t, err)
		r, err := f.NewReader(strings.NewReader(head+string(word)), events.Geometry{})
		require.NoError(t, err)
		require.Equal(t, events.Header{Format: "evt2", Geometry: want}, r.Header(), head)
		require.NoError(t, r.Read(p))
		require.Len(t, p.Events, 1)

		r, err = f.NewReader(strings.NewReader(head+string(far)), events.Geometry{})
		require.NoError(t, err)
		if err = r.Read(p); strings.Contains(head, "geometry") {
			require.EqualError(t, err, "evt2 at byte 31: expected an event within 35x36 pixels, found x 2047, y 2047")
			require.Equal(t, want, r.Header().Geometry)
		} else {
			require.NoError(t, err)
			require.Equal(t, []events.Event{{X: 2047, Y: 2047}}, p.Events)
			require.Equal(t, events.Geometry{}, r.Header().Geometry, "the guess was wrong")
		}

		r, err = f.NewReader(strings.NewReader(head+string(far)), own)
		require.NoError(t, err)
		require.ErrorContains(t, r.Read(p), "within 34x34 pixels", "what is given counts")
		require.ErrorIs(t, r.Read(p), io.EOF)
		_, err = f.NewReader(strings.NewReader(head), events.Geometry{Width: -1, Height: 5})
		require.EqualError(t, err, "geometry -1x5: expected sides from 1 to 4096")
	}
}

func TestDetect(t *testing.T) {
	evt3 := bytes.Repeat([]byte{0x01, 0x80, 0x05, 0x60, 0x02, 0x00, 0x07, 0x28, 0x08, 0x30, 0xff, 0x43}, 50)
	evt2 := bytes.Repeat([]byte{0x01, 0x00, 0x00, 0x80, 0x05, 0x18, 0xc0, 0x1f}, 50)
	evt21 := bytes.Repeat([]byte{0x99, 0x99, 0x99, 0x99, 0x01, 0x00, 0x00, 0x80, 0x05, 0x99, 0x99, 0x99, 0x05, 0x18, 0xc0, 0x1f}, 50)
	for name, c := range map[string]struct {
		head string
		is   string
		says string
	}{
		"evt2":            {"% evt 2.0\n% end\n", prophesee.EVT2, `the header says "EVT2"`},
		"evt3":            {"% format EVT3\n% end\n", prophesee.EVT3, `the header says "EVT3"`},
		"frames":          {"% format DIFF3D;height=320;width=320\n% end\n", "", `the header says "DIFF3D"`},
		"DAT":             {"% Data file containing CD events\n% Version 2\n% end\n\x0c\x08", "", "that of a DAT file"},
		"nothing":         {"", "", `no header of lines that begin with "% "`},
		"a pixel":         {"\x21\x20\x01\x02", "", "no header"},
		"no evt, EVT2":    {"% Date 2020\n% end\n" + string(evt2), prophesee.EVT2, "the words look like EVT2"},
		"no evt, EVT3":    {"% Date 2020\n% end\n" + string(evt3), prophesee.EVT3, "the words look like EVT3"},
		"no evt, EVT21":   {"% Date 2020\n% end\n" + string(evt21), prophesee.EVT21, "the words look like EVT21"},
		"no evt, nothing": {"% Date 2020\n% end\n", "", "the words fit no encoding alone"},
		"no evt, noise":   {"% Date 2020\n% end\n" + strings.Repeat("\x99", 600), "", "the words fit no encoding alone"},
		"bad geometry":    {"% evt 3.0\n% geometry 0x0\n% end\n", "", "expected a geometry in the header"},
	} {
		for _, encoding := range []string{prophesee.EVT2, prophesee.EVT21, prophesee.EVT3} {
			err := prophesee.Detect(encoding, []byte(c.head))
			if encoding == c.is {
				require.NoError(t, err, name)
			} else {
				require.ErrorContains(t, err, c.says, name)
			}
		}
	}
}

func FuzzHeader(f *testing.F) {
	f.Add([]byte("% evt 3.0\n% format EVT3;height=720;width=1280\n% geometry 1280x720\n% end\n\x01\x80"))
	f.Add([]byte("% Width 640\n% Height 480\n% \xff\n"))
	f.Add([]byte("% geometry -1x5"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, complete, err := prophesee.ParseHeader(b, true)
		if err != nil {
			require.Nil(t, h)
			return
		}
		require.True(t, complete)
		require.LessOrEqual(t, h.Bytes, len(b))
		require.True(t, h.Bytes == 0 || bytes.HasPrefix(b, []byte("% ")))
		require.True(t, h.Geometry == events.Geometry{} || h.Geometry.Valid())
		for _, encoding := range []string{prophesee.EVT2, prophesee.EVT21, prophesee.EVT3} {
			if prophesee.Detect(encoding, b) == nil && h.Encoding != "" {
				require.Equal(t, encoding, h.Encoding)
			}
		}
		// What is known early stays true.
		if early, complete, err := prophesee.ParseHeader(b[:len(b)/2], false); err == nil && complete {
			require.Equal(t, h, early)
		}
	})
}
