package npy_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/npy"
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
		if len(row) < 15 || row[2] == "-" || !isArray(row[1]) {
			continue
		}
		found++
		t.Run(filepath.Base(row[0]), func(t *testing.T) {
			f, err := os.Open(filepath.Join(data, row[0]))
			require.NoError(t, err)
			defer func() { require.NoError(t, f.Close()) }()
			// Arrays do not say how large the sensor is; the table does.
			var g events.Geometry
			if row[5] != "-" {
				_, err = fmt.Sscanf(row[5], "%dx%d", &g.Width, &g.Height)
				require.NoError(t, err)
			}
			name := npy.Name
			if filepath.Ext(row[0]) == ".npz" {
				name = npy.NameZip
			}
			r, err := format(t, name).NewReader(f, g)
			require.NoError(t, err)
			in, err := events.ReadAll(r)
			require.NoError(t, err)
			d := events.NewDigester()
			d.Add(in)
			require.Equal(t, events.Digest{T: row[11], X: row[12], Y: row[13], P: row[14]}, d.Sum())
			line := func(e events.Event) string { return fmt.Sprintf("%d %d %d %d", e.T, e.X, e.Y, e.P) }
			require.Equal(t, strings.Join(row[2:5], "; "), fmt.Sprintf("%d; %s; %s", len(in), line(in[0]), line(in[len(in)-1])))
		})
	}
	if found == 0 {
		t.Skip("no numpy arrays among the recordings")
	}
}

// isArray tells by the table's column of formats.
func isArray(format string) bool {
	format = strings.ToLower(format)
	return strings.Contains(format, "npy") || strings.Contains(format, "npz") || strings.Contains(format, "numpy")
}
