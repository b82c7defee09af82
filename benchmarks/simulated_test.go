package benchmarks

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/sim/digits"
	"github.com/saccade-dev/saccade/sim/saccades"
)

// labelled is the events of a recording and its digit.
type labelled struct {
	events []events.Event
	label  string
}

// realDigits are the recordings of N-MNIST's training half.
func realDigits(t testing.TB, data string) []labelled {
	list, err := nmnist.Folder(filepath.Join(data, "nmnist", "Train"))
	require.NoError(t, err)
	out := make([]labelled, len(list))
	for i, r := range list {
		f, err := events.Open(r.Path, events.OpenOptions{})
		require.NoError(t, err)
		out[i].label = r.Label
		out[i].events, err = events.ReadAll(f)
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}
	return out
}

// simulatedDigits records n of MNIST's 10,000 test images in simulation, without the
// first hundred, of which N-MNIST's first test recordings were made.
func simulatedDigits(t testing.TB, data string, n int) []labelled {
	mnist, err := digits.OpenMNIST(filepath.Join(data, "mnist", "t10k-images-idx3-ubyte.gz"), filepath.Join(data, "mnist", "t10k-labels-idx1-ubyte.gz"))
	require.NoError(t, err)
	order := rand.New(rand.NewPCG(1, 1)).Perm(mnist.Len() - 100)[:n]
	out := make([]labelled, n)
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, k := range order {
		g.Go(func() error {
			image, label := mnist.Image(100 + k)
			e, err := saccades.Record(t.Context(), &image, saccades.DefaultConfig(), uint64(k))
			out[i] = labelled{e, strconv.Itoa(label)}
			return err
		})
	}
	require.NoError(t, g.Wait())
	return out
}

// learnedFrom learns features in one pass over recordings, in an order of its own.
func learnedFrom(t testing.TB, c feast.Config, target hw.Target, in []labelled) feast.Weights {
	l, err := feast.New(c, target)
	require.NoError(t, err)
	var winners []int16
	for _, i := range rand.New(rand.NewPCG(c.Seed, 1)).Perm(len(in)) {
		l.Reset()
		winners = append(winners[:0], make([]int16, len(in[i].events))...)
		require.NoError(t, l.Process(in[i].events, winners))
	}
	return l.Weights()
}

// pooledBy gives the pooled counts of frozen features.
func pooledBy(t testing.TB, c feast.Config, w feast.Weights, target hw.Target, in []labelled) readout.Data {
	l, err := feast.NewWithWeights(c, target, w)
	require.NoError(t, err)
	l.SetLearning(false)
	p, err := pool.New(pool.Config{
		Geometry: c.Geometry(), Source: pool.SourceFeatures, Features: c.Features(),
		CellWidth: 5, CellHeight: 5, Spread: pool.SpreadBilinear, Transform: pool.TransformSqrt, Norm: pool.NormL2,
	})
	require.NoError(t, err)
	var out readout.Data
	var winners []int16
	for _, r := range in {
		l.Reset()
		p.Reset()
		winners = append(winners[:0], make([]int16, len(r.events))...)
		require.NoError(t, l.Process(r.events, winners))
		p.Add(r.events, winners)
		out.Rows, out.Labels = append(out.Rows, p.Vector(nil)), append(out.Labels, r.label)
	}
	return out
}

func joined(a, b readout.Data) readout.Data {
	return readout.Data{
		Rows:   append(append([][]float32{}, a.Rows...), b.Rows...),
		Labels: append(append([]string{}, a.Labels...), b.Labels...),
	}
}

// accuracyOn trains on the one and counts on the other.
func accuracyOn(t testing.TB, train, test readout.Data, kernel bool) int {
	var c readout.Classifier
	var err error
	if kernel {
		c, _, err = readout.TrainKernel(t.Context(), train, readout.KernelOptions{})
	} else {
		c, _, err = readout.Train(t.Context(), train, readout.Options{})
	}
	require.NoError(t, err)
	confusion, err := readout.Evaluate(c, test)
	require.NoError(t, err)
	return confusion.Correct()
}

// TestSimulatedDigits prints what simulated recordings are worth for real ones:
// SACCADE_SIMULATED is how many of MNIST's images are recorded, at most 9900. Nothing
// is read of N-MNIST's test half.
func TestSimulatedDigits(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("SACCADE_SIMULATED"))
	data := os.Getenv("SACCADE_DATA")
	switch {
	case n < 1:
		t.Skip("SACCADE_SIMULATED is not set: it is the number of MNIST images to record")
	case data == "":
		t.Skip("SACCADE_DATA is not set: it names the folder with the real recordings")
	}
	target, err := hw.Find(hw.Auto)
	require.NoError(t, err)
	c := feast.Default()
	c.Neurons, c.Radius, c.Border, c.DeltaE = 32, 3, feast.BorderZero, 0.0015
	recorded, simulated := realDigits(t, data), simulatedDigits(t, data, n)
	w := learnedFrom(t, c, target, simulated)
	real, sim := pooledBy(t, c, w, target, recorded), pooledBy(t, c, w, target, simulated)
	percent := func(right int) float64 { return 100 * float64(right) / float64(len(real.Rows)) }
	part := func(k int) readout.Data { return readout.Data{Rows: sim.Rows[:k], Labels: sim.Labels[:k]} }
	for k := min(n, 500); ; k = min(2*k, n) {
		t.Logf("features learned from %d simulated recordings; trained on %d of them, tested on %d real: ridge %.2f %%, kernel %.2f %%",
			n, k, len(real.Rows), percent(accuracyOn(t, part(k), real, false)), percent(accuracyOn(t, part(k), real, true)))
		if k == n {
			break
		}
	}
	// Beside real ones, of which a fifth is left out in turn.
	beside := part(min(n, 1000))
	for _, kernel := range []bool{false, true} {
		alone, both := 0, 0
		order := rand.New(rand.NewPCG(7, 7)).Perm(len(real.Rows))
		for fold := range 5 {
			var train, test readout.Data
			for k, i := range order {
				to := &train
				if k%5 == fold {
					to = &test
				}
				to.Rows, to.Labels = append(to.Rows, real.Rows[i]), append(to.Labels, real.Labels[i])
			}
			alone += accuracyOn(t, train, test, kernel)
			both += accuracyOn(t, joined(train, beside), test, kernel)
		}
		t.Logf("kernel %v: trained on four fifths of the real ones, tested on the fifth: %.2f %%; with %d simulated beside them: %.2f %%",
			kernel, percent(alone), len(beside.Rows), percent(both))
	}
}
