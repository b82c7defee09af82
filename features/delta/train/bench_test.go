package train

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// A training step of 1156-256-10 with deltas behind 256: 64 frames of which a tenth of the
// pixels is not zero, of 8 sequences, with the sparsity loss.
func BenchmarkStep(b *testing.B) {
	for _, c := range []struct {
		name string
		kind OptimiserKind
		full bool
	}{{"adam", Adam, false}, {"adam, all pixels", Adam, true}, {"sgd", SGD, false}} {
		b.Run(c.name, func(b *testing.B) {
			tr, err := New(parse(b, `
input: {channels: 1, height: 34, width: 34, max: 15}
layers:
  - {name: flat, type: flatten}
  - {name: hidden, type: linear, out: 256}
  - {name: relu, type: relu}
  - {name: delta, type: delta}
  - {name: logits, type: linear, out: 10}
`), Options{Batch: 8, Sparsity: 0.1, Workers: 1, Optimiser: Optimiser{Kind: c.kind}})
			require.NoError(b, err)
			rng := rand.New(rand.NewPCG(1, 1))
			batch := make([]Sequence, 8)
			for i := range batch {
				s := &batch[i]
				s.Steps, s.Label, s.Levels = 8, i, make([]int16, 8*1156)
				for k := range s.Levels {
					if c.full || rng.IntN(10) == 0 {
						s.Levels[k] = int16(1 + rng.IntN(15))
					}
				}
			}
			tr.updates = 1 << 30
			for b.Loop() {
				_, _, err := tr.step(batch, 0)
				require.NoError(b, err)
			}
			b.ReportMetric(1e3*b.Elapsed().Seconds()/float64(b.N), "ms/step")
		})
	}
}

// What of a step the update of its 298,506 numbers takes.
func BenchmarkUpdate(b *testing.B) {
	for _, kind := range []OptimiserKind{Adam, SGD} {
		b.Run(string(kind), func(b *testing.B) {
			o := Optimiser{Kind: kind}.complete()
			const n = 298_506
			w, g, moments := make([]float32, n), make([]float32, n), [][]float32{make([]float32, n), make([]float32, n)}
			rng := rand.New(rand.NewPCG(1, 1))
			for i := range g {
				g[i] = rng.Float32() - 0.5
			}
			for b.Loop() {
				o.apply(w, g, moments, 1, 1e-3, 0, 5)
			}
		})
	}
}
