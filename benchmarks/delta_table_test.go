package benchmarks

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/benchmarks/internal/deltatable"
	"github.com/saccade-dev/saccade/features/wholefile"
)

// deltaDir is where a table's journal is: SACCADE_DELTA_DIR, or a folder among the user's caches.
func deltaDir(t *testing.T) string {
	if dir := os.Getenv("SACCADE_DELTA_DIR"); dir != "" {
		return dir
	}
	dir, err := os.UserCacheDir()
	require.NoError(t, err)
	return filepath.Join(dir, "saccade-delta-table")
}

// TestDeltaTable prints what delta networks save beside other ways of saving multiply-adds, see package
// deltatable. SACCADE_DELTA is the number of seeds, three or more. What was measured before is
// kept in SACCADE_DELTA_DIR, so that a table goes on where it was interrupted; its pictures are written
// there as well. SACCADE_DELTA_STUDIES picks some studies, such as "moving digits mlp,N-MNIST conv".
func TestDeltaTable(t *testing.T) {
	seeds, _ := strconv.Atoi(os.Getenv("SACCADE_DELTA"))
	if seeds < 1 {
		t.Skip("SACCADE_DELTA is not set: it is the number of seeds, three or more")
	}
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("SACCADE_DATA is not set: it names the folder with the real recordings")
	}
	plan := deltatable.Whole(seeds)
	j, err := deltatable.OpenJournal(deltaDir(t), &plan)
	require.NoError(t, err)
	defer func() { require.NoError(t, j.Close()) }()
	t.Logf("results are kept in %s", j.Dir())
	some := plan
	if only := os.Getenv("SACCADE_DELTA_STUDIES"); only != "" {
		some.Studies = nil
		for _, s := range plan.Studies {
			for name := range strings.SplitSeq(only, ",") {
				if name == s.Data+" "+s.Net {
					some.Studies = append(some.Studies, s)
				}
			}
		}
		require.NotEmpty(t, some.Studies, "SACCADE_DELTA_STUDIES: expected names of a data set and a network")
	}
	start := time.Now()
	require.NoError(t, deltatable.Run(t.Context(), &some, j, data, func(r deltatable.Result) {
		// t.Log would be shown at the end only.
		fmt.Fprintf(os.Stderr, "%v %s %s %d: %s %s: %.1f %%, %.1fk\n", time.Since(start).Round(time.Second), r.Data, r.Net, r.Seed, r.Arm, r.Setting, 100*r.Test.Frames, r.Test.MACs/1000)
	}))
	var panels []deltatable.Panel
	var b strings.Builder
	for _, s := range some.Studies {
		rows := plan.Rows(j.Results(), s.Data, s.Net)
		times, err := j.Times(t.Context(), &plan, data, rows)
		require.NoError(t, err)
		title := s.Data + ", " + s.Net
		panels = append(panels, deltatable.Panel{Title: title, Rows: rows})
		fmt.Fprintf(&b, "### %s\n\n%s\n%s\n%s\n%s\n", title, deltatable.Markdown(rows, times),
			deltatable.Ratios(rows, deltatable.Best(rows)), deltatable.Ratios(rows, deltatable.DeltaThreshold), deltatable.Layers(rows))
		checkDelta(t, rows)
	}
	require.NoError(t, deltatable.Curves(filepath.Join(j.Dir(), "delta.png"), panels, 2))
	require.NoError(t, wholefile.Write(filepath.Join(j.Dir(), "tables.md"), []byte(b.String())))
	t.Logf("%d seeds, %v\n%s", seeds, time.Since(start), b.String())
}

// checkDelta checks of results what has to be so whatever was trained: engines count what training says, networks of
// integers say what those of real numbers do, and layers with deltas take fewer multiply-adds than without.
func checkDelta(t *testing.T, rows []deltatable.Row) {
	require.NotEmpty(t, rows)
	base := rows[0]
	require.Equal(t, deltatable.ReLU, base.Arm)
	all, _ := base.Mean(func(r *deltatable.Result) float64 { return r.Test.MACs })
	for _, row := range rows {
		for _, r := range row.Results {
			if row.Temporal && r.Measured > 100 {
				require.InEpsilon(t, r.Measured, r.Counted, 0.05, "%v: multiply-adds of real numbers, and counted", r.Key)
			}
			// Of a hundred recordings. Weights of 8 bits behind steps as coarse as a layer's values have cost 7 of them.
			require.InDelta(t, r.Real, r.Integer, 0.15, "%v: accuracy of real numbers, and of integers", r.Key)
			for _, l := range r.Test.Layers {
				require.LessOrEqual(t, l.Changed, l.Dense)
				require.LessOrEqual(t, l.Nonzero, l.Dense)
			}
		}
		if row.Arm == deltatable.Delta || row.Arm == deltatable.DeltaRefined {
			macs, _ := row.Mean(func(r *deltatable.Result) float64 { return r.Test.MACs })
			require.Less(t, macs, all, row.Setting)
		}
	}
}
