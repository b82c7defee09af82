package benchmarks

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/benchmarks/internal/deltatable"
)

// smallDelta is a plan of seconds: a few recordings of moving digits, and of each arm one setting.
func smallDelta() deltatable.Plan {
	p := deltatable.Whole(1)
	p.Studies = []deltatable.Study{{Data: deltatable.Moving, Net: "mlp", Epochs: 4, Rate: 6e-3}}
	p.Sizes = map[string]deltatable.Sizes{deltatable.Moving: {Train: 150, Held: 30, Test: 40}}
	p.L1, p.TopK, p.Cut = p.L1[:1], p.TopK[:1], p.Cut[2:]
	p.Thresholds, p.Levels = []deltatable.Pair{{Input: 8, Hidden: 8}}, []deltatable.Pair{{Input: 64, Hidden: 64}, {Input: 8, Hidden: 8}}
	p.Fixed, p.Refined, p.Both, p.Trained = []int{4}, nil, nil, nil
	p.Lambda, p.Refining, p.Behind = []float64{8}, []float64{30}, p.Behind[:1]
	return p
}

// TestDeltaSmall is the table in small: the orders that hold whatever is trained.
func TestDeltaSmall(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a few seconds")
	}
	p := smallDelta()
	dir := t.TempDir()
	j, err := deltatable.OpenJournal(dir, &p)
	require.NoError(t, err)
	made := 0
	require.NoError(t, deltatable.Run(t.Context(), &p, j, "", func(deltatable.Result) { made++ }))
	rows := p.Rows(j.Results(), deltatable.Moving, "mlp")
	require.Len(t, rows, made)
	times, err := j.Times(t.Context(), &p, "", rows[:2])
	require.NoError(t, err)
	t.Logf("\n%s\n%s", deltatable.Markdown(rows, times), deltatable.Layers(rows))
	checkDelta(t, rows)

	figure := func(arm string, of func(*deltatable.Result) float64) float64 {
		for i := range rows {
			if rows[i].Arm == arm {
				m, _ := rows[i].Mean(of)
				return m
			}
		}
		require.Fail(t, "no such arm", arm)
		return 0
	}
	macs := func(r *deltatable.Result) float64 { return r.Test.MACs }
	require.Greater(t, figure(deltatable.ReLU, func(r *deltatable.Result) float64 { return r.Test.Recordings }), 0.2, "chance is 0.1")
	require.Less(t, figure(deltatable.Cut, macs), figure(deltatable.ReLU, macs))
	require.Less(t, figure(deltatable.Threshold, macs), figure(deltatable.PostTraining, macs), "thresholds of 8 levels, against 64 levels")
	require.Less(t, figure(deltatable.Delta, macs), figure(deltatable.PostTraining, macs))
	require.Less(t, figure(deltatable.ReLUCounts, macs), figure(deltatable.ReLU, macs), "counts are zero where surfaces fade")

	// A second run has nothing left to do.
	require.NoError(t, j.Close())
	j, err = deltatable.OpenJournal(dir, &p)
	require.NoError(t, err)
	require.NoError(t, deltatable.Run(t.Context(), &p, j, "", func(r deltatable.Result) { require.Fail(t, "made again", "%v", r.Key) }))
	require.Equal(t, rows, p.Rows(j.Results(), deltatable.Moving, "mlp"))
	require.NoError(t, j.Close())
}
