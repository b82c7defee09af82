package train

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

const rounded = `
input: {channels: 4, min: -3, max: 3}
layers:
  - {name: a, type: linear, out: 6}
  - {name: d, type: delta, step: %s, levels: 5}
  - {name: b, type: linear, out: 3}
`

// The gradients of a delta activation are what the formulas of the package say, computed here
// in float64 and from the outputs' gradient on.
func TestActivationGradients(t *testing.T) {
	for _, per := range []string{"layer", "channel"} {
		for _, rule := range []Rule{Flipped, Split, Usual} {
			top := parse(t, sprintf(rounded, per))
			const lambda = 0.8
			tr, err := New(top, Options{Seed: 2, Sparsity: lambda, Steps: Steps{Rule: rule}})
			require.NoError(t, err)
			for i := range tr.net.steps {
				tr.net.steps[i] = float64(float32(0.11 + 0.03*float64(i)))
			}
			batch := some(top, 20, 3, 7)
			total, l := lossOf(tr, batch)
			a, o, gy := l.values[1], l.values[2], l.grads[3]
			w := tr.net.weightsOf(3)
			steps := make([]float64, len(tr.net.steps))
			back := make([]float64, len(a))
			changes, transitions, saturated := 0.0, 0.0, 0
			for s := range batch {
				for r := l.starts[s]; r < l.starts[s+1]; r++ {
					if r > l.starts[s] {
						transitions++
					}
				}
			}
			for s := range batch {
				for r := l.starts[s]; r < l.starts[s+1]; r++ {
					for i := range 6 {
						k := i * len(steps) / 6
						q, at := tr.net.steps[k], r*6+i
						n := min(max(math.Floor(float64(a[at])/q+0.5), -5), 5)
						require.InDelta(t, n*q, o[at], 1e-6)
						task, own := 0.0, 0.0
						for c := range 3 {
							task += float64(w[i*3+c]) * float64(gy[r*3+c])
						}
						if r > l.starts[s] {
							d := float64(o[at]) - float64(o[at-6])
							changes += math.Abs(d)
							own += sign(d)
						}
						if r+1 < l.starts[s+1] {
							own += sign(float64(o[at]) - float64(o[at+6]))
						}
						// All multiply-adds behind deltas are behind this one: its share is 1.
						own *= lambda / 6 / transitions
						within := float64(a[at]) < 5.5*q && float64(a[at]) >= -5.5*q
						if within {
							back[at] = task + own
						} else {
							saturated++
						}
						switch {
						case rule == Usual:
							steps[k] += q * n * (task + own)
						case rule == Flipped:
							steps[k] -= q * n * (task + own)
						case within:
							steps[k] += q*task*(n-float64(a[at])/q) - q*n*own
						default:
							steps[k] += q*task*n - q*n*own
						}
					}
				}
			}
			require.Positive(t, saturated)
			require.InDelta(t, l.sums.task+lambda*changes/6/transitions, total, 1e-6)
			for i := range back {
				require.InDelta(t, back[i], l.grads[1][i], 1e-6)
			}
			for k := range steps {
				require.InDelta(t, steps[k], l.steps[k], 1e-5)
			}
		}
	}
}

func sign(v float64) float64 {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	default:
		return 0
	}
}

// Of the sparsity loss alone, the flipped gradient is minus the loss, the usual one the loss.
func TestSparsityLossMovesSteps(t *testing.T) {
	top := parse(t, sprintf(rounded, "layer"))
	for _, rule := range []Rule{Flipped, Split, Usual} {
		tr, err := New(top, Options{Seed: 2, Sparsity: 1, StepWeights: []float64{0}, Steps: Steps{Rule: rule}})
		require.NoError(t, err)
		tr.net.steps[0] = 0.25
		loss, l := lossOf(tr, some(top, 20, 3, 7))
		require.Positive(t, loss)
		want := -loss
		if rule == Usual {
			want = loss
		}
		require.InDelta(t, want, l.steps[0], 1e-6)
	}
}

// The shares of layers are those of the multiply-adds that they cause.
func TestShares(t *testing.T) {
	top := parse(t, `
input: {channels: 2, height: 4, width: 4, max: 3}
layers:
  - {name: d0, type: delta}
  - {name: a, type: conv2d, out: 3, kernel: 1}
  - {name: r, type: relu}
  - {name: d1, type: delta}
  - {name: p, type: maxpool, kernel: 2}
  - {name: b, type: conv2d, out: 3, kernel: 1}
  - {name: d2, type: delta}
  - {name: s, type: add, with: p}
  - {name: flat, type: flatten}
  - {name: c, type: linear, out: 5}
`)
	g, err := top.Resolve()
	require.NoError(t, err)
	// a: 2*3*16 of d0; b: 3*3*4 of d1; c: 12*5 of d1, past the addition, and of d2.
	total := 96.0 + 36 + 60 + 60
	require.Equal(t, []float64{0, 96 / total, 0, 0, 96 / total, 0, 0, 60 / total, 0, 0, 0}, shares(g, quantises))
	// The spatial loss stops at the addition, whose values meet the weights.
	total = 96 + 36 + 60
	require.Equal(t, []float64{0, 96 / total, 0, 0, 36 / total, 0, 0, 0, 60 / total, 0, 0}, shares(g, activates))
}
