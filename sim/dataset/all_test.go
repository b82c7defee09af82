package dataset_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/saccade-dev/saccade/sim/dataset"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// squares are made by any number of workers and come in order, until one cannot be made.
func TestAll(t *testing.T) {
	broken := errors.New("broken")
	worker := func(bad int) func() (func(context.Context, int) (int, error), error) {
		return func() (func(context.Context, int) (int, error), error) {
			return func(_ context.Context, i int) (int, error) {
				if i == bad {
					return 0, broken
				}
				return i * i, nil
			}, nil
		}
	}
	for _, workers := range []int{1, 3, 50} {
		next := 0
		for v, err := range dataset.All(t.Context(), 20, workers, worker(-1)) {
			require.NoError(t, err)
			require.Equal(t, next*next, v)
			next++
		}
		require.Equal(t, 20, next)

		next = 0
		for v, err := range dataset.All(t.Context(), 20, workers, worker(7)) {
			if next == 7 {
				require.ErrorIs(t, err, broken)
			} else {
				require.NoError(t, err)
				require.Equal(t, next*next, v)
			}
			next++
		}
		require.Equal(t, 8, next)
		for _, err := range dataset.All(t.Context(), 20, workers, worker(-1)) {
			require.NoError(t, err)
			break // whoever stops waits for nobody
		}
	}
	none := func() (func(context.Context, int) (int, error), error) { return nil, broken }
	for _, err := range dataset.All(t.Context(), 3, 2, none) {
		require.ErrorIs(t, err, broken)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	seen := 0
	for _, err := range dataset.All(ctx, 3, 2, worker(-1)) {
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
			seen++
		}
	}
	require.Equal(t, 1, seen)
	for _, workers := range []int{0, -1} {
		require.PanicsWithValue(t, dataset.PanicWorkers, func() { dataset.All(t.Context(), 3, workers, worker(-1)) })
	}
}
