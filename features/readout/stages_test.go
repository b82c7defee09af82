package readout_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
)

// recording is one of N-MNIST with the features that won its events.
type recording struct {
	events  []events.Event
	winners []int16
	label   string
}

// trainingHalf reads N-MNIST's training recordings. The test half is not touched
// here: nothing may be chosen by it.
func trainingHalf(t testing.TB) []recording {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("SACCADE_DATA is not set: it names the folder with the real recordings")
	}
	list, err := nmnist.Folder(filepath.Join(data, "nmnist", "Train"))
	require.NoError(t, err)
	var out []recording
	for _, r := range list {
		f, err := events.Open(r.Path, events.OpenOptions{})
		require.NoError(t, err)
		rec := recording{label: r.Label}
		rec.events, err = events.ReadAll(f)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		rec.winners = make([]int16, len(rec.events))
		out = append(out, rec)
	}
	return out
}

// stageLayer is the layer of the table: 32 neurons a polarity, 7x7 pixels, no event
// lost at the border.
func stageLayer(seed uint64) feast.Config {
	c := feast.Default()
	c.Neurons, c.Radius, c.Border, c.DeltaE, c.Seed = 32, 3, feast.BorderZero, 0.0015, seed
	return c
}

// win fills in winners. Without learning the weights are random and the nearest
// wins, as nothing has set thresholds; with it the layer first learns in one pass.
func win(t testing.TB, recordings []recording, c feast.Config, learn bool) {
	target, err := hw.Find(hw.Auto)
	require.NoError(t, err)
	if !learn {
		c.InitialThreshold = -1
	}
	l, err := feast.New(c, target)
	require.NoError(t, err)
	pass := func(order []int) {
		for _, i := range order {
			l.Reset()
			require.NoError(t, l.Process(recordings[i].events, recordings[i].winners))
		}
	}
	order := rand.New(rand.NewPCG(c.Seed, 1)).Perm(len(recordings))
	if learn {
		pass(order)
	}
	l.SetLearning(false)
	pass(order)
}

// winFloat is win by the rule in float64.
func winFloat(t testing.TB, recordings []recording, c feast.Config) {
	weights, thresholds := feast.RandomWeights(c).Float()
	r, err := feast.NewReference(c, weights, thresholds)
	require.NoError(t, err)
	pass := func(order []int) {
		for _, i := range order {
			r.Reset()
			r.Process(recordings[i].events, recordings[i].winners)
		}
	}
	order := rand.New(rand.NewPCG(c.Seed, 1)).Perm(len(recordings))
	pass(order)
	r.Learning = false
	pass(order)
}

func describe(recordings []recording, d pool.Descriptor) readout.Data {
	var out readout.Data
	for _, r := range recordings {
		d.Reset()
		d.Add(r.events, r.winners)
		out.Rows = append(out.Rows, d.Vector(nil))
		out.Labels = append(out.Labels, r.label)
	}
	return out
}

func bins(t testing.TB, c pool.Config, edges ...int64) *pool.Bins {
	b, err := pool.NewBins(pool.BinsConfig{Pool: c, Edges: edges})
	require.NoError(t, err)
	return b
}

// accuracyKNN is 5-fold cross-validation, folds dealt out class by class; the
// number of neighbours is chosen within each training part.
func accuracyKNN(t testing.TB, d readout.Data, seed uint64, code readout.Code) float64 {
	fold := make([]int, len(d.Rows))
	order := rand.New(rand.NewPCG(seed, 2)).Perm(len(d.Rows))
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(d.Labels[a], d.Labels[b]) })
	for k, i := range order {
		fold[i] = k % 5
	}
	right := 0
	for f := range 5 {
		var train, test readout.Data
		for i := range fold {
			to := &train
			if fold[i] == f {
				to = &test
			}
			to.Rows, to.Labels = append(to.Rows, d.Rows[i]), append(to.Labels, d.Labels[i])
		}
		m, _, err := readout.TrainKNN(train, readout.KNNOptions{Code: code})
		require.NoError(t, err)
		c, err := readout.Evaluate(m, test)
		require.NoError(t, err)
		right += c.Correct()
	}
	return float64(right) / float64(len(d.Rows))
}

// readouts are the columns of the table, each a cross-validated accuracy.
var readouts = []struct {
	name string
	of   func(t testing.TB, d readout.Data, seed uint64) float64
}{
	{"ridge", func(t testing.TB, d readout.Data, seed uint64) float64 {
		_, r, err := readout.Train(t.Context(), d, readout.Options{Seed: seed})
		require.NoError(t, err)
		return r.Confusion.Accuracy()
	}},
	{"logistic", func(t testing.TB, d readout.Data, seed uint64) float64 {
		_, r, err := readout.Train(t.Context(), d, readout.Options{Method: readout.Logistic, Seed: seed, Lambdas: []float64{1e-5, 1e-4}})
		require.NoError(t, err)
		return r.Confusion.Accuracy()
	}},
	{"ELM 4000", func(t testing.TB, d readout.Data, seed uint64) float64 {
		_, r, err := readout.TrainELM(t.Context(), d, readout.ELMOptions{Hidden: 4000, Seed: seed, Options: readout.Options{Seed: seed}})
		require.NoError(t, err)
		return r.Confusion.Accuracy()
	}},
	{"kernel 4", func(t testing.TB, d readout.Data, seed uint64) float64 {
		_, r, err := readout.TrainKernel(t.Context(), d, readout.KernelOptions{Options: readout.Options{Seed: seed}})
		require.NoError(t, err)
		return r.Confusion.Accuracy()
	}},
	{"kNN median", func(t testing.TB, d readout.Data, seed uint64) float64 {
		return accuracyKNN(t, d, seed, readout.CodeMedian)
	}},
	{"kNN top", func(t testing.TB, d readout.Data, seed uint64) float64 {
		return accuracyKNN(t, d, seed, readout.CodeTop)
	}},
}

// TestStages prints what each stage and each back end is worth on N-MNIST's training
// recordings, by 5-fold cross-validation. SACCADE_STAGES is the number of seeds: a
// seed draws weights, the order of recordings, hidden layers and folds, and takes
// about a minute on two cores.
func TestStages(t *testing.T) {
	seeds, _ := strconv.Atoi(os.Getenv("SACCADE_STAGES"))
	if seeds < 1 {
		t.Skip("SACCADE_STAGES is not set: it is the number of seeds, five and more for a standard deviation")
	}
	recordings := trainingHalf(t)
	geometry := events.Geometry{Width: 34, Height: 34}
	results := map[string][]float64{}
	var rows []string
	try := func(row string, seed uint64, d readout.Data, which ...string) {
		if !slices.Contains(rows, row) {
			rows = append(rows, row)
		}
		for _, r := range readouts {
			if len(which) == 0 || slices.Contains(which, r.name) {
				right := r.of(t, d, seed)
				t.Logf("seed %d, %s, %s: %.2f", seed, row, r.name, 100*right)
				results[row+r.name] = append(results[row+r.name], right)
			}
		}
	}
	for seed := uint64(1); seed <= uint64(seeds); seed++ {
		raw := pool.Config{Geometry: geometry, Source: pool.SourceEvents, Spread: pool.SpreadBilinear}
		global := raw
		global.CellWidth, global.CellHeight = geometry.Width, geometry.Height
		global.Spread = pool.SpreadHard
		try("raw counts, whole sensor", seed, describe(recordings, bins(t, global)), "ridge")
		try("raw counts, pooled", seed, describe(recordings, bins(t, raw)))
		for _, learn := range []bool{false, true} {
			layer := stageLayer(seed)
			win(t, recordings, layer, learn)
			c := pool.Config{Geometry: geometry, Features: layer.Features(), Spread: pool.SpreadBilinear}
			global.Source, global.Features = pool.SourceFeatures, c.Features
			name := "random features, "
			if learn {
				name = "learned features, "
			}
			try(name+"whole sensor", seed, describe(recordings, bins(t, global)), "ridge", "kernel 4")
			pooled := describe(recordings, bins(t, c))
			try(name+"pooled", seed, pooled)
			if !learn {
				continue
			}
			thirds := bins(t, c, 105_000, 210_000)
			try(name+"3 bins of time", seed, describe(recordings, thirds), "ridge", "kernel 4", "kNN median")
			try(name+"pooled + 3 bins", seed, describe(recordings, pool.Concat{bins(t, c), thirds}), "ridge", "kernel 4")
			for _, ms := range []int64{30, 100} {
				decayed, err := pool.NewDecayed(pool.DecayedConfig{Pool: c, Tau: 1000 * ms})
				require.NoError(t, err)
				try(fmt.Sprintf("%sdecayed %d ms", name, ms), seed, describe(recordings, decayed), "ridge", "kernel 4")
			}
			winFloat(t, recordings, layer)
			try(name+"pooled, float64", seed, describe(recordings, bins(t, c)))
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-32s", "")
	for _, r := range readouts {
		fmt.Fprintf(&b, "  %14s", r.name)
	}
	best := 0.0
	for _, row := range rows {
		fmt.Fprintf(&b, "\n%-32s", row)
		for _, r := range readouts {
			mean, std := meanStd(results[row+r.name])
			if math.IsNaN(mean) {
				fmt.Fprintf(&b, "  %14s", "")
				continue
			}
			best = max(best, mean)
			fmt.Fprintf(&b, "  %6.2f +- %4.2f", 100*mean, 100*std)
		}
	}
	t.Logf("%d recordings, %d seeds, 5-fold cross-validation, percent right\n%s", len(recordings), seeds, b.String())
	pooled, _ := meanStd(results["learned features, pooledridge"])
	random, _ := meanStd(results["random features, pooledridge"])
	counts, _ := meanStd(results["raw counts, pooledridge"])
	float, _ := meanStd(results["learned features, pooled, float64ridge"])
	require.InDelta(t, float, pooled, 0.005, "integers and float64")
	require.Greater(t, random, counts)
	require.Greater(t, pooled, 0.96)
	require.Greater(t, best, 0.97)
}

func meanStd(v []float64) (mean, std float64) {
	for _, x := range v {
		mean += x
	}
	mean /= float64(len(v)) // NaN without any
	for _, x := range v {
		std += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(std / float64(max(len(v)-1, 1)))
}

// TestOnlineOnNMNIST trains on three fifths of the training recordings, calibrates
// on the fourth and follows the decisions over the last: what is known after so many
// milliseconds, and how sure the readout was.
func TestOnlineOnNMNIST(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a few seconds")
	}
	recordings := trainingHalf(t)
	layer := stageLayer(1)
	win(t, recordings, layer, true)
	c := pool.Config{Geometry: layer.Geometry(), Features: layer.Features(), Spread: pool.SpreadBilinear}
	var train, test []recording
	var trials []readout.Trial
	for i, r := range recordings {
		switch i % 5 {
		case 0:
			test = append(test, r)
		case 1:
			trials = append(trials, readout.Trial{Events: r.events, Winners: r.winners, Label: r.label})
		default:
			train = append(train, r)
		}
	}
	d := bins(t, c)
	m, _, err := readout.Train(t.Context(), describe(train, d), readout.Options{Seed: 1})
	require.NoError(t, err)
	whole := describe(test, d)
	o, err := readout.NewOnline(m, d)
	require.NoError(t, err)
	schedule, err := readout.NewSchedule(o, trials)
	require.NoError(t, err)
	at := []int64{5, 10, 20, 50, 105, 210, 400} // ms
	right, sure, scheduled := make([]float64, len(at)), make([]float64, len(at)), make([]float64, len(at))
	for i, r := range test {
		o.SetSchedule(nil)
		o.Reset()
		plain := o.Process(r.events, r.winners, 1000, nil)
		class, confidence := o.Decide()
		want, expected, err := m.Predict(whole.Rows[i])
		require.NoError(t, err)
		require.InDelta(t, expected, confidence, 1e-4)
		require.Equal(t, want, class)
		o.SetSchedule(schedule)
		o.Reset()
		decisions := o.Process(r.events, r.winners, 1000, nil)
		for k, ms := range at {
			n := 0
			for n < len(decisions) && decisions[n].T-decisions[0].T <= 1000*ms {
				n++
			}
			if m.Class(decisions[n-1].Class) == r.label {
				right[k] += 1 / float64(len(test))
			}
			require.Equal(t, plain[n-1].Class, decisions[n-1].Class)
			sure[k] += plain[n-1].Confidence / float64(len(test))
			scheduled[k] += decisions[n-1].Confidence / float64(len(test))
		}
	}
	for k, ms := range at {
		t.Logf("after %3d ms: %4.1f %% right, mean confidence %.3f, without a schedule %.3f", ms, 100*right[k], scheduled[k], sure[k])
		require.InDelta(t, right[k], scheduled[k], 0.12, "after %d ms", ms)
	}
	require.Greater(t, right[len(at)-1], 0.93)
	require.Greater(t, right[3], 0.3) // of ten classes, after 50 ms
	require.Greater(t, sure[0], right[0]+0.5, "a schedule is not needed any more")
}
