package airplanes

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
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
	d, err := NewDataSet(short(), 11, 7)
	require.NoError(t, err)
	want := collect(t, d, 1)
	require.Len(t, want, 11)
	for _, workers := range []int{2, 40} {
		require.Equal(t, want, collect(t, d, workers))
	}
	// In any order, one by one.
	for i := d.Len() - 1; i >= 0; i -= 3 {
		r, err := d.Recording(t.Context(), i)
		require.NoError(t, err)
		require.Equal(t, want[i], r)
		require.Equal(t, i, r.Index)
		require.Equal(t, d.Class(i), r.Flight.Class)
	}
	other, err := NewDataSet(short(), 11, 8)
	require.NoError(t, err)
	require.NotEqual(t, want, collect(t, other, 2))
}

func TestClassesAreBalancedAndMixed(t *testing.T) {
	d, err := NewDataSet(short(), 1002, 1)
	require.NoError(t, err)
	var count [Classes]int
	same := 0
	for i := range d.Len() {
		count[d.Class(i)]++
		if i > 0 && d.Class(i) == d.Class(i-1) {
			same++
		}
	}
	require.Equal(t, [Classes]int{251, 251, 250, 250}, count)
	require.InDelta(t, 250, same, 60, "neighbours are as often of one class as chance has it")
}

func TestAllEndsEarly(t *testing.T) {
	d, err := NewDataSet(short(), 1000, 1)
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

// What a sensor cannot hold ends the iteration with an error that names the recording.
func TestAllGivesTheFirstError(t *testing.T) {
	c := short()
	c.Sensor.NoiseRate = 1e6
	c.Sensor.Refractory, c.Sensor.RefractorySpread = 0, 0
	c.Geometry.Width, c.Geometry.Height = 400, 300
	c.Sensor.Step = 1e9
	d, err := NewDataSet(c, 50, 2)
	require.NoError(t, err)
	for _, workers := range []int{1, 3} {
		n := 0
		for _, err := range d.All(t.Context(), workers) {
			require.ErrorContains(t, err, "airplanes: recording 0: ")
			n++
		}
		require.Equal(t, 1, n)
	}
	_, err = d.Recording(t.Context(), 3)
	require.ErrorContains(t, err, "airplanes: recording 3: ")
}

func TestDataSetLimits(t *testing.T) {
	for _, n := range []int{-1, MaxLen + 1} {
		_, err := NewDataSet(short(), n, 0)
		require.ErrorContains(t, err, "must have from 0 to")
	}
	d, err := NewDataSet(short(), 0, 0)
	require.NoError(t, err)
	require.Empty(t, collect(t, d, 2))
	require.PanicsWithValue(t, PanicIndex, func() { d.Class(0) })
	require.PanicsWithValue(t, PanicIndex, func() { _, _ = d.Recording(t.Context(), -1) })
	require.PanicsWithValue(t, PanicWorkers, func() { d.All(t.Context(), 0) })
}
