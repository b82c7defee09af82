package es_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/es"
)

// Real recordings, against what independent readers found in them.
func TestRealRecordings(t *testing.T) {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("real recordings: SACCADE_DATA is not set")
	}
	table, err := os.ReadFile(filepath.Join(data, "recordings.tsv"))
	require.NoError(t, err)
	found := 0
	for line := range strings.Lines(string(table)) {
		row := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if len(row) < 15 || row[2] == "-" || !strings.Contains(row[1], "Event Stream") {
			continue
		}
		found++
		t.Run(filepath.Base(row[0]), func(t *testing.T) {
			f, err := os.Open(filepath.Join(data, row[0]))
			require.NoError(t, err)
			defer func() { require.NoError(t, f.Close()) }()
			r, err := format(t).NewReader(f, events.Geometry{})
			if strings.Contains(row[1], "generic") || strings.Contains(row[1], "display") {
				require.ErrorContains(t, err, "es at byte 15: expected a stream of DVS, ATIS or colour events (type 1, 2 or 4), found")
				return
			}
			require.NoError(t, err)
			in, err := events.ReadAll(r)
			require.NoError(t, err)
			d := events.NewDigester()
			d.Add(in)
			require.Equal(t, events.Digest{T: row[11], X: row[12], Y: row[13], P: row[14]}, d.Sum())
			text := func(e events.Event) string { return fmt.Sprintf("%d %d %d %d", e.T, e.X, e.Y, e.P) }
			require.Equal(t, strings.Join(row[2:5], "; "), fmt.Sprintf("%d; %s; %s", len(in), text(in[0]), text(in[len(in)-1])))
			g := r.Header().Geometry
			require.Equal(t, row[5], map[bool]string{true: fmt.Sprintf("%dx%d", g.Width, g.Height), false: "-"}[g.Known()])
			if strings.HasSuffix(row[1], "v2.0.0 type 1 dvs") && len(r.Skipped()) == 0 {
				// Nothing else stands in such a file, so that it is written as it was.
				original, err := os.ReadFile(filepath.Join(data, row[0]))
				require.NoError(t, err)
				require.True(t, bytes.Equal(original, write(t, g, in, 0)))
			}
			byName, err := events.Open(filepath.Join(data, row[0]), events.OpenOptions{Format: es.Name})
			require.NoError(t, err, "and its signature is known")
			require.NoError(t, byName.Close())
		})
	}
	require.Positive(t, found, "recordings of this format")
}

// The converter that made one of the files from the other took 240 for a height that
// its header gives as 239. With the height that it took the events are the same.
func TestGivenGeometryMendsAHeader(t *testing.T) {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("real recordings: SACCADE_DATA is not set")
	}
	table, err := os.ReadFile(filepath.Join(data, "recordings.tsv"))
	require.NoError(t, err)
	var y string
	for line := range strings.Lines(string(table)) {
		if row := strings.Split(line, "\t"); row[0] == "recordings/dat/ncars.dat" {
			y = row[13]
		}
	}
	f, err := os.Open(filepath.Join(data, "recordings/es/ncars_same_as_dat.es"))
	if err != nil || y == "" {
		t.Skip("the two files are not there")
	}
	defer func() { require.NoError(t, f.Close()) }()
	in, err := events.ReadAll(reader(t, f, events.Geometry{Width: 54, Height: 240}))
	require.NoError(t, err)
	d := events.NewDigester()
	d.Add(in)
	require.Equal(t, y, d.Sum().Y)
}
