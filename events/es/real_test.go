package es_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/es"
	"github.com/saccade-dev/saccade/events/formattest"
)

// Real recordings, against what independent readers found in them.
func TestRealRecordings(t *testing.T) {
	formattest.Recordings{
		Formats: []string{es.Name},
		Of:      func(format string) bool { return strings.Contains(format, "Event Stream") },
		Refuses: func(format string) string {
			if strings.Contains(format, "generic") || strings.Contains(format, "display") {
				return "es at byte 15: expected a stream of DVS, ATIS or colour events (type 1, 2 or 4), found"
			}
			return ""
		},
		Check: func(t *testing.T, row formattest.Row, raw []byte, c *formattest.Content) {
			if strings.HasSuffix(row.Format(), "v2.0.0 type 1 dvs") && len(c.Skipped) == 0 {
				// Nothing else stands in such a file, so that it is written as it was.
				require.True(t, bytes.Equal(raw, formattest.Write(t, es.Name, c.Header.Geometry, c.Events)))
			}
		},
	}.Run(t)
}

// The converter that made one of the files from the other took 240 for a height that
// its header gives as 239. With the height that it took the events are the same.
func TestGivenGeometryMendsAHeader(t *testing.T) {
	data, rows := formattest.Table(t)
	var y string
	for _, row := range rows {
		if row.Path() == "recordings/dat/ncars.dat" {
			y = row["sha3_224(y u16le)"]
		}
	}
	f, err := os.Open(filepath.Join(data, "recordings/es/ncars_same_as_dat.es"))
	if err != nil || y == "" {
		t.Skip("the two files are not there")
	}
	defer func() { require.NoError(t, f.Close()) }()
	in, err := events.ReadAll(formattest.NewReader(t, es.Name, f, events.Geometry{Width: 54, Height: 240}))
	require.NoError(t, err)
	require.Equal(t, y, formattest.DigestOf(in).Y)
}
