package readout

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/pool"
)

// The bits of decisions and confidences of models that were made without training,
// to be the same on every architecture.
func TestBackEndGoldenBits(t *testing.T) {
	const dim, classes = 45, 4
	linear := someModel(t, 1, classes, dim)
	k := &Kernel{
		classes: linear.classes, dim: dim, degree: 4, scale: 1.0 / dim, beta: 0.7, bias: linear.bias,
		rows: someVector(2, 20*dim), weights: someVector(3, classes*20),
	}
	require.NoError(t, k.check())
	e := &ELM{seed: 7, hidden: 30, act: Softsign, gain: 0.3, mean: someVector(4, dim), out: someModel(t, 5, classes, 30)}
	require.NoError(t, e.draw())
	relu := &ELM{seed: 7, hidden: 30, act: ReLU, gain: 0.3, mean: e.mean, out: e.out}
	require.NoError(t, relu.draw())
	var d Data
	for i := range 80 {
		d.Rows = append(d.Rows, someVector(uint64(100+i), dim))
		d.Labels = append(d.Labels, linear.classes[i%classes])
	}
	m, _, err := TrainKNN(d, KNNOptions{})
	require.NoError(t, err)

	digest := uint64(14695981039346656037) // FNV-1a
	add := func(class int, confidence float64) {
		for _, v := range []uint64{uint64(class), math.Float64bits(confidence)} {
			digest = (digest ^ v) * 1099511628211
		}
	}
	for _, c := range []Classifier{k, e, relu, m} {
		for i := range 50 {
			class, confidence, err := c.Predict(someVector(uint64(i), dim))
			require.NoError(t, err)
			add(class, confidence)
		}
	}
	b := someBins(t, pool.BinsConfig{Pool: pool.Config{Spread: pool.SpreadBilinear}, Edges: []int64{4000}})
	o, err := NewOnline(someModel(t, 6, 3, b.Len()), b)
	require.NoError(t, err)
	in, winners := stream(1, 200)
	for _, v := range o.Process(in, winners, 0, nil) {
		add(v.Class, v.Confidence)
	}
	require.Equal(t, uint64(0xd05ccd74f58f55f5), digest, "%#x", digest)
}

// The bits of running decisions, with a schedule, of any descriptor.
func TestRunningGoldenBits(t *testing.T) {
	digest := uint64(14695981039346656037) // FNV-1a
	schedule := &Schedule{betas: []float64{0.1, 0.3, 0.9, 1.1, 2.3, 3.7}}
	var rows Data
	for i := range 40 {
		rows.Rows = append(rows.Rows, someVector(uint64(200+i), 30))
		rows.Labels = append(rows.Labels, string(rune('a'+i%3)))
	}
	m, _, err := TrainKNN(rows, KNNOptions{Neighbours: []int{5}})
	require.NoError(t, err)
	recipes := someDescriptors()
	for _, name := range []string{"counts", "bins", "decayed", "all"} {
		d := describing(t, recipes[name])
		for _, c := range []Classifier{someModel(t, 9, 3, d.Len()), m} {
			if c.Dim() != d.Len() {
				continue
			}
			r, err := NewRunning(c, d, schedule, 0)
			require.NoError(t, err)
			in, winners := stream(4, 90)
			r.Reset()
			for i := range in {
				r.Add(in[i:i+1], winners[i:i+1])
				class, confidence, err := r.Decide()
				require.NoError(t, err)
				for _, v := range []uint64{uint64(class), math.Float64bits(confidence)} {
					digest = (digest ^ v) * 1099511628211
				}
			}
		}
	}
	require.Equal(t, uint64(0xd243d045c256de4e), digest, "%#x", digest)
}
