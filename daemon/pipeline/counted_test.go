package pipeline_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events/mono"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
)

// newCounted is a model whose readout, of random weights, is of the features of two of its
// three layers.
func newCounted(t testing.TB, parts []pool.Part) *model.Model {
	t.Helper()
	m := newStacked(t)
	r, err := m.Pooling(pool.Recipe{Pool: poolConfig(), Parts: parts}, []int{1, 3})
	require.NoError(t, err)
	m.Pool, m.Parts, m.Counted = r.Pool, r.Parts, r.Layers
	rng := rand.New(rand.NewPCG(1, 9))
	par := readout.Parameters{Method: readout.Ridge, Classes: []string{"a", "b", "c"}, Bias: make([]float64, 3), InverseTemperature: 1}
	for range par.Classes {
		row := make([]float32, r.Len())
		for i := range row {
			row[i] = float32(rng.NormFloat64())
		}
		par.Weights = append(par.Weights, row)
	}
	m.Readout, err = readout.NewModel(par)
	require.NoError(t, err)
	return m
}

// What a readout of several layers says is what it says of the vector of all of them, and
// a stream that is cut between any two messages and goes on elsewhere gives the same bits.
func TestCountedLayers(t *testing.T) {
	for name, parts := range descriptors {
		for _, mode := range []pipeline.LabelMode{pipeline.Interval, pipeline.Running} {
			t.Run(name+", "+string(mode), func(t *testing.T) {
				o := options(t, newCounted(t, parts))
				o.Learning, o.LabelMode, o.LabelEvery = false, mode, 3*time.Millisecond
				in := moving(5, 900, 0)
				whole, cut := newPipeline(t, o), newPipeline(t, o)
				want, got := &record{t: t}, &record{t: t}
				for at := 0; at < len(in); at += 90 {
					m := named(message(t, mono.Name, in[at:at+90]), "x")
					m.End = at+90 == len(in)
					want.handle(whole, m)
					state := marshal(t, cut)
					cut = newPipeline(t, o)
					require.NoError(t, cut.UnmarshalBinary(state))
					got.handle(cut, m)
				}
				require.Greater(t, len(want.labels), 3)
				require.Equal(t, want.labels, got.labels)
				require.Equal(t, marshal(t, whole), marshal(t, cut))
				learned, err := whole.Model()
				require.NoError(t, err)
				require.Equal(t, []int{1, 3}, learned.Counted)
				if mode == pipeline.Interval {
					return
				}
				// By itself: the layers, and what each of the two won, in one descriptor.
				s, err := o.Model.Stack(o.Target)
				require.NoError(t, err)
				top := make([]int16, len(in))
				require.NoError(t, s.Process(in, top))
				d, err := o.Model.Recipe().New()
				require.NoError(t, err)
				first := o.Model.Feast.Features()
				for i := range in {
					for l, w := range [][]int16{s.Winners(0), top} {
						f := w[i]
						if f >= 0 {
							f += int16(l * first)
						}
						d.Add(in[i:i+1], []int16{f}) // what is missed tells the time, too
					}
				}
				class, confidence, err := o.Model.Readout.Predict(d.Vector(nil))
				require.NoError(t, err)
				last := want.labels[len(want.labels)-1]
				require.Equal(t, pipeline.KindFinal, last.Kind)
				require.Equal(t, o.Model.Readout.Class(class), last.Label)
				require.Equal(t, confidence, last.Confidence)
			})
		}
	}
}
