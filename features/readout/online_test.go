package readout

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/pool"
)

// stream draws events of a sensor of 12x9 pixels with winners of 5 features.
func stream(seed uint64, n int) ([]events.Event, []int16) {
	r := rand.New(rand.NewPCG(seed, 3))
	in, winners := make([]events.Event, n), make([]int16, n)
	for i := range in {
		in[i] = events.Event{T: int64(100 * i), X: uint16(r.IntN(13)), Y: uint16(r.IntN(10)), P: events.Polarity(r.IntN(2))}
		winners[i] = int16(r.IntN(7) - 1)
	}
	return in, winners
}

func someBins(t require.TestingT, c pool.BinsConfig) *pool.Bins {
	c.Pool.Geometry = events.Geometry{Width: 12, Height: 9}
	if c.Pool.Source != pool.SourceEvents {
		c.Pool.Features = 5
	}
	b, err := pool.NewBins(c)
	require.NoError(t, err)
	return b
}

func TestOnlineEqualsRecountingAndTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := pool.BinsConfig{Pool: pool.Config{
			Source:    rapid.SampledFrom([]pool.Source{pool.SourceFeatures, pool.SourceEvents}).Draw(t, "source"),
			Spread:    rapid.SampledFrom([]pool.Spread{pool.SpreadHard, pool.SpreadBilinear}).Draw(t, "spread"),
			Transform: rapid.SampledFrom([]pool.Transform{pool.TransformSqrt, pool.TransformNone}).Draw(t, "transform"),
			Norm:      rapid.SampledFrom([]pool.Norm{pool.NormL2, pool.NormNone}).Draw(t, "norm"),
		}}
		if rapid.Bool().Draw(t, "edges") {
			c.Edges = []int64{3000, 7000}
		}
		b := someBins(t, c)
		m := someModel(t, rapid.Uint64().Draw(t, "seed"), rapid.IntRange(2, 12).Draw(t, "classes"), b.Len())
		o, err := NewOnline(m, b)
		require.NoError(t, err)
		in, winners := stream(rapid.Uint64().Draw(t, "stream"), rapid.IntRange(0, 120).Draw(t, "events"))

		whole := someBins(t, c) // fed as a descriptor is
		for i := range in {
			o.Add(in[i], winners[i])
			whole.Add(in[i:i+1], winners[i:i+1])
			if i%17 != 0 && i != len(in)-1 {
				continue
			}
			// Made anew, of bins whose state went through bytes.
			state, err := whole.MarshalBinary()
			require.NoError(t, err)
			restored := new(pool.Bins)
			require.NoError(t, restored.UnmarshalBinary(state))
			anew, err := NewOnline(m, restored)
			require.NoError(t, err)
			require.Equal(t, anew.sums, o.sums)
			require.Equal(t, anew.lengths, o.lengths)
			require.Equal(t, anew.Counted(), o.Counted())
			want, sure := anew.Decide()
			got, confidence := o.Decide()
			require.Equal(t, want, got)
			requireSame(t, sure, confidence)

			vec := whole.Vector(nil)
			scores, err := m.Scores(nil, vec)
			require.NoError(t, err)
			var size float64 // of what was added up
			for j, v := range vec {
				for k := range scores {
					size = max(size, math.Abs(float64(v)*float64(m.weights[k*m.dim+j])))
				}
			}
			for k, s := range o.Scores() {
				require.InDelta(t, scores[k], s, 1e-3*size+1e-9, "class %d", k)
			}
		}
		o.Reset()
		fresh, err := NewOnline(m, someBins(t, c))
		require.NoError(t, err)
		require.Equal(t, fresh.Scores(), o.Scores())
	})
}

func requireSame(t require.TestingT, want, got float64) {
	require.Equal(t, math.Float64bits(want), math.Float64bits(got))
}

func TestOnlineDecidesAsOftenAsAsked(t *testing.T) {
	b := someBins(t, pool.BinsConfig{})
	m := someModel(t, 1, 3, b.Len())
	o, err := NewOnline(m, b)
	require.NoError(t, err)
	in, winners := stream(1, 100) // one each 100 us
	every := o.Process(in[:60], winners[:60], 0, nil)
	every = o.Process(in[60:], winners[60:], 0, every)
	require.Len(t, every, 100)
	class, confidence := o.Decide()
	require.Equal(t, Decision{T: in[99].T, Class: class, Confidence: confidence}, every[99])

	o.Reset()
	some := o.Process(in[:35], winners[:35], 1000, nil)
	some = o.Process(in[35:], winners[35:], 1000, some)
	require.Len(t, some, 10)
	for i, d := range some {
		require.Equal(t, every[10*i], d)
	}
	require.PanicsWithValue(t, PanicWinners, func() { o.Process(in, winners[:1], 0, nil) })
	require.PanicsWithValue(t, PanicWinners, func() { o.Process(in, nil, 0, nil) })
	_, err = NewOnline(someModel(t, 1, 3, 4), b)
	require.ErrorContains(t, err, "vectors of 4")
}

// Labels that only show in later events: few events are worth nothing, and a
// schedule has to say so.
func TestScheduleIsSureOnlyOfWhatIsKnown(t *testing.T) {
	b := someBins(t, pool.BinsConfig{Pool: pool.Config{CellWidth: 1, CellHeight: 9, Transform: pool.TransformNone}})
	weights := make([][]float32, 2)
	for c := range weights {
		weights[c] = make([]float32, b.Len())
		weights[c][5*c] = 5 // feature 0 in column c
	}
	m, err := NewModel(Parameters{
		Method: Ridge, Classes: []string{"a", "b"}, Weights: weights, Bias: make([]float64, 2), InverseTemperature: 10,
	})
	require.NoError(t, err)
	o, err := NewOnline(m, b)
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(1, 1))
	var trials []Trial
	for i := range 400 {
		trial := Trial{Label: []string{"a", "b"}[i%2], Winners: make([]int16, 64)}
		for k := range 64 {
			e := events.Event{X: uint16(i % 2)}
			if k < 8 {
				e.X = uint16(r.IntN(2)) // noise first
			}
			trial.Events = append(trial.Events, e)
		}
		trials = append(trials, trial)
	}
	s, err := NewSchedule(o, trials[:200])
	require.NoError(t, err)
	require.Len(t, s.betas, 7) // 1, 2, 4 ... 64 events
	require.Zero(t, o.Counted())
	o.SetSchedule(s)
	var early, late float64
	for _, trial := range trials[200:] {
		o.Reset()
		d := o.Process(trial.Events, trial.Winners, 0, nil)
		early += d[0].Confidence / 200
		late += d[63].Confidence / 200
		require.EqualValues(t, 64, o.Counted())
		require.Equal(t, trial.Label, m.Class(d[63].Class))
	}
	require.InDelta(t, 0.5, early, 0.1) // a coin, 200 times
	require.Greater(t, late, 0.99)

	data, err := s.MarshalBinary()
	require.NoError(t, err)
	var read Schedule
	require.NoError(t, read.UnmarshalBinary(data))
	require.Equal(t, s, &read)
	for i := range data {
		damaged := append([]byte(nil), data...)
		damaged[i] ^= 1
		require.Error(t, read.UnmarshalBinary(damaged))
		require.Error(t, read.UnmarshalBinary(data[:i]))
	}
	require.Equal(t, s, &read)
	_, err = new(Schedule).MarshalBinary()
	require.Error(t, err)
	for _, bad := range []Trial{{Label: "c"}, {Label: "a", Winners: make([]int16, 1)}, {Label: "a"}} {
		_, err := NewSchedule(o, []Trial{bad})
		require.Error(t, err)
	}
}

func TestOnlineDoesNotAllocate(t *testing.T) {
	b := someBins(t, pool.BinsConfig{Pool: pool.Config{Spread: pool.SpreadBilinear}})
	o, err := NewOnline(someModel(t, 1, 10, b.Len()), b)
	require.NoError(t, err)
	in, winners := stream(1, 100)
	i := 0
	require.Zero(t, testing.AllocsPerRun(90, func() {
		o.Add(in[i], winners[i])
		o.Decide()
		i++
	}))
}

func BenchmarkOnline(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	in, winners := make([]events.Event, 4096), make([]int16, 4096)
	for i := range in {
		in[i] = events.Event{T: int64(80 * i), X: uint16(r.IntN(34)), Y: uint16(r.IntN(34))}
		winners[i] = int16(r.IntN(32))
	}
	bins, err := pool.NewBins(pool.BinsConfig{
		Pool:  pool.Config{Geometry: events.Geometry{Width: 34, Height: 34}, Features: 32, Spread: pool.SpreadBilinear},
		Edges: []int64{105_000, 210_000},
	})
	require.NoError(b, err)
	m := someModel(b, 1, 10, bins.Len())
	o, err := NewOnline(m, bins)
	require.NoError(b, err)
	run := func(name string, do func()) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				o.Reset()
				do()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(in)), "ns/event")
		})
	}
	dst := make([]Decision, 0, len(in))
	run("count", func() { o.bins.Add(in, winners) })
	run("update", func() {
		for i := range in {
			o.Add(in[i], winners[i])
		}
	})
	run("decide each event", func() { dst = o.Process(in, winners, 0, dst[:0]) })
	run("decide each ms", func() { dst = o.Process(in, winners, 1000, dst[:0]) })
	vec := make([]float32, bins.Len())
	b.Run("whole vector", func(b *testing.B) {
		for b.Loop() {
			_, _, err := m.Predict(bins.Vector(vec))
			require.NoError(b, err)
		}
	})
}
