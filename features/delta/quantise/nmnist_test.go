package quantise_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// The network of the test: random features and a trained layer on them, which is no
// good network, but one of real numbers on real streams.
const random256 = `
name: random256
input: {channels: 1, height: 34, width: 34, max: 15}
layers:
  - {name: flat, type: flatten}
  - {name: hidden, type: linear, out: 256}
  - {name: relu, type: relu}
  - {name: delta, type: delta, levels: %d}
  - {name: logits, type: linear, out: 10}
`

// recording is a stream of frames: every 10 ms, the events of the last 100 ms counted
// by pixel, to 15 at most.
type recording struct {
	label  int
	frames [][]int32
}

func recordings(t testing.TB, step int) (out []recording) {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("SACCADE_DATA is not set: it names the folder with the real recordings")
	}
	list, err := nmnist.Folder(filepath.Join(data, "nmnist", "Train"))
	require.NoError(t, err)
	for i := 0; i < len(list); i += step {
		raw, err := os.ReadFile(list[i].Path)
		require.NoError(t, err)
		label, err := strconv.Atoi(list[i].Label)
		require.NoError(t, err)
		out = append(out, recording{label, framesOf(raw)})
	}
	return out
}

func framesOf(raw []byte) (out [][]int32) {
	const interval, window, most = 10_000, 10, 15
	counts := make([][]int32, 0, 40)
	for ; len(raw) >= 5; raw = raw[5:] {
		at := (int(raw[2]&0x7f)<<16 | int(raw[3])<<8 | int(raw[4])) / interval
		if at >= 40 || raw[0] >= 34 || raw[1] >= 34 {
			continue
		}
		for len(counts) <= at {
			counts = append(counts, make([]int32, 34*34))
		}
		counts[at][int(raw[1])*34+int(raw[0])]++
	}
	for k := range counts {
		frame := make([]int32, 34*34)
		for _, c := range counts[max(0, k-window+1) : k+1] {
			for i, v := range c {
				frame[i] += v
			}
		}
		for i := range frame {
			frame[i] = min(frame[i], most)
		}
		out = append(out, frame)
	}
	return out
}

// trained are parameters whose last layer was fitted, by ridge regression, to what the
// random features are on average over a recording.
func trained(t testing.TB, top *topology.Topology, train []recording) quantise.Params {
	rng := rand.New(rand.NewPCG(1, 1))
	p := quantise.Params{Input: 1, Layers: map[string]quantise.Layer{}}
	var hidden quantise.Layer
	for range 256 * 34 * 34 {
		hidden.Weights = append(hidden.Weights, rng.NormFloat64()/30)
	}
	for range 256 {
		hidden.Bias = append(hidden.Bias, rng.NormFloat64()/10)
	}
	p.Layers["hidden"] = hidden
	p.Layers["logits"] = quantise.Layer{Weights: make([]float64, 2560), Bias: make([]float64, 10)}
	p.Layers["delta"] = quantise.Layer{Steps: []float64{1e-6}} // read before it is quantised
	r, err := quantise.NewReference(top, p)
	require.NoError(t, err)
	h, y := mat.NewDense(len(train), 257, nil), mat.NewDense(len(train), 10, nil)
	for k, rec := range train {
		for _, frame := range rec.frames {
			_, err := r.Step(frame)
			require.NoError(t, err)
			for i, v := range r.Values(2) {
				h.Set(k, i, h.At(k, i)+v/float64(len(rec.frames)))
			}
		}
		h.Set(k, 256, 1)
		y.Set(k, rec.label, 1)
	}
	var gram, right, w mat.Dense
	gram.Mul(h.T(), h)
	// Little regularisation would give weights that are large and cancel each other, of
	// which 8 bits are not enough.
	ridge := mat.Trace(&gram) / 257 / 100
	for i := range 256 {
		gram.Set(i, i, gram.At(i, i)+ridge)
	}
	right.Mul(h.T(), y)
	require.NoError(t, w.Solve(&gram, &right))
	for o := range 10 {
		for i := range 256 {
			p.Layers["logits"].Weights[o*256+i] = w.At(i, o)
		}
		p.Layers["logits"].Bias[o] = w.At(256, o)
	}
	delete(p.Layers, "delta")
	return p
}

func best(sums []float64) int { return slices.Index(sums, slices.Max(sums)) }

// On real recordings the integer network decides as that of real numbers, with a part of
// the multiply-adds; the more, the fewer levels there are. Recordings of training alone
// are used: three quarters to fit, the rest to look at.
func TestRecordings(t *testing.T) {
	step := 8
	if os.Getenv("SACCADE_SLOW") != "" {
		step = 1
	}
	all := recordings(t, step)
	var train, rest []recording
	for i, r := range all {
		if i%4 == 3 {
			rest = append(rest, r)
		} else {
			train = append(train, r)
		}
	}
	first, err := topology.Parse(fmt.Appendf(nil, random256, 127), "")
	require.NoError(t, err)
	fitted := trained(t, first, train)
	for _, levels := range []int{127, 7} {
		top, err := topology.Parse(fmt.Appendf(nil, random256, levels), "")
		require.NoError(t, err)
		p, err := quantise.Calibrate(t.Context(), top, fitted, func(yield func([]int32) bool) {
			for _, r := range train[:20] {
				for _, frame := range r.frames {
					if !yield(frame) {
						return
					}
				}
			}
		})
		require.NoError(t, err)
		n, _, err := quantise.Quantise(top, p)
		require.NoError(t, err)
		e, err := delta.NewEngine(n, target(t))
		require.NoError(t, err)
		r, err := quantise.NewReference(top, p)
		require.NoError(t, err)
		right, rightReal, agree, steps := 0, 0, 0, 0
		var done, dense uint64
		var apart float64
		for _, rec := range rest {
			e.Reset()
			sums, reals := make([]float64, 10), make([]float64, 10)
			for _, frame := range rec.frames {
				got, err := e.Step(frame)
				require.NoError(t, err)
				want, err := r.Step(frame)
				require.NoError(t, err)
				for k, v := range n.Real(nil, got) {
					sums[k] += v
					reals[k] += want[k]
					apart = max(apart, math.Abs(v-want[k]))
				}
				if best(n.Real(nil, got)) == best(want) {
					agree++
				}
				steps++
			}
			if best(sums) == rec.label {
				right++
			}
			if best(reals) == rec.label {
				rightReal++
			}
			c := e.Counters()
			macs, every := c.TotalMACs()
			done, dense = done+macs, dense+every
		}
		t.Logf("%d levels, %d recordings to fit, %d to look at: right %d in integers, %d in real numbers; the same decision in %.2f %% of %d steps, outputs apart by %.4f at most; %.1f of %.0f thousand multiply-adds a step (%.2f %%)",
			levels, len(train), len(rest), right, rightReal, 100*float64(agree)/float64(steps), steps, apart,
			float64(done)/float64(steps)/1e3, float64(dense)/float64(steps)/1e3, 100*float64(done)/float64(dense))
		for _, c := range e.Counters().Layers {
			t.Logf("  %-7s last recording: sent %d of %d values, standing for %d multiply-adds; %d zeros; %d bytes of state; dense form in %d of %d steps",
				c.Layer, c.TotalSent, uint64(c.Neurons)*e.Counters().Steps, c.TotalFanOut, c.TotalZeros, c.StateBytes, c.DenseSteps, e.Counters().Steps)
		}
		require.InDelta(t, rightReal, right, 0.02*float64(len(rest))+1)
		require.Greater(t, float64(agree)/float64(steps), 0.9)
		require.Less(t, float64(done)/float64(dense), 0.2)
	}
}
