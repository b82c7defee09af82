package fpgaserve

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/saccade-dev/saccade/events"
	_ "github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/hw/fpga/remote"
	"github.com/saccade-dev/saccade/sim/fpga"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serving is a server that runs until the test ends.
type serving struct {
	*Server
	device *fpga.Device // to be looked at when the server has stopped
	stop   func()
}

func serve(t testing.TB, b fpga.Build, o Options) *serving {
	t.Helper()
	d, err := fpga.NewDevice(b)
	require.NoError(t, err)
	if o.Registers == "" {
		o.Registers = "127.0.0.1:0"
	}
	s, err := Listen(context.Background(), d, o)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	stopped := false
	stop := func() {
		if cancel(); !stopped {
			stopped = true
			require.NoError(t, <-ended)
		}
	}
	t.Cleanup(stop)
	return &serving{s, d, stop}
}

// dial connects to a server.
func dial(t testing.TB, address string, o remote.Options) *remote.Link {
	t.Helper()
	l, err := remote.Dial(context.Background(), address, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

// learner is a configuration that learns, as FEAST's defaults are.
func learner(t testing.TB) hwfpga.Config {
	t.Helper()
	decay, err := hw.NewDecay(20_000, hw.PeakBits(121))
	require.NoError(t, err)
	rates := hw.Rates{Eta: 1 << 22, DeltaI: 1 << 12, DeltaE: 1 << 14}
	return hwfpga.Config{
		Width: 34, Height: 34, Radius: 5, Neurons: 16, Mode: hwfpga.ModeSplit, Decay: decay,
		Rates: [2]hw.Rates{rates, rates}, Recent: 1, Learning: true, Selecting: true,
	}
}

// settled waits until a device has come to rest.
func settled(t testing.TB, b hwfpga.Bus) {
	t.Helper()
	for {
		status, err := b.Read(hwfpga.RegStatus)
		require.NoError(t, err)
		if status&hwfpga.StatusIdle != 0 {
			return
		}
	}
}

// prepare configures a device and gives it weights, which differ from neuron to neuron.
func prepare(t testing.TB, b hwfpga.Bus, c hwfpga.Config, settle func()) {
	t.Helper()
	require.NoError(t, hwfpga.Configure(b, c))
	settle()
	bulk := hwfpga.Bulk(b)
	master := make([]uint32, c.Banks()*c.Neurons*c.Side()*c.Side())
	for i := range master {
		master[i] = uint32(1<<20 + (i*i*31+i*7919)%(1<<21))
	}
	thresholds := make([]uint32, c.Banks()*c.Neurons)
	for i := range thresholds {
		thresholds[i] = uint32(i) << 14
	}
	for window, words := range map[uint32][]uint32{hwfpga.WindowMaster: master, hwfpga.WindowThresholds: thresholds} {
		require.NoError(t, b.Write(hwfpga.RegWindow, window))
		require.NoError(t, bulk.WriteAt(hwfpga.RegData, words))
		require.NoError(t, b.Write(hwfpga.RegWindow, window))
		back := make([]uint32, len(words))
		require.NoError(t, bulk.ReadAt(hwfpga.RegData, back))
		require.Equal(t, words, back)
	}
	require.NoError(t, hwfpga.Complaint(b))
}

// memory reads one of a device's memories.
func memory(t testing.TB, b hwfpga.Bus, window uint32, n int) []uint32 {
	t.Helper()
	require.NoError(t, b.Write(hwfpga.RegWindow, window))
	out := make([]uint32, n)
	require.NoError(t, hwfpga.Bulk(b).ReadAt(hwfpga.RegData, out))
	require.NoError(t, hwfpga.Complaint(b))
	return out
}

// stream is the words of recordings, with a mark behind them.
func stream(c hwfpga.Config, recordings [][]events.Event) (words []uint32, count int) {
	host := hwfpga.NewHost(c, false)
	for _, in := range recordings {
		words = host.Reset(words)
		for _, e := range in {
			words = host.Append(words, e)
		}
		count += len(in)
	}
	return append(words, hwfpga.CommandWord, hwfpga.Mark(7)), count
}

// turns are the words of a stream, each slice answered by one result or mark.
func turns(words []uint32) (out [][]uint32) {
	for start, at := 0, 0; at < len(words); {
		size := 1
		if words[at]&hwfpga.NoTime == 0 {
			size = 2
		}
		silent := words[at] == hwfpga.CommandWord && words[at+1]&hwfpga.OpMask != hwfpga.OpMark
		if at += size; !silent {
			out = append(out, words[start:at])
			start = at
		}
	}
	return out
}

// through sends words over a link and takes what they are answered by; never are more under way than its window has.
func through(t testing.TB, l hwfpga.Link, words []uint32) (results []uint32) {
	t.Helper()
	all := turns(words)
	got := make([]uint32, l.Window())
	var send []uint32
	under, next := 0, 0
	for len(results) < len(all) {
		for send = send[:0]; next < len(all) && under+len(all[next]) <= l.Window(); next++ {
			send = append(send, all[next]...)
			under += len(all[next])
		}
		if len(send) > 0 {
			require.NoError(t, l.Send(send))
		}
		n, err := l.Receive(got)
		require.NoError(t, err)
		for _, w := range got[:n] {
			under -= len(all[len(results)])
			results = append(results, w)
		}
	}
	return results
}

// recordings are real ones, of N-MNIST's training half.
func recordings(t testing.TB, n int) [][]events.Event {
	t.Helper()
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("real recordings: SACCADE_DATA is not set")
	}
	out := make([][]events.Event, n)
	for i := range out {
		paths, err := filepath.Glob(filepath.Join(data, "nmnist", "Train", fmt.Sprint(i%10), "*.bin"))
		require.NoError(t, err)
		require.Greater(t, len(paths), i/10)
		slices.Sort(paths)
		f, err := events.Open(paths[i/10], events.OpenOptions{})
		require.NoError(t, err)
		out[i], err = events.ReadAll(f)
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}
	return out
}
