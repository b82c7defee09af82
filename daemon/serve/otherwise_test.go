package serve_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/checkpoint"
	"github.com/saccade-dev/saccade/daemon/serve"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
)

// Another model is configured between two runs: its pipeline begins anew where the stream stands, and the old state is
// kept aside, and whole.
func TestConfiguredOtherwise(t *testing.T) {
	url, nc := natsServer(t)
	c := streamConfig(t, url, "first")
	firstModel := c.Pipeline.Model
	m, err := model.Load(firstModel)
	require.NoError(t, err)
	seeded := m.Feast
	seeded.Seed += 7
	m.Weights = feast.RandomWeights(seeded)
	otherModel := filepath.Join(t.TempDir(), "other")
	require.NoError(t, m.Save(otherModel))

	// Of recordings that are over, so that nothing of the old pipeline is open.
	story := func(prefix string) (before, behind int) {
		all := storyOf(t, prefix, "left", 1, 4, 12)
		for i, msg := range all {
			if msg.Header.Get("Saccade-Recording") == "r2" {
				return i, len(all)
			}
		}
		return 0, 0
	}
	at, _ := story("first")
	require.Positive(t, at)
	reference := func(prefix, model string, from, to int) map[string][]string {
		c := streamConfig(t, url, prefix)
		c.Pipeline.Model = model
		d, stop := run(t, c, serve.Hooks{})
		defer func() { require.NoError(t, stop()) }()
		last := publishAll(t, nc, storyOf(t, prefix, "left", 1, 4, 12)[from:to])
		caughtUp(t, d, last)
		return results(t, nc, prefix, nil)
	}
	all := len(storyOf(t, "first", "left", 1, 4, 12))
	want := joined(reference("old", firstModel, 0, at), reference("new", otherModel, at, all))

	d, stop := run(t, c, serve.Hooks{})
	caughtUp(t, d, publishAll(t, nc, storyOf(t, "first", "left", 1, 4, 12)[:at]))
	require.NoError(t, stop())
	c.Pipeline.Model = otherModel
	var said logged
	d, stop = runWithLog(t, c, serve.Hooks{}, said.handler())
	last := publishAll(t, nc, storyOf(t, "first", "left", 1, 4, 12)[at:])
	caughtUp(t, d, last)
	requireSame(t, want, results(t, nc, "first", nil))
	told := said.with("the checkpoint is another pipeline's")
	require.Len(t, told, 1)
	require.Equal(t, "left.unused", told[0].Aside)
	require.NoError(t, stop())

	store, err := checkpoint.Open(t.Context(), nc, "first", 1)
	require.NoError(t, err)
	state, err := store.Load(t.Context(), "left.unused")
	require.NoError(t, err)
	require.NotEmpty(t, state)
}
