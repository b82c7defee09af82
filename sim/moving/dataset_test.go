package moving

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/saccade-dev/saccade/sim/dataset/datasettest"
	"github.com/saccade-dev/saccade/sim/digits"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestDataSet(t *testing.T) {
	d, err := NewDataSet(fonts(t), short(), 23, 7)
	require.NoError(t, err)
	all := datasettest.Keeps(t, "moving", d, func(r Recording) (int, int) { return r.Index, r.Label })
	other, err := NewDataSet(fonts(t), short(), 23, 8)
	require.NoError(t, err)
	for i, r := range datasettest.All(t, other, 2) {
		require.NotEqual(t, all[i].Image, r.Image)
		require.NotEqual(t, all[i].Path, r.Path)
		require.NotEqual(t, all[i].Events, r.Events)
	}
}

// A recording's events and path are those of its image.
func TestRecordingIsOfItsImage(t *testing.T) {
	const seed, i = 7, 2
	c := short()
	c.Camera = 9
	d, err := NewDataSet(fonts(t), c, 5, seed)
	require.NoError(t, err)
	r, err := d.Recording(t.Context(), i)
	require.NoError(t, err)
	all, p, err := Record(t.Context(), &r.Image, c, rand.New(rand.NewPCG(seed, i)).Uint64())
	require.NoError(t, err)
	require.Equal(t, all, r.Events)
	require.Equal(t, p, r.Path)
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
		require.ErrorContains(t, err, fmt.Sprintf("moving: recording %d: ", i))
	}
	for _, n := range []int{-1, MaxLen + 1} {
		_, err := NewDataSet(brittle{}, short(), n, 0)
		require.ErrorContains(t, err, "moving: a data set must have from 0 to")
	}
}
