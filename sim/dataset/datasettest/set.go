package datasettest

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/sim/dataset"
)

// All are the recordings of a set, made by as many goroutines as workers says.
func All[L dataset.Label, R any](t testing.TB, d *dataset.Set[L, R], workers int) []R {
	t.Helper()
	var all []R
	for r, err := range d.All(t.Context(), workers) {
		require.NoError(t, err)
		all = append(all, r)
	}
	return all
}

// Keeps checks what every kind of data set must keep to: a sensor that has been used
// before, or how many goroutines are at work, changes no recording; recordings have
// their indices and labels, which of tells; a context that is done ends them with an error
// that begins with name and says which recording. It gives all recordings.
func Keeps[L dataset.Label, R any](t testing.TB, name string, d *dataset.Set[L, R], of func(R) (index int, label L)) []R {
	t.Helper()
	want := All(t, d, 1)
	require.Len(t, want, d.Len())
	for _, workers := range []int{2, 5, 40} {
		require.Equal(t, want, All(t, d, workers))
	}
	// In any order, one by one.
	for i := d.Len() - 1; i >= 0; i -= 3 {
		r, err := d.Recording(t.Context(), i)
		require.NoError(t, err)
		require.Equal(t, want[i], r)
	}
	for i, r := range want {
		index, label := of(r)
		require.Equal(t, i, index)
		require.Equal(t, d.Label(i), label)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, err := d.Recording(ctx, 1)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, fmt.Sprintf("%s: recording 1: ", name))
	require.Zero(t, r)
	return want
}
