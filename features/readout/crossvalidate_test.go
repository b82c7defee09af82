package readout

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// testContext is for helpers that tests and property tests share.
var testContext = context.Background()

// What cross-validation says of a method must be what fresh samples get, and what it
// says of labels without sense must be chance: nothing may have been chosen by the
// samples that are held out.
func TestCrossValidateIsHonest(t *testing.T) {
	all := blobs(3, 1700, 20, 4, 1.6)
	d := Data{Rows: all.Rows[:200], Labels: all.Labels[:200]}
	fresh := Data{Rows: all.Rows[200:], Labels: all.Labels[200:]}
	for _, m := range Methods() {
		o := Training{Method: m, Hidden: 60, Degree: 2, Options: Options{Seed: 1}}
		var steps []int
		o.Options.Progress = func(done, total int) { steps = append(steps, done, total) }
		cv, err := CrossValidate(t.Context(), d, o)
		require.NoError(t, err)
		require.Equal(t, []int{1, 5, 2, 5, 3, 5, 4, 5, 5, 5}, steps)
		require.Len(t, cv.Readouts, 5)
		c, _, err := o.Train(t.Context(), d)
		require.NoError(t, err)
		confusion, err := Evaluate(c, fresh)
		require.NoError(t, err)
		require.Greater(t, confusion.Accuracy(), 0.5, m)
		require.InDelta(t, confusion.Accuracy(), cv.Confusion.Accuracy(), 0.08, m)
		t.Logf("%s: %.3f of fresh samples, %.3f by cross-validation", m, confusion.Accuracy(), cv.Confusion.Accuracy())

		senseless := Data{Rows: d.Rows}
		for i := range d.Rows {
			senseless.Labels = append(senseless.Labels, string(rune('a'+i*7919%311%3)))
		}
		cv, err = CrossValidate(t.Context(), senseless, o)
		require.NoError(t, err)
		require.InDelta(t, 1.0/3, cv.Confusion.Accuracy(), 0.12, m)
	}
}

// Every sample is judged by the readout that had not seen it, in folds that are the
// same for all methods.
func TestCrossValidateHoldsOut(t *testing.T) {
	d := blobs(4, 60, 5, 3, 3)
	var fold []int
	for _, m := range Methods() {
		cv, err := CrossValidate(t.Context(), d, Training{Method: m, Hidden: 10, Options: Options{Seed: 5, Folds: 4}})
		require.NoError(t, err)
		require.Equal(t, 4, cv.Folds)
		if fold == nil {
			fold = cv.Fold
		}
		require.Equal(t, fold, cv.Fold)
		for i, row := range d.Rows {
			class, _, err := cv.Readouts[cv.Fold[i]].Predict(row)
			require.NoError(t, err)
			require.Equal(t, class, cv.Predicted[i])
		}
		require.Equal(t, 60, cv.Confusion.Total())
	}
	// Other rows in a fold do not change the readout that does not see them.
	cv, err := CrossValidate(t.Context(), d, Training{Options: Options{Seed: 5, Folds: 4}})
	require.NoError(t, err)
	changed := Data{Labels: d.Labels}
	for i, row := range d.Rows {
		if fold[i] == 2 {
			row = someVector(uint64(i), 5)
		}
		changed.Rows = append(changed.Rows, row)
	}
	other, err := CrossValidate(t.Context(), changed, Training{Options: Options{Seed: 5, Folds: 4}})
	require.NoError(t, err)
	require.Equal(t, cv.Readouts[2], other.Readouts[2])
	require.NotEqual(t, cv.Readouts[1], other.Readouts[1])
}

func TestCrossValidateOfFewSamples(t *testing.T) {
	d := blobs(4, 6, 5, 3, 3) // two of each class
	_, err := CrossValidate(t.Context(), d, Training{})
	require.ErrorIs(t, err, ErrFewSamples)
	require.ErrorContains(t, err, "has 2, which leaves 1 outside one of 2 folds")
	cv, err := CrossValidate(t.Context(), d, Training{Method: MethodKNN})
	require.NoError(t, err)
	require.Equal(t, 6, cv.Confusion.Total())

	_, err = CrossValidate(t.Context(), d, Training{Method: "svm"})
	require.ErrorIs(t, err, ErrFewSamples)
	_, _, err = Training{Method: "svm"}.Train(t.Context(), d)
	require.EqualError(t, err, `readout: unknown method "svm": known are ["ridge" "logistic" "elm" "kernel" "knn"]`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, m := range Methods() {
		_, _, err = Training{Method: m, Hidden: 5}.Train(ctx, blobs(4, 30, 5, 3, 3))
		require.ErrorIs(t, err, context.Canceled, m)
	}
}
