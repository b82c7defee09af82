package aedat4_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// The corpus is for anyone who writes a decoder: files with what cameras send and
// decoders trip over, and what is in them. To make it again, after a change here:
//
//	go test ./events/aedat4 -run TestCorpus -update
var update = flag.Bool("update", false, "write the corpus of testdata again")

// contents is what corpus.json has of a file.
type contents struct {
	File    string           `json:"file"`
	About   string           `json:"about"`
	Width   int              `json:"width"`
	Height  int              `json:"height"`
	Events  int              `json:"events"`
	Skipped map[string]int64 `json:"skipped"`
	Damage  []string         `json:"damage"` // errors that are read on behind
	End     string           `json:"end"`    // the error that ends it, or ""
	Digest  events.Digest    `json:"digest"`
}

type made struct {
	name, about string
	data        []byte
	// events are what must be read, written down by the generator as it makes the bytes.
	events     []events.Event
	compressed bool
}

func TestCorpus(t *testing.T) {
	dir := filepath.Join("testdata", "corpus")
	index := filepath.Join(dir, "corpus.json")
	files := corpus(t)
	var want []contents
	if *update {
		require.NoError(t, os.MkdirAll(dir, 0o755))
	} else {
		b, err := os.ReadFile(index)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(b, &want))
		require.Len(t, want, len(files))
	}
	got := make([]contents, 0, len(files))
	for i, m := range files {
		path := filepath.Join(dir, m.name)
		if *update {
			require.NoError(t, os.WriteFile(path, m.data, 0o644))
		}
		stored, err := os.ReadFile(path)
		require.NoError(t, err)
		// What a compressor makes of the same bytes is its own affair.
		require.True(t, m.compressed || bytes.Equal(m.data, stored), "%s is not what the generator makes", m.name)
		r := newReader(t, bytes.NewReader(stored), events.Geometry{})
		in, damage, end := readAll(t, r, 64)
		require.Equal(t, m.events, append([]events.Event{}, in...), m.name)
		d := events.NewDigester()
		d.Add(in)
		c := contents{
			File: m.name, About: m.about, Width: r.Header().Geometry.Width, Height: r.Header().Geometry.Height,
			Events: len(in), Skipped: r.Skipped(), Damage: damage, Digest: d.Sum(),
		}
		if !errors.Is(end, io.EOF) {
			c.End = end.Error()
		}
		if !*update {
			require.Equal(t, want[i], c)
		}
		got = append(got, c)
	}
	if *update {
		b, err := json.MarshalIndent(got, "", "\t")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(index, append(b, '\n'), 0o644))
	}
}

// scene draws n events within a geometry.
func scene(seed uint64, n int, start int64, g events.Geometry) []events.Event {
	rng := rand.New(rand.NewPCG(seed, 2))
	out := make([]events.Event, n)
	for i := range out {
		start += rng.Int64N(50)
		out[i] = events.Event{T: start, X: uint16(rng.IntN(g.Width)), Y: uint16(rng.IntN(g.Height)), P: events.Polarity(rng.IntN(2))}
	}
	return out
}
