package fpgaserve

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
	"github.com/saccade-dev/saccade/hw/hwtest"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// large is a build for layers of all sizes that the suite draws.
func large() fpga.Build {
	b := fpga.DefaultBuild()
	b.Rows, b.Lanes, b.Neurons, b.Cells = 15, 15*16, 128, 1<<16
	return b
}

// at is the device of a server as --device names it.
func at(t *testing.T, s *serving, settings string) hw.Opener {
	t.Helper()
	target, err := hw.Find("fpga@" + s.Registers() + settings)
	require.NoError(t, err)
	opener, ok := target.(hw.Opener)
	require.True(t, ok)
	return opener
}

// The suite that every engine passes, over sockets.
func TestEngine(t *testing.T) {
	s := serve(t, large(), Options{})
	target := at(t, s, "")
	n := 30_000
	if testing.Short() {
		n = 1_000
	}
	hwtest.Engine(t, target.Open, n)
}

// A layer of features on a device behind sockets gives what it gives on a processor, and has the same state.
func TestLayer(t *testing.T) {
	s := serve(t, large(), Options{UDP: "127.0.0.1:0"})
	best, err := hw.BestProcessor()
	require.NoError(t, err)
	in := recordings(t, 3)
	for name, target := range map[string]hw.Target{
		"tcp": at(t, s, ""),
		"udp": func() hw.Target {
			target, err := hw.Find("fpga@" + s.UDP() + ",registers=udp,burst=64,stream=" + s.Stream())
			require.NoError(t, err)
			return target
		}(),
	} {
		for _, mode := range []feast.Mode{feast.Split, feast.Merged} {
			c := feast.Default()
			c.Mode = mode
			there, err := feast.New(c, target)
			require.NoError(t, err)
			here, err := feast.New(c, best)
			require.NoError(t, err)
			for _, events := range in {
				want, got := make([]int16, len(events)), make([]int16, len(events))
				here.Reset()
				there.Reset()
				require.NoError(t, here.Process(events, want))
				require.NoError(t, there.Process(events, got))
				require.True(t, slices.Equal(want, got), "%s, %s", name, mode)
			}
			want, err := here.MarshalBinary()
			require.NoError(t, err)
			got, err := there.MarshalBinary()
			require.NoError(t, err)
			require.Equal(t, want, got, "%s, %s", name, mode)
			require.NoError(t, there.Close())
		}
	}
	require.Zero(t, s.Stats().Refused)
}

// A layer whose server goes away in the middle goes on at once on a processor, from the same bits.
func TestLayerLosesItsDevice(t *testing.T) {
	s := serve(t, large(), Options{})
	best, err := hw.BestProcessor()
	require.NoError(t, err)
	c := feast.Default()
	there, err := feast.New(c, at(t, s, ",timeout=2s"))
	require.NoError(t, err)
	here, err := feast.New(c, best)
	require.NoError(t, err)
	in := drawn(3000)
	for i := range 3 {
		want, got := make([]int16, 1000), make([]int16, 1000)
		require.NoError(t, here.Process(in[1000*i:1000*(i+1)], want))
		require.NoError(t, there.Process(in[1000*i:1000*(i+1)], got))
		require.Equal(t, want, got)
		if i == 0 {
			_, failure := there.Device()
			require.NoError(t, failure)
			s.stop()
		}
	}
	_, failure := there.Device()
	require.Error(t, failure)
	want, err := here.MarshalBinary()
	require.NoError(t, err)
	got, err := there.MarshalBinary()
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.NoError(t, there.Close())
}
