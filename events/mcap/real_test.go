package mcap_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/db3"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/mcap"
)

// converted puts the messages of a real .db3 into an MCAP file, ten to a chunk.
func converted(t testing.TB, raw []byte, compression string) []byte {
	src, err := db3.NewSource(bytes.NewReader(raw), int64(len(raw)))
	require.NoError(t, err)
	b := build(t).begin()
	ids := map[string]uint16{}
	for n := uint64(0); ; n++ {
		m, err := src.Next()
		if errors.Is(err, io.EOF) {
			return b.end(compression).done()
		}
		require.NoError(t, err)
		id, known := ids[m.Topic]
		if !known {
			id = uint16(len(ids)) + 1
			ids[m.Topic] = id
			b.schema(id, m.Type).channel(id, id, m.Topic, "cdr")
		}
		b.message(id, n, m.Data)
		if n%10 == 9 {
			b.end(compression).begin()
		}
	}
}

// What a real bag holds comes out of MCAP files with the same messages.
func TestConvertedRecordings(t *testing.T) {
	dir, rows := formattest.Table(t)
	found := 0
	for _, row := range rows {
		if filepath.Ext(row.Path()) != ".db3" {
			continue
		}
		found++
		raw, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(row.Path())))
		require.NoError(t, err)
		for _, compression := range []string{"", "lz4", "zstd"} {
			data := converted(t, raw, compression)
			require.Equal(t, mcap.Name, formattest.Detected(t, data))
			r := formattest.NewReader(t, mcap.Name, bytes.NewReader(data), events.Geometry{})
			in, damage, end := formattest.ReadAll(t, r, events.DefaultPacketEvents)
			require.Empty(t, damage)
			require.Equal(t, io.EOF, end)
			for column, v := range formattest.Columns(in, r.Header().Geometry) {
				require.Equal(t, row[column], v, "%s in %q: %s", row.Path(), compression, column)
			}
		}
	}
	require.Positive(t, found)
}

func BenchmarkRead(b *testing.B) {
	dir, _ := formattest.Table(b)
	raw, err := os.ReadFile(filepath.Join(dir, "recordings", "ros", "evt3_trigger.db3"))
	require.NoError(b, err)
	for _, compression := range []string{"none", "lz4", "zstd"} {
		data := converted(b, raw, map[string]string{"none": ""}[compression]+map[string]string{"lz4": "lz4", "zstd": "zstd"}[compression])
		b.Run(compression, func(b *testing.B) {
			formattest.BenchRead(b, formattest.Opener(b, mcap.Name, events.Geometry{}), data)
		})
	}
}
