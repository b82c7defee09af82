package decide_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

func open(t testing.TB, n *decide.Network, target hw.Target) *decide.Decider {
	t.Helper()
	d, err := decide.New(n, target)
	require.NoError(t, err)
	return d
}

// stream is events of a sensor of 6x5 pixels, with silences.
func stream(seed uint64, n int) []events.Event {
	in := hwtest.Streams(events.Geometry{Width: 6, Height: 5}, n, seed)[0].Events
	for i := range in {
		in[i].T += int64(i/50) * 5000
	}
	return in
}

// byHand is what is decided on the frames up to one, from the dense network.
func byHand(t testing.TB, n *decide.Network, all [][]int32, from, to int) (class int, confidence float64) {
	engine, err := delta.NewEngineWith(n.Net, purego(t), delta.Options{Mode: delta.AlwaysDense})
	require.NoError(t, err)
	mean := make([]float64, len(n.Labels))
	for i, values := range all[:to] {
		output, err := engine.Step(values)
		require.NoError(t, err)
		if i < from {
			continue
		}
		for c, v := range n.Net.Real(nil, output) {
			mean[c] += v / float64(to-from)
		}
	}
	sum := 0.0
	for c, v := range mean {
		if v > mean[class] {
			class = c
		}
		sum += math.Exp(v)
	}
	return class, math.Exp(mean[class]) / sum
}

// A decider says of a recording what the dense network says of its frames; and no
// recording knows of those before it.
func TestDecisions(t *testing.T) {
	n := network(t, small(), 2)
	d := open(t, n, purego(t))
	for r := range uint64(3) {
		in := stream(r, 400)
		all, err := frames.All(n.Frames, in, nil)
		require.NoError(t, err)
		d.Reset()
		seen, since := 0, 0
		check := func(s *decide.Step) error {
			require.Equal(t, all[seen], s.Frame.Values)
			seen++
			if seen%3 == 0 { // intervals of three frames
				class, confidence := byHand(t, n, all, since, seen)
				got := d.Recent()
				require.Equal(t, class, got.Class)
				require.InDelta(t, confidence, got.Confidence, 1e-9)
				require.EqualValues(t, 3, got.Frames)
				d.Forget()
				since = seen
			}
			return nil
		}
		require.NoError(t, d.Add(in, nil, check))
		require.NoError(t, d.End(check))
		require.Len(t, all, seen)
		class, confidence := byHand(t, n, all, 0, seen)
		got := d.All()
		require.Equal(t, class, got.Class)
		require.InDelta(t, confidence, got.Confidence, 1e-9)
		require.EqualValues(t, len(in), got.Events)
		require.EqualValues(t, seen, got.Frames)
		require.Equal(t, in[0].T, got.First)
		require.GreaterOrEqual(t, got.Last, in[len(in)-1].T)
	}
	c := d.Counters()
	require.EqualValues(t, 3, c.First)
	done, dense := c.MACs()
	require.Equal(t, c.Frames*uint64(n.Net.Topology().Layers[1].Out*n.Frames.Len()+48+18), dense)
	require.Less(t, done, dense)
	require.Positive(t, c.Empty)
	require.Positive(t, c.Skipped)
	a, b, later := c.PerFrame()
	require.InDelta(t, float64(done), a*float64(c.Frames), 1e-3)
	require.InDelta(t, float64(dense), b*float64(c.Frames), 1e-3)
	require.Less(t, later, a, "first frames are computed whole")
}

// Packets, states in between and targets change nothing.
func TestTheSameBits(t *testing.T) {
	n := network(t, small(), 3)
	type said struct {
		output         [3]int32
		recent, all    decide.Decision
		events, frames uint64
	}
	hwtest.Targets(t, func(t *testing.T, target hw.Target) {
		rapid.Check(t, func(rt *rapid.T) {
			var want, got []said
			whole, parts := open(t, n, purego(t)), open(t, n, target)
			say := func(d **decide.Decider, to *[]said) func(*decide.Step) error {
				return func(s *decide.Step) error {
					*to = append(*to, said{[3]int32(s.Output), (*d).Recent(), (*d).All(), s.Frame.Events, s.Frame.Index})
					if len(*to)%4 == 0 {
						(*d).Forget()
					}
					return nil
				}
			}
			for range rapid.IntRange(1, 3).Draw(rt, "recordings") {
				in := stream(rapid.Uint64().Draw(rt, "seed"), rapid.IntRange(0, 200).Draw(rt, "events"))
				whole.Reset()
				parts.Reset()
				require.NoError(t, whole.Add(in, nil, say(&whole, &want)))
				for len(in) > 0 {
					k := rapid.IntRange(1, len(in)).Draw(rt, "packet")
					require.NoError(t, parts.Add(in[:k], nil, say(&parts, &got)))
					in = in[k:]
					if rapid.Bool().Draw(rt, "state") {
						b := marshal(t, parts)
						parts = open(t, n, target)
						require.NoError(t, parts.UnmarshalBinary(b))
						require.Equal(t, b, marshal(t, parts))
					}
				}
				if rapid.Bool().Draw(rt, "end") {
					require.NoError(t, whole.End(say(&whole, &want)))
					require.NoError(t, parts.End(say(&parts, &got)))
				}
			}
			require.Equal(t, want, got)
			require.Equal(t, whole.Counters(), parts.Counters())
			require.Equal(t, marshal(t, whole), marshal(t, parts))
		})
	})
}

// louder is a network whose outputs are worth so much more.
func louder(t testing.TB, n *decide.Network, times float64) *decide.Network {
	t.Helper()
	out := *n
	var params []delta.Params
	for i := range n.Net.Topology().Layers {
		params = append(params, *n.Net.Params(i))
	}
	scales := delta.Scales{Input: 1}
	for _, v := range n.Net.Scales().Output {
		scales.Output = append(scales.Output, times*v)
	}
	var err error
	out.Net, err = delta.New(n.Net.Topology(), params, scales)
	require.NoError(t, err)
	return &out
}

func TestCalibrate(t *testing.T) {
	n := louder(t, network(t, small(), 4), 50) // far too sure
	var trials []decide.Trial
	d := open(t, n, purego(t))
	for seed := range uint64(30) {
		in := stream(seed, 300)
		all, err := frames.All(n.Frames, in, nil)
		require.NoError(t, err)
		d.Reset()
		require.NoError(t, d.Add(in, nil, func(*decide.Step) error { return nil }))
		require.NoError(t, d.End(func(*decide.Step) error { return nil }))
		class := d.All().Class
		if seed%3 == 0 {
			class = (class + 1) % 3 // a third of the decisions is wrong
		}
		trials = append(trials, decide.Trial{Frames: all, Class: class})
	}
	calibrated, err := decide.Calibrate(n, purego(t), trials)
	require.NoError(t, err)
	require.Nil(t, n.Whole, "what is handed in stays")
	loss := func(n *decide.Network) (sum float64) {
		d := open(t, n, purego(t))
		for seed := range uint64(30) {
			d.Reset()
			require.NoError(t, d.Add(stream(seed, 300), nil, func(*decide.Step) error { return nil }))
			require.NoError(t, d.End(func(*decide.Step) error { return nil }))
			got := d.All()
			right := got.Confidence
			if seed%3 == 0 {
				right = (1 - right) / 2 // about what is left for the true one
			}
			sum -= math.Log(max(right, 1e-300)) / 30
		}
		return sum
	}
	require.Less(t, loss(calibrated), math.Log(3), "better than to say nothing")
	require.Greater(t, loss(n), 1.2*math.Log(3), "which was not so before")

	trials[3].Class = 3
	_, err = decide.Calibrate(n, purego(t), trials)
	require.ErrorContains(t, err, "is of class 3 of 3")
	trials[2].Frames = [][]int32{{1}}
	_, err = decide.Calibrate(n, purego(t), trials)
	require.ErrorContains(t, err, "recording 2, frame 0: ")
}

func TestStepsDoNotAllocate(t *testing.T) {
	d := open(t, network(t, small(), 5), purego(t))
	in := stream(1, 200)
	then := func(*decide.Step) error { d.Recent(); d.Forget(); return nil }
	require.NoError(t, d.Add(in, nil, then)) // the first frame is looked at more closely
	at := int64(0)
	require.LessOrEqual(t, testing.AllocsPerRun(5, func() {
		at += 1_000_000
		for i := range in {
			in[i].T += at
		}
		if d.Add(in, nil, then) != nil {
			t.Error("an error")
		}
	}), 2., "for the functions that are handed down")
}

// A flatten sends nothing of its own, and the others what the engine says.
func TestWhatIsSent(t *testing.T) {
	n := network(t, small(), 6)
	d := open(t, n, purego(t))
	engine, err := delta.NewEngine(n.Net, purego(t))
	require.NoError(t, err)
	in := stream(1, 300)
	then := func(s *decide.Step) error {
		_, err := engine.Step(s.Frame.Values)
		return err
	}
	require.NoError(t, d.Add(in, nil, then))
	got, want := d.Counters(), engine.Counters()
	sent := uint64(0)
	for i, l := range got.Layers {
		require.Equal(t, want.Layers[i].Layer, l.Layer)
		require.Equal(t, want.Layers[i].TotalMACs, l.MACs)
		if l.Layer == "flat" {
			require.Zero(t, l.Sent)
			require.Positive(t, want.Layers[i].TotalSent)
			continue
		}
		require.Equal(t, want.Layers[i].TotalSent, l.Sent, l.Layer)
		require.Equal(t, uint64(l.Neurons)*got.Frames, l.Values)
		require.LessOrEqual(t, l.Density(), 1.)
		sent += l.Sent
	}
	require.Equal(t, sent, got.Sent())
	require.Positive(t, sent)
}
