package learn_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/train"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/stack"
)

// twoLayers is a model of two layers, whose weights are random.
func twoLayers(t *testing.T) *model.Model {
	t.Helper()
	second := small()
	second.Neurons, second.Border = 3, feast.BorderZero
	s, err := stack.New(stack.Of(small(), stack.Config{Feast: second, Pool: 2}), purego(t))
	require.NoError(t, err)
	m := new(model.Model)
	m.SetStack(s)
	return m
}

// framings are frames of each kind of source.
var framings = map[string]frames.Config{
	"raw":   {Every: 20 * time.Millisecond, Pool: 2},
	"last":  {Source: frames.Features, Every: 30 * time.Millisecond, Pool: 4, Kind: frames.Surface, Tau: 40 * time.Millisecond},
	"lower": {Source: frames.Features, Layer: 1, Events: 500, Pool: 4},
}

// winners are what a layer of a model answers to a recording, one layer after the other.
func winners(t *testing.T, m *model.Model, c frames.Config, in []events.Event) []int16 {
	t.Helper()
	s, err := m.Stack(purego(t))
	require.NoError(t, err)
	out := make([]int16, len(in))
	require.NoError(t, s.Process(in, out))
	if c.Layer == 1 {
		out = s.Winners(0)
	}
	return out
}

// However many cores make them, the frames are those of one recording after the other.
func TestFramesEqualSerial(t *testing.T) {
	in, m := shared.Recordings(t)[:12], twoLayers(t)
	for name, c := range framings {
		complete, err := decide.Complete(c, m.Layers())
		require.NoError(t, err)
		var want [][][]int32
		total := int64(0)
		for _, r := range in {
			list := stream(t, r)
			total += int64(len(list))
			all, err := frames.All(complete, list, winners(t, m, c, list))
			require.NoError(t, err)
			want = append(want, all)
		}
		for _, cores := range []int{1, 5} {
			onCores(cores, func() {
				var steps atomic.Int64
				s, err := learn.Frames(t.Context(), m, purego(t), c, in, func() { steps.Add(1) })
				require.NoError(t, err, name)
				require.Equal(t, int64(len(in)), steps.Load())
				require.Equal(t, complete, s.Config)
				require.Equal(t, total, s.Events)
				require.Equal(t, len(in), s.Len())
				frames, nonzero := 0, 0
				for i := range in {
					got, sequence := s.Trial(i), s.Sequence(i)
					require.True(t, slices.EqualFunc(want[i], got.Frames, slices.Equal), name)
					require.Equal(t, in[i].Label, s.Label(i))
					require.Equal(t, in[i].Label, s.Classes[got.Class])
					require.Equal(t, got.Class, sequence.Label)
					require.Equal(t, []int{len(want[i]), len(want[i])}, []int{sequence.Steps, s.Steps(i)})
					var levels []int16
					for _, values := range want[i] {
						frames++
						for _, v := range values {
							levels = append(levels, int16(v))
							if v != 0 {
								nonzero++
							}
						}
					}
					require.True(t, slices.Equal(levels, sequence.Levels), name)
				}
				require.Equal(t, frames, s.Frames())
				require.InDelta(t, float64(nonzero)/float64(frames*complete.Len()), s.Density(), 1e-12)
				require.GreaterOrEqual(t, s.Bytes(), int64(6*nonzero))
				some := s.Subset([]int{7, 2})
				require.Equal(t, []string{s.Label(7), s.Label(2)}, []string{some.Label(0), some.Label(1)})
				require.Equal(t, s.Trial(2), some.Trial(1))
				require.Equal(t, s.Classes, some.Classes)
			})
		}
	}
}

// What is in memory gives the same frames as what is in files.
func TestFramesOf(t *testing.T) {
	in, m := shared.Recordings(t)[:6], twoLayers(t)
	var labels []string
	for _, r := range in {
		labels = append(labels, r.Label)
	}
	read := func(i int) ([]events.Event, error) { return stream(t, in[i]), nil }
	want, err := learn.Frames(t.Context(), m, purego(t), framings["last"], in, nil)
	require.NoError(t, err)
	got, err := learn.FramesOf(t.Context(), m, purego(t), framings["last"], labels, read, nil)
	require.NoError(t, err)
	require.Equal(t, want.Events, got.Events)
	for i := range in {
		require.Equal(t, want.Trial(i), got.Trial(i))
	}
	refused := errors.New("nothing there")
	_, err = learn.FramesOf(t.Context(), m, purego(t), framings["raw"], labels, func(int) ([]events.Event, error) { return nil, refused }, nil)
	require.ErrorIs(t, err, refused)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = learn.FramesOf(ctx, m, purego(t), framings["raw"], labels, read, nil)
	require.ErrorIs(t, err, context.Canceled)
}

func TestFramesRefused(t *testing.T) {
	in, m := shared.Recordings(t)[:4], twoLayers(t)
	_, err := learn.Frames(t.Context(), nil, purego(t), framings["raw"], in, nil)
	require.ErrorContains(t, err, "frames: geometry 0x0")
	c := framings["last"]
	c.Width, c.Height, c.Features = 34, 34, 3
	_, err = learn.Frames(t.Context(), nil, purego(t), c, in, nil)
	require.ErrorContains(t, err, `expected a model for source "features", found none`)
	c.Layer = 3
	_, err = learn.Frames(t.Context(), m, purego(t), c, in, nil)
	require.ErrorContains(t, err, "layer 3: expected 1 to 2")
	_, err = learn.Frames(t.Context(), m, purego(t), frames.Config{Every: time.Microsecond}, in, nil)
	require.ErrorContains(t, err, in[0].Path)
	require.ErrorContains(t, err, fmt.Sprintf("at most %d frames", train.MaxSteps))
	for name, d := range damaged(t) {
		_, err := learn.Frames(t.Context(), m, purego(t), framings["raw"], slices.Concat(in, []nmnist.Recording{d.recording}), nil)
		require.ErrorContains(t, err, d.recording.Path, name)
		require.ErrorContains(t, err, d.says, name)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = learn.Frames(ctx, m, purego(t), framings["raw"], in, nil)
	require.ErrorIs(t, err, context.Canceled)
}

// withNetwork puts a network of random weights behind a model.
func withNetwork(t *testing.T, m *model.Model, c frames.Config, labels ...string) *model.Model {
	t.Helper()
	c, err := decide.Complete(c, m.Layers())
	require.NoError(t, err)
	top, err := topology.Parse(fmt.Appendf(nil, "input: {channels: %d, height: %d, width: %d, max: %d}\nlayers:\n  - {name: flat, type: flatten}\n  - {name: out, type: linear, out: %d}\n",
		c.Planes(), c.Rows(), c.Columns(), c.Levels, len(labels)), "test")
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(4, 4))
	weights := make([]int8, len(labels)*c.Len())
	for i := range weights {
		weights[i] = int8(rng.IntN(255) - 127)
	}
	net, err := delta.New(top, []delta.Params{{}, {Weights8: weights, Bias: make([]int32, len(labels))}}, delta.Scales{Input: 1, Output: []float64{0.001}})
	require.NoError(t, err)
	m.Network = &decide.Network{Frames: c, Net: net, Labels: labels}
	require.NoError(t, m.Validate())
	return m
}

// What a network makes of recordings is what a decider makes of them one by one, on any
// number of cores.
func TestRecognise(t *testing.T) {
	in := shared.Recordings(t)[:10]
	for name, c := range framings {
		m := withNetwork(t, twoLayers(t), c, "0", "1", "2")
		d, err := decide.New(m.Network, purego(t))
		require.NoError(t, err)
		want := new(learn.Recognised)
		for _, r := range in {
			list := stream(t, r)
			d.Reset()
			var course learn.Course
			decision := func(got decide.Decision) learn.Decision {
				return learn.Decision{Time: got.Last - list[0].T, Events: int64(got.Events), Class: got.Class, Confidence: got.Confidence}
			}
			then := func(*decide.Step) error {
				course.Singles, course.Soon = append(course.Singles, decision(d.Recent())), append(course.Soon, decision(d.All()))
				d.Forget()
				return nil
			}
			require.NoError(t, d.Add(list, winners(t, m, c, list), then))
			require.NoError(t, d.End(then))
			course.Final = decision(d.All())
			require.Equal(t, course.Soon[len(course.Soon)-1], course.Final)
			want.Recordings = append(want.Recordings, course)
			want.Events += int64(len(list))
		}
		want.Counters = d.Counters()
		for _, cores := range []int{1, 3} {
			onCores(cores, func() {
				got, err := learn.Recognise(t.Context(), m, purego(t), in, nil)
				require.NoError(t, err)
				require.Equal(t, want, got, name)
			})
		}
	}
	_, err := learn.Recognise(t.Context(), twoLayers(t), purego(t), in, nil)
	require.ErrorContains(t, err, "expected a model with a network, found none")
	m := withNetwork(t, twoLayers(t), framings["raw"], "0")
	for name, c := range damaged(t) {
		_, err := learn.Recognise(t.Context(), m, purego(t), append(slices.Clone(in), c.recording), nil)
		require.ErrorContains(t, err, c.recording.Path, name)
		require.ErrorContains(t, err, c.says, name)
	}
}
