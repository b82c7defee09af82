package benchmarks

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"gonum.org/v1/gonum/stat"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/daemon/simulate"
	search "github.com/saccade-dev/saccade/daemon/sweep"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/predict"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/sim/digits"
	"github.com/saccade-dev/saccade/sim/saccades"
)

// judged is a configuration with what was predicted of it and what readouts reach.
type judged struct {
	config        feast.Config
	score         predict.Score
	missed        float64 // share of events, while learning
	ridge, kernel float64 // cross-validated accuracy
}

// accuracy is the mean of both readouts', which has less noise than either.
func (j judged) accuracy() float64 { return (j.ridge + j.kernel) / 2 }

// predictors are the score, its parts, and what is known without any score.
var predictors = []struct {
	name string
	of   func(judged) float64
}{
	{"separability", func(j judged) float64 { return j.score.Separability }},
	{"pairs", func(j judged) float64 { return j.score.Pairs }},
	{"hardest pair", func(j judged) float64 { return j.score.Hardest.Spreads }},
	{"plain", func(j judged) float64 { return j.score.Plain }},
	{"scatter", func(j judged) float64 { return j.score.Scatter }},
	{"neurons alone", func(j judged) float64 { return float64(j.config.Neurons) }},
	{"events not missed", func(j judged) float64 { return -j.missed }},
}

// judge learns with each configuration, scores its patterns and cross-validates two
// readouts on them.
func judge(t *testing.T, recordings []nmnist.Recording, configs []feast.Config) []judged {
	target, err := hw.Find(hw.Auto)
	require.NoError(t, err)
	out := make([]judged, len(configs))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, c := range configs {
		group.Go(func() error {
			m, counters, err := learn.Features(t.Context(), c, target, recordings, nil)
			if err != nil {
				return err
			}
			v, err := learn.ModelVectors(t.Context(), m, target, learn.PoolConfig(c, pool.Config{Spread: pool.SpreadBilinear}), recordings, nil)
			if err != nil {
				return err
			}
			j := judged{config: c, missed: counters.MissedRate()}
			if j.score, err = predict.Of(t.Context(), predict.Patterns{Rows: v.Rows, Labels: v.Labels}); err != nil {
				return err
			}
			data, options := readout.Data{Rows: v.Rows, Labels: v.Labels}, readout.Options{Seed: 1, Workers: 1}
			_, report, err := readout.Train(t.Context(), data, options)
			if err != nil {
				return err
			}
			j.ridge = report.Confusion.Accuracy()
			if _, report, err = readout.TrainKernel(t.Context(), data, readout.KernelOptions{Options: options}); err != nil {
				return err
			}
			j.kernel = report.Confusion.Accuracy()
			out[i] = j
			return nil
		})
	}
	require.NoError(t, group.Wait())
	return out
}

// rankTable prints configurations, the most accurate first, and the rank correlation
// of each predictor with the accuracy, and gives these.
func rankTable(t *testing.T, all []judged) map[string]float64 {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b judged) int {
		switch x, y := a.accuracy(), b.accuracy(); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	var b strings.Builder
	fmt.Fprintf(&b, "%7s  %6s  %7s  %8s  %8s  %8s  %6s  %6s  %6s  %6s\n", "neurons", "radius", "tau", "eta", "dI", "dE", "missed", "score", "ridge", "kernel")
	for _, j := range all {
		c := j.config
		fmt.Fprintf(&b, "%7d  %6d  %7v  %8.2g  %8.2g  %8.2g  %5.1f%%  %6.3f  %6.2f  %6.2f\n", c.Neurons, c.Radius, c.Tau, c.Eta, c.DeltaI, c.DeltaE,
			100*j.missed, j.score.Separability, 100*j.ridge, 100*j.kernel)
	}
	ridge, kernel, both := figures(all, func(j judged) float64 { return j.ridge }), figures(all, func(j judged) float64 { return j.kernel }), figures(all, judged.accuracy)
	fmt.Fprintf(&b, "\nSpearman's rank correlation with the accuracy; of ridge with kernel it is %.2f\n", predict.Spearman(ridge, kernel))
	fmt.Fprintf(&b, "%-18s  %6s  %6s  %6s  %14s  %6s  %11s  %12s\n", "", "ridge", "kernel", "both", "95 % interval", "tau-b", "better half", "same neurons")
	found := map[string]float64{}
	for _, p := range predictors {
		v := figures(all, p.of)
		low, high := predict.Interval(v, both, predict.Spearman, 0.95, 2000, 1)
		half := len(all) / 2
		found[p.name] = predict.Spearman(v, both)
		fmt.Fprintf(&b, "%-18s  %6.2f  %6.2f  %6.2f  %5.2f to %5.2f  %6.2f  %11.2f  %12.2f\n", p.name, predict.Spearman(v, ridge), predict.Spearman(v, kernel),
			found[p.name], low, high, predict.Kendall(v, both), predict.Spearman(v[:half], both[:half]), withinNeurons(all, p.of))
	}
	t.Logf("%d configurations; accuracy %.2f to %.2f %%, standard deviation %.2f\n%s", len(all), 100*both[len(both)-1], 100*both[0], 100*stat.StdDev(both, nil), b.String())
	return found
}

func figures(all []judged, of func(judged) float64) []float64 {
	out := make([]float64, len(all))
	for i, j := range all {
		out[i] = of(j)
	}
	return out
}

// withinNeurons is the mean rank correlation among configurations with equally many
// neurons, weighted by their numbers: what is left when the size is given.
func withinNeurons(all []judged, of func(judged) float64) float64 {
	groups := map[int][]judged{}
	for _, j := range all {
		groups[j.config.Neurons] = append(groups[j.config.Neurons], j)
	}
	sum, n := 0.0, 0.0
	for _, g := range groups {
		if r := predict.Spearman(figures(g, of), figures(g, judged.accuracy)); r == r { // not NaN
			sum += r * float64(len(g))
			n += float64(len(g))
		}
	}
	return sum / n
}

// TestPredictorOnNMNIST prints how well package predict's scores rank configurations on
// N-MNIST's training recordings: SACCADE_GRID of them, 40 or more, each of which takes
// about 4 seconds of a core. SACCADE_GRID_SEED draws others. The predictor was
// chosen on a set that was drawn in another way.
func TestPredictorOnNMNIST(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("SACCADE_GRID"))
	if n < 1 {
		t.Skip("SACCADE_GRID is not set: it is the number of configurations, 40 or more")
	}
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("SACCADE_DATA is not set: it names the folder with the real recordings")
	}
	seed, err := strconv.ParseUint(os.Getenv("SACCADE_GRID_SEED"), 10, 64)
	if err != nil {
		seed = 1
	}
	recordings, err := nmnist.Folder(filepath.Join(data, "nmnist", "Train"))
	require.NoError(t, err)
	// Bad values stand beside good ones: accuracies that are all alike have no order.
	configs := drawn(t, seed, n-1, "neurons=4,8,16,32", "radius=1,2,3,4,5", "tau=2ms,5ms,10ms,20ms,35ms,50ms,200ms",
		"eta=0.0001,0.0003,0.001,0.003,0.01,0.05", "delta_i=0.0003,0.001,0.003,0.01", "delta_e=0.0003,0.001,0.003,0.01,0.03")
	found := rankTable(t, judge(t, recordings, configs))
	if n >= 40 {
		require.Greater(t, found["separability"], 0.6)
		require.Greater(t, found["separability"], found["scatter"])
	}
}

// drawn are the default configuration and n others.
func drawn(t *testing.T, seed uint64, n int, vary ...string) []feast.Config {
	var space search.Space
	for _, v := range vary {
		require.NoError(t, space.Vary(v))
	}
	base := feast.Default()
	base.Seed = seed
	configs, err := space.Random(base, n)
	require.NoError(t, err)
	for i := range configs {
		configs[i].Seed = 1
	}
	return configs
}

// TestPredictor is the same in small, on simulated recordings and with layers that
// differ much.
func TestPredictor(t *testing.T) {
	source, err := digits.NewFonts(digits.DefaultStyle())
	require.NoError(t, err)
	dir := t.TempDir()
	_, err = simulate.Write(t.Context(), simulate.Options{Dir: dir, Train: 100, Seed: 3, Source: source, Config: saccades.DefaultConfig()})
	require.NoError(t, err)
	recordings, err := nmnist.Folder(filepath.Join(dir, "Train"))
	require.NoError(t, err)
	found := rankTable(t, judge(t, recordings, drawn(t, 1, 11, "neurons=1,2,4,12", "radius=1,3,8,14", "tau=1ms,20ms,500ms", "eta=0.0001,0.003,0.2")))
	require.Greater(t, found["separability"], 0.5)
}
