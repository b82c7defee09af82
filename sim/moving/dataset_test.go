package moving

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/saccade-dev/saccade/sim/digits"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func collect(t *testing.T, d *DataSet, workers int) []Recording {
	var all []Recording
	for r, err := range d.All(t.Context(), workers) {
		require.NoError(t, err)
		all = append(all, r)
	}
	return all
}

func TestDataSetIsTheSameForAnyNumberOfWorkers(t *testing.T) {
	d, err := NewDataSet(fonts(t), short(), 23, 7)
	require.NoError(t, err)
	want := collect(t, d, 1)
	require.Len(t, want, 23)
	for _, workers := range []int{2, 5, 40} {
		require.Equal(t, want, collect(t, d, workers))
	}
	// In any order, one by one.
	for i := d.Len() - 1; i >= 0; i -= 3 {
		r, err := d.Recording(t.Context(), i)
		require.NoError(t, err)
		require.Equal(t, want[i], r)
		require.Equal(t, i, r.Index)
		require.Equal(t, d.Label(i), r.Label)
	}
	other, err := NewDataSet(fonts(t), short(), 23, 8)
	require.NoError(t, err)
	require.NotEqual(t, want, collect(t, other, 2))
}

func TestAllEndsEarly(t *testing.T) {
	d, err := NewDataSet(fonts(t), short(), 1000, 1)
	require.NoError(t, err)
	n := 0
	for _, err := range d.All(t.Context(), 3) {
		require.NoError(t, err)
		if n++; n == 2 {
			break
		}
	}
	goleak.VerifyNone(t, goleak.IgnoreCurrent())

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n = 0
	var last error
	for _, err := range d.All(ctx, 3) {
		require.NoError(t, last, "nothing follows an error")
		last = err
		if n++; n == 2 {
			cancel()
		}
	}
	require.ErrorIs(t, last, context.Canceled)
	require.Less(t, n, 20)
}

// brittle fails at every digit of a class.
type brittle struct{ digits.Image }

var errBrittle = errors.New("no such digit")

func (b brittle) Digit(label int, _ *rand.Rand) (digits.Image, error) {
	if label == 3 {
		return digits.Image{}, errBrittle
	}
	return b.Image, nil
}

func TestAllGivesTheFirstError(t *testing.T) {
	d, err := NewDataSet(brittle{}, short(), 50, 2)
	require.NoError(t, err)
	first := slices.Index(d.labels, 3)
	n := 0
	for r, err := range d.All(t.Context(), 2) {
		if n == first {
			require.ErrorIs(t, err, errBrittle)
			require.ErrorContains(t, err, "moving: recording")
		} else {
			require.NoError(t, err)
			require.Equal(t, n, r.Index)
		}
		n++
	}
	require.Equal(t, first+1, n)
}

func TestDataSetLimits(t *testing.T) {
	for _, n := range []int{-1, MaxLen + 1} {
		_, err := NewDataSet(brittle{}, short(), n, 0)
		require.ErrorContains(t, err, "must have from 0 to")
	}
	d, err := NewDataSet(brittle{}, short(), 0, 0)
	require.NoError(t, err)
	require.Empty(t, collect(t, d, 2))
	require.PanicsWithValue(t, PanicIndex, func() { d.Label(0) })
	require.PanicsWithValue(t, PanicIndex, func() { _, _ = d.Recording(t.Context(), -1) })
	require.PanicsWithValue(t, PanicWorkers, func() { d.All(t.Context(), 0) })
}
