package dat_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/dat"
	"github.com/saccade-dev/saccade/events/formattest"
)

func TestHeaders(t *testing.T) {
	for name, head := range map[string]string{
		"vendor's":           head2,
		"N-CARS":             "% Data file containing N9Chronocam7Event2dE events.\n% Version 2\n% Date 2017-10-31 11:27:54\n\x00\x08",
		"with an end":        "% Version 2\n% end\n\x0c\x08",
		"CRLF":               "% Data file containing CD events.\r\n% Version 2\r\n\x0c\x08",
		"lower case, floats": "% Data file containing CD events\n% Version 2.0\n% width 640\n% height 480\n% Type 0\n\x00\x08",
		"no version":         "% Width 640\n% Height 480\n\x0c\x08",
		"an empty line":      "% \n% Version 2\n\x0c\x08",
	} {
		t.Run(name, func(t *testing.T) {
			content := append([]byte(head), golden[len(head2):]...)
			require.NoError(t, formattest.Format(t, dat.Name).Detect(content, int64(len(content))))
			for _, src := range []io.Reader{bytes.NewReader(content), iotest.OneByteReader(bytes.NewReader(content))} {
				in, damage, end := read(t, src, events.Geometry{}, 3)
				require.Equal(t, goldenEvents, in)
				require.Empty(t, damage)
				require.ErrorIs(t, end, io.EOF)
			}
		})
	}
}

func TestHeadersRefused(t *testing.T) {
	cut := errors.New("the line was cut")
	for name, c := range map[string]struct {
		src  io.Reader
		says string
	}{
		"no header":    {strings.NewReader("abcdefgh"), `dat at byte 0: expected a header line that begins with "% ", found none`},
		"nothing":      {strings.NewReader(""), `dat at byte 0: expected a header line that begins with "% ", found none`},
		"version 3":    {strings.NewReader("% Data\n% Version 3\n\x00\x08"), `dat at byte 7: expected version 1 or 2, found version "3"`},
		"width":        {strings.NewReader("% Width 0\n"), `dat at byte 0: expected a width from 1 to 4096, found "0"`},
		"height":       {strings.NewReader("% Height 99999999999999999999999\n"), `expected a height from 1 to 4096, found "99999999999999999999`},
		"cut line":     {strings.NewReader("% Version 2\n% Wid"), `dat at byte 17: expected the end of a header line, found the end of the file`},
		"cut type":     {strings.NewReader("% Version 2\n\x0c"), `dat at byte 13: expected the event type and the event size, found the end of the file`},
		"triggers":     {strings.NewReader("% Version 2\n\x0e\x08"), `dat at byte 12: expected events of type 0 (2D) or 12 (CD), found type 14: external triggers`},
		"type":         {strings.NewReader("% Version 2\n\x07\x08"), `dat at byte 12: expected events of type 0 (2D) or 12 (CD), found type 7`},
		"size":         {strings.NewReader("% Version 2\n\x0c\x10"), `dat at byte 13: expected events of 8 bytes, found 16`},
		"long line":    {strings.NewReader("% Version 2\n% " + strings.Repeat("a", 5000)), `dat at byte 12: expected a header line of at most 4096 bytes, found a longer one`},
		"long header":  {strings.NewReader(strings.Repeat("% "+strings.Repeat("a", 1021)+"\n", 65)), `dat at byte 65536: expected a header of at most 65536 bytes, found a longer one`},
		"source fails": {io.MultiReader(strings.NewReader("% Version 2\n"), iotest.ErrReader(cut)), cut.Error()},
		"in a line":    {io.MultiReader(strings.NewReader("% Vers"), iotest.ErrReader(cut)), cut.Error()},
		"in the type":  {io.MultiReader(strings.NewReader("% Version 2\n\x0c"), iotest.ErrReader(cut)), cut.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := formattest.Format(t, dat.Name).NewReader(c.src, events.Geometry{})
			require.ErrorContains(t, err, c.says)
			var fe *events.FormatError
			if errors.As(err, &fe) {
				require.True(t, fe.Fatal)
			}
		})
	}
}

func TestDetectRefuses(t *testing.T) {
	for head, says := range map[string]string{
		"":                           "no header",
		"0.0 1 2 1\n":                "no header",
		"%geometry:640,480\n1,2,0,3": "no header",
		"% evt 3.0\n% end\n":         `a header line "evt", as in RAW files`,
		"% Date 2020-01-01 10:00:00\n% evt 2.0\n\x00\x08":                   `"evt"`,
		"% format EVT3;height=720;width=1280\n% geometry 1280x720\n% end\n": `"format"`,
		"% Date 2020-01-01 10:00:00\n\x05\x06":                              "a header without a line of Version or Data",
		"% Date 2020-01-01 10:00:00":                                        "a header without a line of Version or Data",
	} {
		require.ErrorContains(t, formattest.Format(t, dat.Name).Detect([]byte(head), -1), says, "%q", head)
	}
	require.NoError(t, formattest.Format(t, dat.Name).Detect([]byte("% Date 2020-01-01\n\x0c\x08"), -1), "type and size say it too")
}

func FuzzReader(f *testing.F) {
	f.Add(golden, uint8(3), uint16(0), uint16(0))
	f.Add(golden[:len(golden)-3], uint8(1), uint16(33), uint16(6))
	f.Add(append([]byte(head1), golden1...), uint8(1), uint16(304), uint16(240))
	f.Add([]byte("% Data\n\x00\x08abcdefghijklmnop"), uint8(0), uint16(4096), uint16(4096))
	f.Add([]byte("% Height 1\n% end\n"), uint8(200), uint16(0), uint16(0))
	f.Fuzz(func(t *testing.T, data []byte, capacity uint8, width, height uint16) {
		require.NotPanics(t, func() { _ = formattest.Format(t, dat.Name).Detect(data, int64(len(data))) })
		c := formattest.Sound(t, formattest.Opener(t, dat.Name, formattest.Geometry(width, height)), data, int(capacity)+1)
		if c == nil {
			return
		}
		if fe := c.Cut(); fe != nil {
			require.Less(t, int64(len(data))-fe.Offset, int64(8), "only an unfinished event is lost")
		}
		require.LessOrEqual(t, 8*(len(c.Events)+len(c.Damage)), len(data))
	})
}
