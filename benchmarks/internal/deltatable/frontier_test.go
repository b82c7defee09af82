package deltatable

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// row is one with the same figures for two seeds, but for a spread of accuracy.
func row(arm, setting string, frames, recordings, macs float64) Row {
	r := Row{Arm: arm, Setting: setting, Temporal: arm == Delta}
	for _, d := range []float64{-0.01, 0.01} {
		f := Figures{Frames: frames + d, Recordings: recordings, MACs: macs, FirstMACs: 2 * macs, Layers: []LayerFigures{{Name: "a", Dense: 1e5, Nonzero: macs, Changed: macs}}}
		test := f
		test.MACs *= 2
		r.Results = append(r.Results, Result{Held: f, Test: test, State: 1000, Dense: 1e5})
	}
	return r
}

// The cheapest setting within the tolerance is chosen, by the recordings held out, and by both accuracies.
func TestChoose(t *testing.T) {
	rows := []Row{
		row(ReLU, "", 0.9, 0.95, 50e3),
		row(Threshold, "1", 0.895, 0.95, 30e3),
		row(Threshold, "2", 0.893, 0.945, 20e3),
		row(Threshold, "3", 0.93, 0.93, 10e3), // by recordings it loses too much
		row(Delta, "1", 0.89+1e-9, 0.95, 6e3), // a point is not too much
		row(Delta, "2", 0.889, 0.96, 5e3),
		row(PostTraining, "1", 0.7, 0.7, 1),
	}
	var got []string
	for _, r := range Choose(rows) {
		got = append(got, r.Arm+r.Setting)
	}
	require.Equal(t, []string{ReLU, Threshold + "2", Delta + "1"}, got)
	require.Equal(t, Delta, Best(rows))
	ratios := Ratios(rows, Delta)
	require.Contains(t, ratios, "| ReLU |  | 8.3 | -1.0 | +0.0 |")
	require.Contains(t, ratios, "| threshold delta, untrained | 2 | 3.3 | -0.3 | +0.5 |")
	require.Contains(t, ratios, "| quantised after training | | none keeps within 1 points")
	table := Markdown(rows, nil)
	require.Equal(t, len(rows)+3, strings.Count(table, "\n"))
	require.Contains(t, table, "More than 12 points lost: quantised after training 1.\n")
	require.Contains(t, table, "| **delta layer** | 1 | 89.0 ± 1.4 | 95.0 ± 0.0 | 0.0 ± 0.0 | 0.0 ± 0.0 | **12.0k ± 0.00k** | 12.0k ± 0.00k | 1.0 KB |  |")
	require.Contains(t, Layers(rows), "| delta layer | 1 | 12.0k |"[:20])
	require.NoError(t, Curves(filepath.Join(t.TempDir(), "a", "b.png"), []Panel{{"one", rows}, {"other", rows}, {"third", rows}}, 2))
	require.Empty(t, Choose(nil))
	require.Contains(t, Ratios(rows, DeltaRefined), "no setting of delta layer, refined keeps")
	require.Error(t, Curves(filepath.Join(t.TempDir(), "c.png"), []Panel{{"none", nil}}, 1))
}
