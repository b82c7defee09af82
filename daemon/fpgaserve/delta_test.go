package fpgaserve

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/hw/fpga/remote"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// deltaLayers are a convolution, and a linear layer with more inputs than an event word's x has bits for.
func deltaLayers() []hw.DeltaLayer {
	rng := rand.New(rand.NewPCG(6, 1))
	layers := []hw.DeltaLayer{
		{DeltaShape: hw.DeltaShape{Kind: hw.DeltaConv3x3, Channels: 2, Height: 9, Width: 8, Outputs: 20, Stride: 1, Padding: 1}},
		{DeltaShape: hw.DeltaShape{Kind: hw.DeltaLinear, Channels: 33_000, Height: 1, Width: 1, Outputs: 17}},
	}
	for i := range layers {
		layers[i].Weights = make([]int16, layers[i].WeightsLen())
		for k := range layers[i].Weights {
			layers[i].Weights[k] = int16(rng.IntN(255) - 127)
		}
	}
	return layers
}

// withDelta is a build with room for them.
func withDelta() fpga.Build {
	b := fpga.DeltaBuild()
	b.Weights = 34_000
	return b
}

func deltaOpener(t *testing.T, target hw.Target) hw.DeltaOpener {
	t.Helper()
	o, ok := target.(hw.DeltaOpener)
	require.True(t, ok)
	return o
}

// changesOf draws so many changes of a layer, small and large.
func changesOf(l *hw.DeltaLayer, rng *rand.Rand, n int) []hw.Delta {
	out := make([]hw.Delta, n)
	for i := range out {
		out[i] = hw.Delta{Index: int32(rng.IntN(l.Inputs())), Value: int32(rng.Uint32N(1<<17)) - 1<<16}
	}
	return out
}

// addUp adds changes to a linear layer's sums as the definition says.
func addUp(l *hw.DeltaLayer, sums []int32, changes []hw.Delta) {
	for _, d := range changes {
		for i := range sums {
			sums[i] += int32(l.Weights[int(d.Index)*l.Outputs+i]) * d.Value
		}
	}
}

// Sums that a device behind sockets adds up are right, with as many changes in a frame as there may be, odd numbers of them
// among these: a change is one word, whatever it looks like.
func TestDeltaEngine(t *testing.T) {
	s := serve(t, withDelta(), Options{UDP: "127.0.0.1:0"})
	layers := deltaLayers()
	linear := &layers[1]
	for name, target := range map[string]hw.Target{
		"tcp": at(t, s, ""), "a small window": at(t, s, ",window=20"),
		"udp": func() hw.Target {
			target, err := hw.Find("fpga@" + s.UDP() + ",registers=udp,burst=64,stream=" + s.Stream())
			require.NoError(t, err)
			return target
		}(),
	} {
		given := layers
		if name == "udp" { // words of weights go one by one
			given = layers[:1]
		}
		e, err := deltaOpener(t, target).OpenDelta(given)
		require.NoError(t, err, name)
		rng := rand.New(rand.NewPCG(7, 1))
		other := make([]int32, layers[0].Sums())
		require.NoError(t, e.Add(0, changesOf(&layers[0], rng, 11), other, nil))
		added := uint64(11)
		if name != "udp" {
			want, got := make([]int32, linear.Sums()), make([]int32, linear.Sums())
			for i := range want {
				want[i] = int32(rng.Uint32())
			}
			copy(got, want)
			require.NoError(t, e.Load(1, want))
			for _, n := range []int{1, 2, 3, 0, 700, 1} {
				changes := changesOf(linear, rng, n)
				addUp(linear, want, changes)
				require.NoError(t, e.Add(1, changes, got, nil))
				require.Equal(t, want, got, name)
				added += uint64(n)
			}
			clear(got)
			require.NoError(t, e.Store(1, got))
			require.Equal(t, want, got)
		}
		c, err := e.Counters()
		require.NoError(t, err)
		require.Equal(t, 176, c.Lanes)
		require.GreaterOrEqual(t, c.Changes, added-1, "one in 2^17 is of 0")
		require.Positive(t, c.MACs)
		back := make([]int32, len(other))
		require.NoError(t, e.Store(0, back))
		require.Equal(t, other, back, name)
		require.NoError(t, e.Close())
		require.NoError(t, e.Close())
	}
	require.Zero(t, s.Stats().Refused+s.Stats().Discarded)
}

// A delta network has a device to itself: layers of FEAST are told so, and the other way round.
func TestDeltaHasTheDevice(t *testing.T) {
	s := serve(t, fpga.DeltaBuild(), Options{})
	layers := deltaLayers()[:1]
	target := at(t, s, "")
	c := feast.Default()
	layer, err := feast.New(c, target)
	require.NoError(t, err)
	in := drawn(100)
	require.NoError(t, layer.Process(in, make([]int16, len(in))))
	_, err = deltaOpener(t, at(t, s, "")).OpenDelta(layers)
	require.ErrorIs(t, err, remote.ErrHeld)
	require.ErrorContains(t, err, "by a layer of FEAST: a delta network needs it to itself")
	second, err := feast.New(c, target)
	require.NoError(t, err)
	require.NoError(t, second.Process(in, make([]int16, len(in))))
	_, err = deltaOpener(t, target).OpenDelta(layers)
	require.ErrorContains(t, err, "by 2 layers of FEAST")
	_, failure := layer.Device()
	require.NoError(t, failure, "they stay in it")
	require.NoError(t, layer.Close())
	require.NoError(t, second.Close())

	e, err := deltaOpener(t, target).OpenDelta(layers)
	require.NoError(t, err)
	_, err = deltaOpener(t, at(t, s, "")).OpenDelta(layers)
	require.ErrorIs(t, err, remote.ErrHeld)
	require.ErrorContains(t, err, "by another delta network")
	decay, err := hw.NewDecay(20_000, hw.PeakBits(121))
	require.NoError(t, err)
	engine := hw.EngineConfig{Radius: 5, Neurons: 16, Decay: decay, Recent: 1}
	engine.Geometry.Width, engine.Geometry.Height = 34, 34
	_, err = target.Open(engine)
	require.ErrorIs(t, err, remote.ErrHeld)
	require.ErrorContains(t, err, "by a delta network")
	require.NoError(t, hw.Fits(target, engine), "which asks for registers alone")
	_, err = remote.Dial(t.Context(), s.Registers(), remote.Options{})
	require.ErrorIs(t, err, remote.ErrBusy, "other programs")
	require.NoError(t, e.Close())
	afresh(t, dial(t, s.Registers(), remote.Options{}), 200)
}

// A device that has no delta engine, or a smaller one, says so, and nothing holds it behind that.
func TestDeltaRefused(t *testing.T) {
	layers := deltaLayers()
	s := serve(t, fpga.DefaultBuild(), Options{})
	target := at(t, s, "")
	for range 2 {
		_, err := deltaOpener(t, target).OpenDelta(layers)
		require.ErrorContains(t, err, "expected 0x10001 or more, of a device with a delta engine")
	}
	afresh(t, dial(t, s.Registers(), remote.Options{}), 100)
	s.stop()
	_, err := deltaOpener(t, target).OpenDelta(layers)
	require.Error(t, err)
	small := serve(t, fpga.DeltaBuild(), Options{})
	_, err = deltaOpener(t, at(t, small, "")).OpenDelta(layers)
	var limit *hwfpga.LimitError
	require.ErrorAs(t, err, &limit)
	require.Equal(t, 4096, limit.Limit)
}

// A device that goes away in the middle is an error of every call from then on.
func TestDeltaLosesItsDevice(t *testing.T) {
	s := serve(t, fpga.DeltaBuild(), Options{})
	layers := deltaLayers()[:1]
	e, err := deltaOpener(t, at(t, s, ",timeout=2s")).OpenDelta(layers)
	require.NoError(t, err)
	s.stop()
	sums := make([]int32, layers[0].Sums())
	require.Error(t, e.Add(0, []hw.Delta{{Index: 1, Value: 1}}, sums, nil))
	require.ErrorIs(t, e.Store(0, sums), hwfpga.ErrFailed)
	require.NoError(t, e.Close())
}

// A host that goes in the middle of changes leaves a device whose next host sends events without configuring it.
func TestHostsThatGoInChanges(t *testing.T) {
	s := serve(t, fpga.DeltaBuild(), Options{})
	r, err := remote.DialRegisters(t.Context(), s.Registers(), remote.Options{})
	require.NoError(t, err)
	prepare(t, r, learner(t), func() { settled(t, r) })
	layer := hwfpga.DeltaLayer{DeltaShape: deltaLayers()[0].DeltaShape}
	require.NoError(t, hwfpga.Describe(r, 0, &layer))
	begin := []uint32{hwfpga.CommandWord, hwfpga.Changes(0)}
	change := hwfpga.ChangeWord(5, 1)
	for name, words := range map[string][]uint32{
		"ahead of the first": begin, "behind one": append(begin, change), "behind two": append(begin, change, change),
		"in the command behind": append(begin, change, hwfpga.CommandWord),
	} {
		for _, closes := range []bool{true, false} {
			c := raw(t, s)
			_, err := c.Write(bytesOf(words...))
			require.NoError(t, err)
			if closes {
				require.NoError(t, c.CloseWrite())
				_, err = c.Read(make([]byte, 1))
				require.Error(t, err, "nothing but the end")
			}
			require.NoError(t, c.Close())
			l := dial(t, s.Registers(), remote.Options{})
			// Of an odd number of words: had they been taken for changes, nothing would come back.
			require.NoError(t, l.Send([]uint32{hwfpga.EventWord(900, 900, 1) | hwfpga.NoTime}))
			got := make([]uint32, 2)
			n, err := l.Receive(got)
			require.NoError(t, err, name)
			require.Equal(t, 1, n)
			require.Equal(t, hw.Outside, int16(uint16(got[0])), name)
			require.NoError(t, l.Close())
		}
	}
	require.NoError(t, hwfpga.Complaint(r))
	require.NoError(t, r.Close())
}
