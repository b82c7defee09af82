package readout

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/pool"
)

// someDescriptors are one of each kind over the sensor of stream.
func someDescriptors() map[string]pool.Recipe {
	c := pool.Config{Geometry: events.Geometry{Width: 12, Height: 9}, Features: 5, Spread: pool.SpreadBilinear}
	bins, decayed := pool.Part{Kind: pool.KindBins, Edges: []int64{3000, 7000}}, pool.Part{Kind: pool.KindDecayed, Tau: 2000}
	return map[string]pool.Recipe{
		"counts": {Pool: c}, "bins": {Pool: c, Parts: []pool.Part{bins}}, "decayed": {Pool: c, Parts: []pool.Part{decayed}},
		"all": {Pool: c, Parts: []pool.Part{{Kind: pool.KindCounts}, bins, decayed}},
	}
}

func describing(t require.TestingT, r pool.Recipe) pool.Stateful {
	d, err := r.New()
	require.NoError(t, err)
	return d
}

// someReadouts are one of each kind for vectors of a dimension.
func someReadouts(t require.TestingT, dim int) map[string]Classifier {
	d := blobs(5, 60, dim, 3, 2)
	k, _, err := TrainKernel(testContext, d, KernelOptions{Degree: 2, Options: Options{Folds: 2}})
	require.NoError(t, err)
	e, _, err := TrainELM(testContext, d, ELMOptions{Hidden: 20, Options: Options{Folds: 2}})
	require.NoError(t, err)
	n, _, err := TrainKNN(d, KNNOptions{Neighbours: []int{5}})
	require.NoError(t, err)
	return map[string]Classifier{"linear": someModel(t, 3, 3, dim), "kernel": k, "elm": e, "knn": n}
}

// Whatever the readout and the descriptor, decisions do not depend on packets, nor on
// a Running being made anew in between, and are those of the vector.
func TestRunningDecides(t *testing.T) {
	for name, recipe := range someDescriptors() {
		for kind, c := range someReadouts(t, recipe.Len()) {
			t.Run(kind+" on "+name, func(t *testing.T) {
				schedule := &Schedule{betas: []float64{0, 0.5, 1, 2, 4}}
				rapid.Check(t, func(t *rapid.T) {
					s := rapid.SampledFrom([]*Schedule{nil, schedule}).Draw(t, "schedule")
					in, winners := stream(rapid.Uint64().Draw(t, "stream"), rapid.IntRange(1, 100).Draw(t, "events"))
					one, err := NewRunning(c, describing(t, recipe), s, 0)
					require.NoError(t, err)
					d := describing(t, recipe)
					many, err := NewRunning(c, d, s, 0)
					require.NoError(t, err)
					one.Add(in, winners)
					for len(in) > 0 {
						n := rapid.IntRange(1, len(in)).Draw(t, "packet")
						many.Add(in[:n], winners[:n])
						in, winners = in[n:], winners[n:]
						if rapid.Bool().Draw(t, "anew") {
							state, err := d.MarshalBinary()
							require.NoError(t, err)
							d = describing(t, recipe)
							require.NoError(t, d.UnmarshalBinary(state))
							many, err = NewRunning(c, d, s, many.Counted())
							require.NoError(t, err)
						}
					}
					class, confidence, err := one.Decide()
					require.NoError(t, err)
					again, same, err := many.Decide()
					require.NoError(t, err)
					require.Equal(t, class, again)
					require.Equal(t, confidence, same)
					require.Equal(t, one.Counted(), many.Counted())
					want, sure, err := c.Predict(d.Vector(nil))
					require.NoError(t, err)
					require.Equal(t, want, class) // random scores do not tie
					if s == nil {
						require.InDelta(t, sure, confidence, 1e-4)
					}
				})
			})
		}
	}
}

// The largest score is that of the predicted class, of every kind of readout, and
// of what it was made of bytes.
func TestScoresAgreeWithPredictions(t *testing.T) {
	d := blobs(6, 200, 20, 4, 3)
	linear, _, err := Train(t.Context(), d, Options{})
	require.NoError(t, err)
	all := backends(t, d)
	all["linear"] = linear
	for name, c := range all {
		require.Positive(t, c.Bytes(), name)
		for i := range 300 {
			vec := someVector(uint64(i), 20)
			class, _, err := c.Predict(vec)
			require.NoError(t, err)
			scores, err := c.Scores(nil, vec)
			require.NoError(t, err)
			require.Len(t, scores, 4)
			require.Equal(t, slices.Index(scores, slices.Max(scores)), class, "%s: %v", name, scores)
			require.Equal(t, c.Classes()[class], c.Class(class))
		}
		_, err := c.Scores(nil, someVector(1, 19))
		require.ErrorIs(t, err, ErrVector, name)
	}
}

// A trace has the scores of each time that the counted events had doubled, however
// they came.
func TestTrace(t *testing.T) {
	for name, recipe := range someDescriptors() {
		c := someModel(t, 4, 3, recipe.Len())
		in, winners := stream(8, 300)
		r, err := NewRunning(c, describing(t, recipe), nil, 0)
		require.NoError(t, err)
		whole, err := r.Trace(nil, in, winners)
		require.NoError(t, err)
		r.Reset()
		require.Zero(t, r.Counted())
		var parts [][]float64
		for i := range in {
			parts, err = r.Trace(parts, in[i:i+1], winners[i:i+1])
			require.NoError(t, err)
		}
		require.Equal(t, whole, parts, name)
		r.Reset()
		stage := 0
		for i := range in {
			r.Add(in[i:i+1], winners[i:i+1])
			if r.Counted() == 1<<stage && winners[i] >= 0 {
				scores, err := r.Scores()
				require.NoError(t, err)
				require.Equal(t, scores, whole[stage], "%s, stage %d", name, stage)
				stage++
			}
		}
		require.Len(t, whole, stage)
		require.Equal(t, 9, stage) // 256 and more of 300 were counted
	}
}

func TestRunningRefusesAnotherLength(t *testing.T) {
	recipe := someDescriptors()["counts"]
	_, err := NewRunning(someModel(t, 1, 3, recipe.Len()+1), describing(t, recipe), nil, 0)
	require.ErrorContains(t, err, "the readout takes vectors of 31, and the descriptor gives 30")
}

func TestCalibrateRefuses(t *testing.T) {
	scores := [][]float64{{1, 2}}
	_, err := Calibrate([][][]float64{scores}, nil, 2)
	require.ErrorContains(t, err, "1 traces but 0 labels")
	_, err = Calibrate([][][]float64{scores}, []int{2}, 2)
	require.ErrorContains(t, err, "recording 0 is of class 2 of 2")
	_, err = Calibrate([][][]float64{scores}, []int{1}, 3)
	require.ErrorContains(t, err, "recording 0 has 2 scores: expected one for each of 3 classes")
	_, err = Calibrate([][][]float64{{}, {}}, []int{1, 0}, 2)
	require.ErrorContains(t, err, "no events to calibrate with")
}
