package stack_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/features/stack"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
)

// stacked is a recording of N-MNIST with what each layer of a stack answered.
type stacked struct {
	events  []events.Event
	winners [2][]int16
	label   string
}

// nmnistHalf reads recordings of N-MNIST's training half, every step'th.
func nmnistHalf(t testing.TB, step int) []stacked {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("SACCADE_DATA is not set: it names the folder with the real recordings")
	}
	list, err := nmnist.Folder(filepath.Join(data, "nmnist", "Train"))
	require.NoError(t, err)
	var out []stacked
	for i := 0; i < len(list); i += step {
		f, err := events.Open(list[i].Path, events.OpenOptions{})
		require.NoError(t, err)
		rec := stacked{label: list[i].Label}
		rec.events, err = events.ReadAll(f)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		for k := range rec.winners {
			rec.winners[k] = make([]int16, len(rec.events))
		}
		out = append(out, rec)
	}
	return out
}

// run takes all recordings through a stack, in an order or in that of the list, with
// learning in the layers told; the last pass leaves its answers.
func (r runStack) run(t testing.TB, order []int, learning ...bool) {
	for k, on := range learning {
		r.stack.SetLearningOf(k, on)
	}
	for _, i := range order {
		rec := &r.recordings[i]
		r.stack.Reset()
		require.NoError(t, r.stack.Process(rec.events, rec.winners[1]))
		copy(rec.winners[0], r.stack.Winners(0))
	}
}

type runStack struct {
	stack      *stack.Stack
	recordings []stacked
}

// pooledCounts describes recordings by the counts of one layer, or of both.
func pooledCounts(t testing.TB, recordings []stacked, features [2]int, layers ...int) readout.Data {
	var pools []*pool.Pool
	for _, k := range layers {
		p, err := pool.New(pool.Config{
			Geometry: events.Geometry{Width: 34, Height: 34}, Source: pool.SourceFeatures, Features: features[k],
			CellWidth: 5, CellHeight: 5, Spread: pool.SpreadBilinear, Transform: pool.TransformSqrt, Norm: pool.NormL2,
		})
		require.NoError(t, err)
		pools = append(pools, p)
	}
	var out readout.Data
	for _, r := range recordings {
		var row []float32
		for i, p := range pools {
			p.Reset()
			p.Add(r.events, r.winners[layers[i]])
			row = append(row, p.Vector(nil)...)
		}
		out.Rows, out.Labels = append(out.Rows, row), append(out.Labels, r.label)
	}
	return out
}

// TestStack prints what a second layer is worth on N-MNIST's training recordings, by
// 5-fold cross-validation, SACCADE_STACK being the number of seeds. Without it, one
// small stack learns from a few recordings.
func TestStack(t *testing.T) {
	seeds, _ := strconv.Atoi(os.Getenv("SACCADE_STACK"))
	step := 1
	if seeds < 1 {
		if testing.Short() {
			t.Skip("80 recordings, twice over planes of 64 features: too much for an emulator")
		}
		seeds, step = 1, 10
	}
	recordings := nmnistHalf(t, step)
	target, err := hw.Find(hw.Auto)
	require.NoError(t, err)
	first := feast.Default()
	first.Neurons, first.Radius, first.Border, first.DeltaE = 32, 3, feast.BorderZero, 0.0015
	type second struct {
		neurons, radius, pool int
		tau                   time.Duration
		together              bool
	}
	seconds := []second{{64, 2, 1, 20 * time.Millisecond, false}}
	if step == 1 {
		seconds = []second{
			{64, 1, 1, 20 * time.Millisecond, false},
			{64, 2, 1, 20 * time.Millisecond, false},
			{64, 2, 1, 20 * time.Millisecond, true},
			{64, 2, 1, 50 * time.Millisecond, false},
			{64, 2, 2, 50 * time.Millisecond, false},
			{128, 2, 2, 50 * time.Millisecond, false},
			{128, 3, 1, 50 * time.Millisecond, false},
		}
	}
	if s := os.Getenv("SACCADE_STACK_ONLY"); s != "" {
		i, _ := strconv.Atoi(s)
		seconds = seconds[i : i+1]
	}
	results := map[string][]float64{}
	var rows []string
	try := func(row string, seed uint64, d readout.Data) {
		_, ridge, err := readout.Train(t.Context(), d, readout.Options{Seed: seed})
		require.NoError(t, err)
		right := []float64{ridge.Confusion.Accuracy()}
		if step == 1 {
			_, kernel, err := readout.TrainKernel(t.Context(), d, readout.KernelOptions{Options: readout.Options{Seed: seed}})
			require.NoError(t, err)
			right = append(right, kernel.Confusion.Accuracy())
		}
		t.Logf("seed %d, %s: %v", seed, row, right)
		if _, known := results[row+"ridge"]; !known {
			rows = append(rows, row)
		}
		for i, name := range []string{"ridge", "kernel"}[:len(right)] {
			results[row+name] = append(results[row+name], right[i])
		}
	}
	for seed := range uint64(seeds) {
		for i, c := range seconds {
			a, b := first, first
			a.Seed, b.Seed = seed+1, seed+1
			b.Neurons, b.Radius, b.Tau = c.neurons, c.radius, c.tau
			b.DeltaE = 0.001 / (float64(c.neurons) * 0.02) // misses a hit as below
			s, err := stack.New([]stack.Config{{Feast: a, Pool: 1}, {Feast: b, Pool: c.pool}}, target)
			require.NoError(t, err)
			r := runStack{s, recordings}
			order := rand.New(rand.NewPCG(seed, 1)).Perm(len(recordings))
			if c.together {
				r.run(t, order, true, true)
			} else {
				r.run(t, order, true, false)
				r.run(t, order, false, true)
			}
			r.run(t, order, false, false)
			features := [2]int{s.Layer(0).Config().Features(), s.Layer(1).Config().Features()}
			if i == 0 {
				try("layer 1: 2x32 neurons, radius 3, 20 ms", seed, pooledCounts(t, recordings, features, 0))
			}
			name := fmt.Sprintf("layer 2: %d neurons, radius %d, pool %d, %v", c.neurons, c.radius, c.pool, c.tau)
			if c.together {
				name += ", learned together"
			}
			counts := s.Layer(1).Counters()
			t.Logf("%s: misses a hit %.4f", name, float64(counts.Missed)/float64(counts.Hits))
			try(name, seed, pooledCounts(t, recordings, features, 1))
			try(name+", and layer 1", seed, pooledCounts(t, recordings, features, 0, 1))
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d recordings, %d seeds\n%-72s %12s %12s", len(recordings), seeds, "percent right, mean and standard deviation", "ridge", "kernel")
	for _, row := range rows {
		fmt.Fprintf(&b, "\n%-72s", row)
		for _, name := range []string{"ridge", "kernel"} {
			if v := results[row+name]; len(v) > 0 {
				mean, sd := stat.MeanStdDev(v, nil)
				fmt.Fprintf(&b, "  %5.2f +-%4.2f", 100*mean, 100*sd)
			}
		}
	}
	t.Log(b.String())
}
