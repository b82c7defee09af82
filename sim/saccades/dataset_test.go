package saccades

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/saccade-dev/saccade/sim/dataset/datasettest"
	"github.com/saccade-dev/saccade/sim/digits"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// short is a configuration whose recordings take little time.
func short() Config {
	c := DefaultConfig()
	c.Duration = 40 * time.Millisecond
	return c
}

func TestDataSet(t *testing.T) {
	d, err := NewDataSet(fonts(t), short(), 23, 7)
	require.NoError(t, err)
	all := datasettest.Keeps(t, "saccades", d, func(r Recording) (int, int) { return r.Index, r.Label })
	other, err := NewDataSet(fonts(t), short(), 23, 8)
	require.NoError(t, err)
	for i, r := range datasettest.All(t, other, 2) {
		require.NotEqual(t, all[i].Image, r.Image)
		require.NotEqual(t, all[i].Events, r.Events)
	}
}

// A recording's events are those of its image.
func TestRecordingIsOfItsImage(t *testing.T) {
	const seed, i = 7, 2
	c := short()
	c.Camera = 9
	d, err := NewDataSet(fonts(t), c, 5, seed)
	require.NoError(t, err)
	r, err := d.Recording(t.Context(), i)
	require.NoError(t, err)
	all, err := Record(t.Context(), &r.Image, c, rand.New(rand.NewPCG(seed, i)).Uint64())
	require.NoError(t, err)
	require.Equal(t, all, r.Events)
}

// brittle has no image of a three.
type brittle struct{}

var errBrittle = errors.New("no such digit")

func (brittle) Digit(label int, _ *rand.Rand) (digits.Image, error) {
	if label == 3 {
		return digits.Image{}, errBrittle
	}
	return digits.Image{}, nil
}

func TestDataSetErrors(t *testing.T) {
	d, err := NewDataSet(brittle{}, short(), 20, 2)
	require.NoError(t, err)
	for i := range d.Len() {
		_, err := d.Recording(t.Context(), i)
		if d.Label(i) != 3 {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, errBrittle)
		require.ErrorContains(t, err, fmt.Sprintf("saccades: recording %d: ", i))
	}
	for _, n := range []int{-1, MaxLen + 1} {
		_, err := NewDataSet(brittle{}, short(), n, 0)
		require.ErrorContains(t, err, "saccades: a data set must have from 0 to")
	}
}

// The set keeps to the configuration that it was given.
func TestDataSetOwnsItsConfig(t *testing.T) {
	c := short()
	d, err := NewDataSet(fonts(t), c, 3, 1)
	require.NoError(t, err)
	want := datasettest.All(t, d, 1)
	c.Motion[0].Y = 100
	require.Equal(t, want, datasettest.All(t, d, 1))
}
