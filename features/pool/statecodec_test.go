package pool_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/pool"
)

func someStates(t require.TestingT) (bins, decayed []byte) {
	c := pool.Config{Geometry: events.Geometry{Width: 9, Height: 6}, Features: 2}
	b, err := pool.NewBins(pool.BinsConfig{Pool: c, Edges: []int64{10}})
	require.NoError(t, err)
	d, err := pool.NewDecayed(pool.DecayedConfig{Pool: c, Tau: 100})
	require.NoError(t, err)
	pool.Concat{b, d}.Add([]events.Event{{T: 3, X: 1, Y: 1}, {T: 700, X: 8, Y: 5}}, []int16{0, 1})
	bins, err = b.MarshalBinary()
	require.NoError(t, err)
	decayed, err = d.MarshalBinary()
	require.NoError(t, err)
	return bins, decayed
}

func TestDamagedDescriptorsAreRefused(t *testing.T) {
	bins, decayed := someStates(t)
	for _, state := range [][]byte{bins, decayed} {
		for i := range state {
			damaged := append([]byte(nil), state...)
			damaged[i] ^= 0x10
			var b pool.Bins
			var d pool.Decayed
			require.Error(t, b.UnmarshalBinary(damaged), "byte %d", i)
			require.Error(t, d.UnmarshalBinary(damaged), "byte %d", i)
			require.Error(t, b.UnmarshalBinary(state[:i]), "cut at %d", i)
			require.Error(t, d.UnmarshalBinary(state[:i]), "cut at %d", i)
			require.Zero(t, b.Len())
			require.Zero(t, d.Len())
		}
	}
	for _, tc := range []struct {
		state []byte
		into  interface{ UnmarshalBinary(data []byte) error }
		at    int
		value byte
		want  string
	}{
		{bins, new(pool.Bins), 4, 2, "version 1"},
		{bins, new(pool.Bins), 6, 0, "nothing started"},
		{bins, new(pool.Bins), 7, 1, "0 or 1, then 0"},
		{bins, new(pool.Bins), 18, 1, "below 1024 edges"},
		{bins, new(pool.Bins), 16, 2, "bytes in all"},
		{bins, new(pool.Bins), 24, 0, "valid configuration"}, // an edge at 0
		{decayed, new(pool.Decayed), 6, 0, "nothing started"},
		{decayed, new(pool.Decayed), 31, 0x80, "octaves beyond the base"}, // a negative tick
		{decayed, new(pool.Decayed), 32, 0x40, "octaves beyond the base"}, // a base ahead
		{decayed, new(pool.Decayed), 40, 0, "valid configuration"},        // no tau
		{decayed, new(pool.Decayed), 55, 0x80, "a sum up to"},
	} {
		damaged := append([]byte(nil), tc.state...)
		damaged[tc.at] = tc.value
		err := tc.into.UnmarshalBinary(seal(damaged))
		var fe *events.FormatError
		require.ErrorAs(t, err, &fe, "byte %d", tc.at)
		require.Contains(t, fe.Want, tc.want, "byte %d", tc.at)
	}
	_, err := new(pool.Bins).MarshalBinary()
	require.Error(t, err)
	_, err = new(pool.Decayed).MarshalBinary()
	require.Error(t, err)

	c := pool.Config{Geometry: nmnist, Features: 2}
	b, err := pool.NewBins(pool.BinsConfig{Pool: c})
	require.NoError(t, err)
	require.ErrorContains(t, b.UnmarshalBinary(bins), "another configuration")
	d, err := pool.NewDecayed(pool.DecayedConfig{Pool: c, Tau: 100})
	require.NoError(t, err)
	require.ErrorContains(t, d.UnmarshalBinary(decayed), "another configuration")
}

func FuzzUnmarshalDescriptors(f *testing.F) {
	bins, decayed := someStates(f)
	f.Add(bins)
	f.Add(decayed)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, data := range [][]byte{data, seal(append([]byte(nil), data...))} {
			for _, d := range []stateful{new(pool.Bins), new(pool.Decayed)} {
				if d.UnmarshalBinary(data) != nil {
					continue
				}
				again, err := d.MarshalBinary()
				require.NoError(t, err)
				require.Equal(t, data, again) // the layouts have one spelling
				d.Add([]events.Event{{T: 1 << 40, X: 1, Y: 1}}, []int16{0})
				for _, v := range d.Vector(nil) {
					require.False(t, math.IsNaN(float64(v)))
				}
			}
		}
	})
}
