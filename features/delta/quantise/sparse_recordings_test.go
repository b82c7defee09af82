package quantise_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// sparse256 is random256 with a layer that leaves values out behind its levels.
const sparse256 = `
name: sparse256
input: {channels: 1, height: 34, width: 34, max: 15}
layers:
  - {name: flat, type: flatten}
  - {name: hidden, type: linear, out: 256}
  - {name: relu, type: relu}
  - {name: delta, type: delta, levels: 127}
  - {name: sparse, %s}
  - {name: logits, type: linear, out: 10}
`

// On real recordings, what is left of the hidden values, what is sent of them, and what
// that costs in decisions of a network that was not trained for it.
func TestSparseRecordings(t *testing.T) {
	step := 16
	if os.Getenv("SACCADE_SLOW") != "" {
		step = 1
	}
	var train, rest []recording
	for i, r := range recordings(t, step) {
		if i%4 == 3 {
			rest = append(rest, r)
		} else {
			train = append(train, r)
		}
	}
	dense, err := topology.Parse(fmt.Appendf(nil, random256, 127), "")
	require.NoError(t, err)
	fitted := trained(t, dense, train)
	calibrated, err := quantise.Calibrate(t.Context(), dense, fitted, func(yield func([]int32) bool) {
		for _, r := range train[:20] {
			for _, frame := range r.frames {
				if !yield(frame) {
					return
				}
			}
		}
	})
	require.NoError(t, err)
	q := calibrated.Layers["delta"].Steps[0]
	var sent []float64
	for _, c := range []struct {
		layer string
		bound float64
		kept  float64 // at most
	}{
		{"type: topk, share: 1", 0, 1},
		{"type: topk, share: 0.25", 0, 0.25},
		{"type: topk, share: 0.1", 0, 26.0 / 256},
		{"type: topk, share: 0.03", 0, 8.0 / 256},
		{"type: cut", 4 * q, 1},
		{"type: cut", 16 * q, 1},
	} {
		top, err := topology.Parse(fmt.Appendf(nil, sparse256, c.layer), "")
		require.NoError(t, err)
		p := quantise.Params{Input: calibrated.Input, Layers: map[string]quantise.Layer{}}
		for name, l := range calibrated.Layers {
			p.Layers[name] = l
		}
		if c.bound > 0 {
			p.Layers["sparse"] = quantise.Layer{Bound: c.bound}
		}
		n, rounded, err := quantise.Quantise(top, p)
		require.NoError(t, err)
		e, err := delta.NewEngine(n, target(t))
		require.NoError(t, err)
		d := delta.NewDense(n)
		r, err := quantise.NewReference(top, rounded)
		require.NoError(t, err)
		right, agree, steps := 0, 0, 0
		var left, of, zeros uint64
		for k, rec := range rest {
			e.Reset()
			sums := make([]float64, 10)
			for _, frame := range rec.frames {
				got, err := e.Step(frame)
				require.NoError(t, err)
				want, err := r.Step(frame)
				require.NoError(t, err)
				for k, v := range n.Real(nil, got) {
					sums[k] += v
				}
				if best(n.Real(nil, got)) == best(want) {
					agree++
				}
				steps++
				if k == 0 { // the definition is slow
					exact, err := d.Step(frame)
					require.NoError(t, err)
					require.Equal(t, exact, got)
				}
			}
			if best(sums) == rec.label {
				right++
			}
			for _, l := range e.Counters().Layers {
				if l.Layer == "sparse" {
					left, zeros = left+l.TotalSent, zeros+l.TotalZeros
					of += uint64(l.Neurons) * uint64(len(rec.frames))
				}
			}
		}
		kept, passed := 1-float64(zeros)/float64(of), float64(left)/float64(of)
		t.Logf("%-24s bound %2.0f steps: right %d of %d; %.1f %% of the values are not zero, %.1f %% sent; the same decision as in real numbers in %.2f %%",
			c.layer, c.bound/q, right, len(rest), 100*kept, 100*passed, 100*float64(agree)/float64(steps))
		require.LessOrEqual(t, kept, c.kept)
		require.Greater(t, float64(agree)/float64(steps), 0.95)
		sent = append(sent, passed)
	}
	require.Less(t, sent[3], sent[0]/2, "of few values that are kept few change")
}
