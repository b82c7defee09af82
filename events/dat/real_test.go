package dat_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/dat"
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
		if len(row) < 15 || row[2] == "-" || !strings.Contains(row[1], "Prophesee DAT") {
			continue
		}
		found++
		t.Run(filepath.Base(row[0]), func(t *testing.T) {
			f, err := os.Open(filepath.Join(data, row[0]))
			require.NoError(t, err)
			defer func() { require.NoError(t, f.Close()) }()
			r, err := format(t).NewReader(f, events.Geometry{})
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
			byName, err := events.Open(filepath.Join(data, row[0]), events.OpenOptions{Format: dat.Name})
			require.NoError(t, err, "and its signature is known")
			require.NoError(t, byName.Close())
		})
	}
	require.Positive(t, found, "recordings of this format")
}
