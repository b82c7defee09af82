package airplanes

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/saccade-dev/saccade/sim/dataset/datasettest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestDataSet(t *testing.T) {
	d, err := NewDataSet(short(), 11, 7)
	require.NoError(t, err)
	all := datasettest.Keeps(t, "airplanes", d, func(r Recording) (int, Class) { return r.Index, r.Flight.Class })
	seen := map[Class]int{}
	for _, r := range all {
		seen[r.Flight.Class]++
	}
	require.Equal(t, map[Class]int{Airliner: 3, Delta: 3, FlyingWing: 3, Propeller: 2}, seen)
	other, err := NewDataSet(short(), 11, 8)
	require.NoError(t, err)
	for i, r := range datasettest.All(t, other, 2) {
		require.NotEqual(t, all[i].Flight, r.Flight)
		require.NotEqual(t, all[i].Events, r.Events)
	}
}

// A recording's events are those of its flight.
func TestRecordingIsOfItsFlight(t *testing.T) {
	const seed, i = 7, 2
	c := short()
	c.Camera = 9
	d, err := NewDataSet(c, 5, seed)
	require.NoError(t, err)
	r, err := d.Recording(t.Context(), i)
	require.NoError(t, err)
	all, f, err := Record(t.Context(), d.Label(i), c, rand.New(rand.NewPCG(seed, i)).Uint64())
	require.NoError(t, err)
	require.Equal(t, all, r.Events)
	require.Equal(t, f, r.Flight)
}

// What a sensor cannot hold ends the iteration with an error that names the recording.
func TestDataSetErrors(t *testing.T) {
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
	for _, n := range []int{-1, MaxLen + 1} {
		_, err := NewDataSet(short(), n, 0)
		require.ErrorContains(t, err, "airplanes: a data set must have from 0 to")
	}
}
