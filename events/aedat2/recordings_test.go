package aedat2_test

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// Every recording of the format that the table of recordings has, against it.
func TestRealRecordings(t *testing.T) {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("needs real recordings: set SACCADE_DATA to their folder")
	}
	f, err := os.Open(filepath.Join(data, "recordings.tsv"))
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	table := csv.NewReader(f)
	table.Comma, table.LazyQuotes, table.FieldsPerRecord = '\t', true, -1
	rows, err := table.ReadAll()
	require.NoError(t, err)
	found := 0
	for _, row := range rows {
		if !strings.Contains(row[1], "AEDAT 2.0") {
			continue
		}
		found++
		t.Run(filepath.Base(row[0]), func(t *testing.T) { againstRow(t, filepath.Join(data, row[0]), row) })
	}
	require.Positive(t, found, "recordings of this format")
}

// againstRow reads a file and compares it with its row: events, first, last, size, ON, sums,
// steps back, digests.
func againstRow(t *testing.T, path string, row []string) {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	head := make([]byte, events.DetectBytes)
	n, _ := io.ReadFull(f, head)
	require.NoError(t, format(t).Detect(head[:n], -1))
	_, err = f.Seek(0, io.SeekStart)
	require.NoError(t, err)
	r := newReader(t, f, events.Geometry{})
	in, damage, end := readAll(t, r, events.DefaultPacketEvents)
	require.ErrorIs(t, end, io.EOF)
	require.Empty(t, damage)
	t.Logf("%d events of %v, skipped %v", len(in), r.Header().Geometry, r.Skipped())
	if row[2] == "-" {
		require.Empty(t, in, "a file with no events")
		return
	}
	require.Equal(t, row[2], fmt.Sprint(len(in)))
	event := func(e events.Event) string { return fmt.Sprintf("%d %d %d %d", e.T, e.X, e.Y, e.P) }
	require.Equal(t, row[3], event(in[0]))
	require.Equal(t, row[4], event(in[len(in)-1]))
	if row[5] != "-" {
		require.Equal(t, row[5], fmt.Sprintf("%dx%d", r.Header().Geometry.Width, r.Header().Geometry.Height))
	}
	var on, sumX, sumY, sumT uint64
	back := 0
	for i, e := range in {
		on, sumX, sumY, sumT = on+uint64(e.P), sumX+uint64(e.X), sumY+uint64(e.Y), sumT+uint64(e.T)
		if i > 0 && e.T < in[i-1].T {
			back++
		}
	}
	sums := []string{fmt.Sprint(on), fmt.Sprint(sumX), fmt.Sprint(sumY), fmt.Sprint(sumT), fmt.Sprint(back)}
	require.Equal(t, row[6:11], sums)
	d := events.NewDigester()
	d.Add(in)
	sum := d.Sum()
	digests := []string{sum.T, sum.X, sum.Y, sum.P}
	require.Equal(t, row[11:15], digests)

	// And through our own writer.
	b := write(t, r.Header().Geometry, in)
	again, damage, end := readAll(t, newReader(t, strings.NewReader(string(b)), events.Geometry{}), 1000)
	require.ErrorIs(t, end, io.EOF)
	require.Empty(t, damage)
	d = events.NewDigester()
	d.Add(again)
	require.Equal(t, sum, d.Sum())
}
