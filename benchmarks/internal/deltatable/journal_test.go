package deltatable

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta/quantise"
)

// A journal that was interrupted in the middle of a line goes on behind the last whole one.
func TestJournalGoesOn(t *testing.T) {
	dir, p := t.TempDir(), Whole(1)
	j, err := OpenJournal(dir, &p)
	require.NoError(t, err)
	a := Result{Key: Key{Data: Real, Net: "mlp", Seed: 1, Arm: ReLU}, Held: Figures{Frames: 0.25}}
	b := a
	b.Seed = 2
	require.NoError(t, j.Add(a))
	require.NoError(t, j.Add(b))
	require.NoError(t, j.Close())
	path := filepath.Join(j.Dir(), "results.jsonl")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, text[:len(text)-7], 0o600))

	j, err = OpenJournal(dir, &p)
	require.NoError(t, err)
	got, ok := j.Result(a.Key)
	require.True(t, ok)
	require.Equal(t, a, got)
	_, ok = j.Result(b.Key)
	require.False(t, ok)
	b.Held.Frames = 0.5
	require.NoError(t, j.Add(b))
	require.NoError(t, j.Close())
	j, err = OpenJournal(dir, &p)
	require.NoError(t, err)
	require.Equal(t, map[Key]Result{a.Key: a, b.Key: b}, j.Results())
	require.NoError(t, j.Close())

	require.NoError(t, os.WriteFile(path, []byte("{}\nnone\n"), 0o600))
	_, err = OpenJournal(dir, &p)
	require.ErrorContains(t, err, "results.jsonl: line 2: ")
}

// Another budget begins another journal; another setting does not.
func TestJournalsOfPlans(t *testing.T) {
	dir, p := t.TempDir(), Whole(1)
	open := func() string {
		j, err := OpenJournal(dir, &p)
		require.NoError(t, err)
		require.NoError(t, j.Close())
		return j.Dir()
	}
	first := open()
	p.Lambda, p.Seeds = append(p.Lambda, 77), 9
	require.Equal(t, first, open())
	p.Studies[0].Epochs++
	require.NotEqual(t, first, open())
}

// What was trained is trained once.
func TestJournalKeepsParameters(t *testing.T) {
	p := Whole(1)
	j, err := OpenJournal(t.TempDir(), &p)
	require.NoError(t, err)
	defer func() { require.NoError(t, j.Close()) }()
	want := quantise.Params{Input: 0.5, Layers: map[string]quantise.Layer{"a": {Weights: []float64{1, -2}, Steps: []float64{0.1}}}}
	k := Key{Data: "a/b", Net: "..", Arm: "c, d", Setting: "1"}
	failed := errors.New("not trained")
	_, err = j.params(k, func() (quantise.Params, error) { return quantise.Params{}, failed })
	require.ErrorIs(t, err, failed)
	made := 0
	for range 3 {
		got, err := j.params(k, func() (quantise.Params, error) { made++; return want, nil })
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	require.Equal(t, 1, made)
	require.Equal(t, "a-b-..-0-c-d-1", k.file(), "a name that is no path")
}
