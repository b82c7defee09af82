package benchmarks

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
)

// column is a readout, by its accuracy in 5-fold cross-validation.
type column struct {
	name string
	of   func(t *testing.T, d readout.Data, seed uint64) float64
}

// airplaneReadouts are the columns of the table.
var airplaneReadouts = []column{
	{"ridge", func(t *testing.T, d readout.Data, seed uint64) float64 {
		_, r, err := readout.Train(t.Context(), d, readout.Options{Seed: seed})
		require.NoError(t, err)
		return r.Confusion.Accuracy()
	}},
	{"ELM 1000", func(t *testing.T, d readout.Data, seed uint64) float64 {
		_, r, err := readout.TrainELM(t.Context(), d, readout.ELMOptions{Hidden: 1000, Seed: seed, Options: readout.Options{Seed: seed}})
		require.NoError(t, err)
		return r.Confusion.Accuracy()
	}},
	{"kernel 4", func(t *testing.T, d readout.Data, seed uint64) float64 {
		_, r, err := readout.TrainKernel(t.Context(), d, readout.KernelOptions{Options: readout.Options{Seed: seed}})
		require.NoError(t, err)
		return r.Confusion.Accuracy()
	}},
	{"kNN", neighbours},
}

// neighbours is the accuracy of [readout.KNN], which has no cross-validation of its own:
// folds are dealt out class by class.
func neighbours(t *testing.T, d readout.Data, seed uint64) float64 {
	order := rand.New(rand.NewPCG(seed, 2)).Perm(len(d.Rows))
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(d.Labels[a], d.Labels[b]) })
	right := 0
	for fold := range 5 {
		var train, test readout.Data
		for k, i := range order {
			to := &train
			if k%5 == fold {
				to = &test
			}
			to.Rows, to.Labels = append(to.Rows, d.Rows[i]), append(to.Labels, d.Labels[i])
		}
		m, _, err := readout.TrainKNN(train, readout.KNNOptions{})
		require.NoError(t, err)
		c, err := readout.Evaluate(m, test)
		require.NoError(t, err)
		right += c.Correct()
	}
	return float64(right) / float64(len(d.Rows))
}

// airplaneTable holds accuracies by row and column, one a seed.
type airplaneTable struct {
	columns []column
	rows    []string
	values  map[string][]float64
}

func newAirplaneTable(columns ...column) *airplaneTable {
	return &airplaneTable{columns: columns, values: map[string][]float64{}}
}

func (a *airplaneTable) try(t *testing.T, row string, seed uint64, d readout.Data) {
	if !slices.Contains(a.rows, row) {
		a.rows = append(a.rows, row)
	}
	for _, r := range a.columns {
		a.values[row+r.name] = append(a.values[row+r.name], r.of(t, d, seed))
	}
}

// mean of a row and column.
func (a *airplaneTable) mean(row, column string) float64 {
	m, _ := meanStd(a.values[row+column])
	return m
}

func (a *airplaneTable) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-42s", "")
	for _, r := range a.columns {
		fmt.Fprintf(&b, "  %13s", r.name)
	}
	for _, row := range a.rows {
		fmt.Fprintf(&b, "\n%-42s", row)
		for _, r := range a.columns {
			mean, std := meanStd(a.values[row+r.name])
			fmt.Fprintf(&b, "  %5.1f +- %4.1f", 100*mean, 100*std)
		}
	}
	return b.String()
}

func meanStd(v []float64) (mean, std float64) {
	for _, x := range v {
		mean += x
	}
	mean /= float64(len(v))
	for _, x := range v {
		std += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(std / float64(max(len(v)-1, 1)))
}

// stages fills a table for one set of recordings: raw counts, random features, learned
// features with the nearest winning, the same without the features that noise wins, and
// learned features that go on learning, where thresholds decide what wins and what is
// missed; each counted over the whole field, in cells of it, or in windows.
func (a *airplaneTable) stages(t *testing.T, flights []flight, g events.Geometry, seed uint64) *noiseShare {
	try := func(stage string, c pool.Config, in []flight, which ...int) {
		all := places(t, g, c)
		for _, i := range which {
			a.try(t, stage+", "+all[i].name, seed, vectors(in, all[i].by))
		}
	}
	layer := airplaneLayer(g, seed)
	features := pool.Config{Features: layer.Features()}
	try("raw counts", pool.Config{Source: pool.SourceEvents}, flights, wholeField, fieldCells, followingWindow, trueWindow)
	pass(t, newAirplaneLayer(t, layer, false), flights, seed)
	try("random features", features, flights, wholeField, fieldCells, followingWindow, trueWindow)
	l := newAirplaneLayer(t, layer, true)
	pass(t, l, flights, seed)
	l.SetLearning(false)
	pass(t, l, flights, seed)
	try("learned features", features, flights, wholeField, fieldCells, followingWindow, trueWindow)
	share := shareOf(flights, layer.Features())
	try("noise features left out", features, share.without(flights), wholeField, followingWindow)
	l.SetLearning(true)
	pass(t, l, flights, seed+1)
	share.thresholds(flights)
	try("thresholds on", features, flights, wholeField, followingWindow)
	return share
}
