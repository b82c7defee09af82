package dataset_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/sim/dataset"
	"github.com/saccade-dev/saccade/sim/dataset/datasettest"
	"github.com/saccade-dev/saccade/sim/sensor"
)

// number is a recording of nothing but what was drawn for it.
type number struct {
	Index, Label int
	Seed, Next   uint64
}

// numbers are recordings that take no time.
var numbers = dataset.Kind[int, number]{
	Name: "numbers", Classes: 10,
	Geometry: events.Geometry{Width: 2, Height: 1},
	Sensor:   sensor.Config{ThresholdOn: 0.3, ThresholdOff: 0.3, ThresholdSigma: 0.03, Dark: 1, Step: time.Millisecond},
	Record: func(ctx context.Context, _ *sensor.Sensor, d dataset.Draw[int]) (number, error) {
		return number{d.Index, d.Label, d.Seed, d.RNG.Uint64()}, ctx.Err()
	},
}

func set(t testing.TB, n int, seed uint64) *dataset.Set[int, number] {
	d, err := dataset.New(numbers, n, seed)
	require.NoError(t, err)
	return d
}

func TestSet(t *testing.T) {
	all := datasettest.Keeps(t, "numbers", set(t, 230, 7), func(r number) (int, int) { return r.Index, r.Label })
	drawn := map[uint64]bool{}
	for _, r := range all {
		drawn[r.Seed], drawn[r.Next] = true, true
	}
	require.Len(t, drawn, 2*len(all), "what is drawn for a recording is its own")
	for i, r := range datasettest.All(t, set(t, 230, 8), 2) {
		require.NotEqual(t, all[i].Seed, r.Seed, "another seed")
	}
	for i, r := range datasettest.All(t, set(t, 23, 7), 2) {
		require.Equal(t, all[i].Seed, r.Seed, "a shorter set differs in its labels only")
	}
}

// Each goroutine has one sensor, the kind's camera, and nobody else has it.
func TestSensors(t *testing.T) {
	dark := make([]float32, 2)
	k := dataset.Kind[int, *sensor.Sensor]{
		Name: "sensors", Classes: 1, Geometry: numbers.Geometry, Sensor: numbers.Sensor, Camera: 5,
		Record: func(_ context.Context, s *sensor.Sensor, _ dataset.Draw[int]) (*sensor.Sensor, error) {
			return s, s.Begin(0, 1, dark) // which -race would find two at
		},
	}
	d, err := dataset.New(k, 200, 1)
	require.NoError(t, err)
	want, err := sensor.New(k.Geometry, k.Sensor, k.Camera)
	require.NoError(t, err)
	require.NoError(t, want.Begin(0, 1, dark))
	for _, workers := range []int{1, 4} {
		made := map[*sensor.Sensor]bool{}
		for _, s := range datasettest.All(t, d, workers) {
			made[s] = true
			require.Equal(t, want, s)
		}
		require.LessOrEqual(t, len(made), workers)
	}
	k.Sensor.Dark = 0
	d, err = dataset.New(k, 3, 1)
	require.NoError(t, err)
	_, err = d.Recording(t.Context(), 0)
	require.ErrorContains(t, err, "sensors: sensor: Dark must be")
	n := 0
	for _, err = range d.All(t.Context(), 2) {
		require.ErrorContains(t, err, "sensors: sensor: Dark must be")
		n++
	}
	require.Equal(t, 1, n)
}

func TestAllEndsEarly(t *testing.T) {
	d := set(t, 1000, 1)
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

func TestAllGivesTheFirstError(t *testing.T) {
	broken := errors.New("no such thing")
	k := numbers
	k.Record = func(_ context.Context, _ *sensor.Sensor, d dataset.Draw[int]) (number, error) {
		if d.Index >= 17 {
			return number{Seed: 1}, broken
		}
		return number{Index: d.Index}, nil
	}
	d, err := dataset.New(k, 50, 2)
	require.NoError(t, err)
	for _, workers := range []int{1, 4} {
		n := 0
		for r, err := range d.All(t.Context(), workers) {
			if n == 17 {
				require.ErrorIs(t, err, broken)
				require.ErrorContains(t, err, "numbers: recording 17: ")
				require.Zero(t, r, "no half of a recording")
			} else {
				require.NoError(t, err)
				require.Equal(t, n, r.Index)
			}
			n++
		}
		require.Equal(t, 18, n)
	}
}

func TestLimits(t *testing.T) {
	for _, n := range []int{-1, dataset.MaxLen + 1} {
		_, err := dataset.New(numbers, n, 0)
		require.ErrorContains(t, err, "numbers: a data set must have from 0 to 16777216 recordings, not ")
	}
	require.Empty(t, datasettest.All(t, set(t, 0, 0), 2))
	d := set(t, 3, 0)
	for _, i := range []int{-1, 3} {
		require.PanicsWithValue(t, dataset.PanicIndex, func() { d.Label(i) })
		require.PanicsWithValue(t, dataset.PanicIndex, func() { _, _ = d.Recording(t.Context(), i) })
	}
	require.PanicsWithValue(t, dataset.PanicWorkers, func() { d.All(t.Context(), 0) })
	for _, classes := range []int{-1, 0, dataset.MaxClasses + 1} {
		k := numbers
		k.Classes = classes
		require.PanicsWithValue(t, dataset.PanicClasses, func() { _, _ = dataset.New(k, 1, 0) })
	}
}
