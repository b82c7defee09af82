package hil_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/saccade-dev/saccade/daemon/fpgaserve"
	"github.com/saccade-dev/saccade/daemon/hil"
	simfpga "github.com/saccade-dev/saccade/sim/fpga"
)

// served is the address of a device behind sockets, until the test ends.
func served(t *testing.T) string {
	t.Helper()
	before := goleak.IgnoreCurrent()
	d, err := simfpga.NewDevice(simfpga.DefaultBuild())
	require.NoError(t, err)
	s, err := fpgaserve.Listen(t.Context(), d, fpgaserve.Options{Registers: "127.0.0.1:0"})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
		goleak.VerifyNone(t, before)
	})
	return hil.Remote + s.Registers() + ",stream=" + s.Stream()
}

// A device behind sockets says what one in this process does, in as many cycles but for those between batches; and faults on the
// link to it are noticed without anybody waiting for words that do not come.
func TestRemote(t *testing.T) {
	c := stress(4000)
	here := run(t, c)
	c.Device.Address = served(t)
	there := run(t, c)
	require.Empty(t, failed(there), "%s", there.Text())
	require.Equal(t, here.Events, there.Events)
	require.Equal(t, here.Counters["won"], there.Counters["won"])
	require.Equal(t, here.Counters["missed"], there.Counters["missed"])
	require.Nil(t, there.Latency)
	require.Equal(t, uint64(8000), there.Host.Count)

	c.Stream.Simulated = []hil.Simulator{{Kind: hil.Moving, Seed: 2, Recordings: 1}}
	c.Pacing = hil.Pacing{Kind: hil.Real, Factor: 4, Burst: 500, Gap: time.Millisecond}
	paced := run(t, c)
	require.Empty(t, failed(paced), "%s", paced.Text())
	require.Greater(t, paced.Seconds, 0.12, "half a second, four times as fast")
	c.Pacing.Kind = hil.Bursts
	require.Empty(t, failed(run(t, c)))
	c.Pacing.Kind = hil.Fast
	c.Stream = stress(4000).Stream

	c.Compare.After, c.Compare.Memories = hil.Resync, hil.Batches
	c.Compare.Batch = 500
	c.Pass.Mismatches, c.Pass.Drops, c.Pass.FaultsDetected = -1, -1, true
	for _, f := range []hil.FaultConfig{
		{Kind: "drop", Direction: hil.In, At: 1234},
		{Kind: "drop", Direction: hil.Out, At: 2345},
		{Kind: "corrupt", Direction: hil.In, Rate: 0.0005, Seed: 1},
		{Kind: "flip weight", At: 3000, Parameters: map[string]int64{"place": 3<<16 | 5<<8 | 6, "bit": 23}},
	} {
		c.Faults = []hil.FaultConfig{f}
		r := run(t, c)
		require.Empty(t, failed(r), "%+v\n%s", f, r.Text())
	}
}
