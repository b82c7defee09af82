package remote_test

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
)

func TestTarget(t *testing.T) {
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, gone.Close())
	name := "fpga@" + gone.Addr().String() + ",timeout=100ms"
	target, err := hw.Find(name)
	require.NoError(t, err, "nobody is asked yet")
	require.Equal(t, name, target.Name())
	require.Contains(t, target.Describe(), "accelerator at 127.0.0.1:")
	require.Empty(t, target.Features())
	best, err := hw.BestProcessor()
	require.NoError(t, err)
	require.NotNil(t, target.Kernels().Run)
	require.Equal(t, best, hw.Processor(target))
	opener, ok := target.(hw.Opener)
	require.True(t, ok)
	_, err = opener.Open(hw.EngineConfig{Geometry: events.Geometry{Width: 34, Height: 34}})
	require.ErrorContains(t, err, "fpga@127.0.0.1:")

	_, err = hw.Find("fpga@nowhere")
	require.EqualError(t, err, `device fpga@nowhere cannot be used: expected HOST:PORT, such as 127.0.0.1:7121, found "nowhere"`)
	_, err = hw.Find("fpga")
	require.ErrorContains(t, err, "fpga@HOST:PORT")
}
