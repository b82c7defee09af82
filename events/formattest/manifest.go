package formattest

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// Entry is what a corpus.json says of a file. README.md has the meaning of its fields.
type Entry struct {
	File     string           `json:"file"`
	Format   string           `json:"format"`
	About    string           `json:"about"`
	Width    int              `json:"width"`
	Height   int              `json:"height"`
	TimeBase *int64           `json:"time_base_ns,omitempty"`
	Events   int              `json:"events"`
	On       int              `json:"on"`
	First    *Point           `json:"first"`
	Last     *Point           `json:"last"`
	Digest   events.Digest    `json:"digest"`
	Skipped  map[string]int64 `json:"skipped"`
	Triggers any              `json:"triggers,omitempty"`
	Damage   []string         `json:"damage"`
	End      string           `json:"end"`
}

// Point is an event in a manifest.
type Point struct {
	T  int64  `json:"t"`
	X  uint16 `json:"x"`
	Y  uint16 `json:"y"`
	On uint8  `json:"on"`
}

func entry(f File, c *Content) Entry {
	e := Entry{
		File: f.Name, Format: c.Header.Format, About: f.About, Width: c.Header.Geometry.Width, Height: c.Header.Geometry.Height,
		Events: len(c.Events), Digest: DigestOf(c.Events), Skipped: c.Skipped, Triggers: f.Triggers, Damage: append([]string{}, Says(c.Damage)...),
	}
	if f.Message != nil {
		e.TimeBase = &f.Message.TimeBase
	}
	for _, in := range c.Events {
		e.On += int(in.P)
	}
	if n := len(c.Events); n > 0 {
		e.First, e.Last = point(c.Events[0]), point(c.Events[n-1])
	}
	if fe := c.Cut(); fe != nil {
		e.End = fe.Error()
	}
	return e
}

func point(e events.Event) *Point { return &Point{e.T, e.X, e.Y, uint8(e.P)} }

// checkManifest sees that a manifest says just this, or writes it.
func checkManifest(t *testing.T, path string, list []Entry) {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "\t")
	require.NoError(t, e.Encode(list))
	if *update {
		require.NoError(t, os.WriteFile(path, b.Bytes(), 0o644))
	}
	stored, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(stored), b.String(), "%s: what the files hold", path)
}
