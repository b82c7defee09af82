package formattest

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// Row is a line of the table of recordings, recordings.tsv in SACCADE_DATA, by the
// names of its columns.
type Row map[string]string

// The columns that are asked for by name.
const (
	columnFile     = "file"
	columnFormat   = "format"
	columnEvents   = "events"
	columnGeometry = "width x height"
	// unknown stands in columns that say nothing.
	unknown = "-"
)

// Path is where the recording lies below SACCADE_DATA.
func (r Row) Path() string { return r[columnFile] }

// Format is what the table says of the recording's format, in words.
func (r Row) Format() string { return r[columnFormat] }

// Listed tells whether the table says what the recording holds.
func (r Row) Listed() bool { return r[columnEvents] != unknown }

// Geometry is the size of the sensor, zero where the table does not know it.
func (r Row) Geometry(t require.TestingT) (g events.Geometry) {
	helper(t)
	if size := r[columnGeometry]; size != unknown {
		_, err := fmt.Sscanf(size, "%dx%d", &g.Width, &g.Height)
		require.NoError(t, err)
	}
	return g
}

// Table reads the table of recordings, and gives the folder that its paths begin in.
// Without SACCADE_DATA the test is skipped.
func Table(t testing.TB) (dir string, rows []Row) {
	t.Helper()
	dir = os.Getenv("SACCADE_DATA")
	if dir == "" {
		t.Skip("needs real recordings: set SACCADE_DATA to their folder")
	}
	f, err := os.Open(filepath.Join(dir, "recordings.tsv"))
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	table := csv.NewReader(f)
	table.Comma, table.LazyQuotes, table.FieldsPerRecord = '\t', true, -1
	lines, err := table.ReadAll()
	require.NoError(t, err)
	require.Greater(t, len(lines), 1, "a table with its head")
	for _, line := range lines[1:] {
		row := Row{}
		for i, v := range line {
			require.Less(t, i, len(lines[0]), "%v", line)
			row[lines[0][i]] = v
		}
		rows = append(rows, row)
	}
	return dir, rows
}

// Columns are what events, and the geometry of their reader, come to in the columns of
// the table.
func Columns(in []events.Event, g events.Geometry) Row {
	var on, x, y, t uint64
	back := 0
	for i, e := range in {
		on, x, y, t = on+uint64(e.P), x+uint64(e.X), y+uint64(e.Y), t+uint64(e.T)
		if i > 0 && e.T < in[i-1].T {
			back++
		}
	}
	number := func(n uint64) string { return strconv.FormatUint(n, 10) }
	d := DigestOf(in)
	row := Row{
		columnEvents: strconv.Itoa(len(in)), columnGeometry: unknown,
		"on": number(on), "sum_x": number(x), "sum_y": number(y), "sum_t_mod_2^64": number(t), "backward_t_steps": strconv.Itoa(back),
		"sha3_224(t u64le)": d.T, "sha3_224(x u16le)": d.X, "sha3_224(y u16le)": d.Y, "sha3_224(p u8)": d.P,
	}
	if g.Known() {
		row[columnGeometry] = fmt.Sprintf("%dx%d", g.Width, g.Height)
	}
	if len(in) > 0 {
		row["first(t_us x y on)"], row["last(t_us x y on)"] = describe(in[0]), describe(in[len(in)-1])
	}
	return row
}

// DigestOf is the digest of events.
func DigestOf(in []events.Event) events.Digest {
	d := events.NewDigester()
	d.Add(in)
	return d.Sum()
}
