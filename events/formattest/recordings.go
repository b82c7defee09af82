package formattest

import (
	"bytes"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// Recordings are the real recordings of a codec.
type Recordings struct {
	// Formats are the names of the formats that they may be of.
	Formats []string
	// Of picks them by what the table says of their format.
	Of func(format string) bool
	// Optional is set where the table need not have any.
	Optional bool
	// Hint is set where files do not say how large the sensor is: the table's geometry is
	// handed in.
	Hint bool
	// Refuses gives what the reader says to a recording that it must refuse, or "".
	Refuses func(format string) string
	// Written are the formats, besides their own, that they are written in and read again.
	Written []string
	// Watch, if any, is given each reader before it is read. What it gives, if anything,
	// is called behind the end.
	Watch func(t *testing.T, r events.Reader) func(c *Content)
	// Check, if any, is what else must hold, of the recordings too that the table lists
	// without their content.
	Check func(t *testing.T, row Row, raw []byte, c *Content)
}

// Run reads every recording and compares it with its row, column by column. Then it is
// read in small packets, and written in its own format, where that is written, and
// read again.
func (s Recordings) Run(t *testing.T) {
	t.Helper()
	dir, rows := Table(t)
	found := 0
	for _, row := range rows {
		if !s.Of(row.Format()) {
			continue
		}
		found++
		t.Run(path.Base(row.Path()), func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(row.Path())))
			require.NoError(t, err)
			s.recording(t, row, raw)
		})
	}
	if found == 0 && s.Optional {
		t.Skip("none among the recordings")
	}
	require.Positive(t, found, "recordings of this format")
}

func (s Recordings) recording(t *testing.T, row Row, raw []byte) {
	name := Detected(t, raw)
	require.Contains(t, s.Formats, name, "found out by its content")
	var hint events.Geometry
	if s.Hint {
		hint = row.Geometry(t)
	}
	if s.Refuses != nil {
		if says := s.Refuses(row.Format()); says != "" {
			_, err := Format(t, name).NewReader(bytes.NewReader(raw), hint)
			require.ErrorContains(t, err, says)
			return
		}
	}
	c := s.read(t, name, raw, hint, events.DefaultPacketEvents)
	t.Logf("%s: %d events of %v, skipped %v, damage %v, end %v", name, len(c.Events), c.Header.Geometry, c.Skipped, Says(c.Damage), c.End)
	if row.Listed() {
		for column, v := range Columns(c.Events, c.Header.Geometry) {
			require.Equal(t, row[column], v, column)
		}
	}
	require.Empty(t, c.Damage)
	if strings.Contains(row.Format(), "trunc") {
		require.NotNil(t, c.Cut(), "the file was cut off")
	} else {
		require.Equal(t, io.EOF, c.End)
	}
	require.Equal(t, c, s.read(t, name, raw, hint, 7), "in small packets")
	if s.Check != nil {
		s.Check(t, row, raw, c)
	}
	s.writtenAgain(t, name, c)
}

// read reads a recording to its end.
func (s Recordings) read(t *testing.T, name string, raw []byte, hint events.Geometry, capacity int) *Content {
	t.Helper()
	r := NewReader(t, name, bytes.NewReader(raw), hint)
	var behind func(*Content)
	if s.Watch != nil {
		behind = s.Watch(t, r)
	}
	c := content(t, r, capacity)
	if behind != nil {
		behind(c)
	}
	return c
}

// writtenAgain sees that what a recording holds comes out of our own writers again.
func (s Recordings) writtenAgain(t *testing.T, name string, c *Content) {
	t.Helper()
	names := s.Written
	if f := Format(t, name); f.NewWriter != nil && !slices.Contains(names, name) {
		names = append([]string{name}, names...)
	}
	g := c.Header.Geometry
	for _, name := range names {
		b := Write(t, name, g, c.Events)
		require.Equal(t, name, Detected(t, b), "known again")
		var hint events.Geometry
		if s.Hint {
			hint = g
		}
		again := content(t, NewReader(t, name, bytes.NewReader(b), hint), 1000)
		require.Equal(t, io.EOF, again.End, name)
		require.Empty(t, again.Damage, name)
		require.Equal(t, DigestOf(c.Events), DigestOf(again.Events), name)
		if g.Known() {
			require.Equal(t, g, again.Header.Geometry, name)
		}
		t.Logf("as %s: %.2f bytes an event", name, float64(len(b))/float64(max(1, len(c.Events))))
	}
}
