package feast_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/hw/hwtest"
	"github.com/saccade-dev/saccade/sim/fpga/target/targettest"
)

// pair is a layer on a device that goes wrong, beside one on purego that does not.
type pair struct {
	target           *targettest.Target
	layer, reference *feast.Layer
	rng              *rand.Rand
	in               []events.Event
	got, want        []int16
}

func purego(t require.TestingT) hw.Target {
	target, err := hw.Find("purego")
	require.NoError(t, err)
	return target
}

// newPair makes one whose device has a fault behind so many calls of its link.
func newPair(t require.TestingT, c feast.Config, fault targettest.Fault, behind int, o fpga.Options, seed uint64) *pair {
	p := &pair{target: &targettest.Target{Target: purego(t), Fault: fault, Behind: behind, Options: o}, rng: rand.New(rand.NewPCG(seed, 1))}
	var err error
	p.layer, err = feast.New(c, p.target)
	require.NoError(t, err)
	p.reference, err = feast.New(c, p.target.Target)
	require.NoError(t, err)
	streams := hwtest.Streams(c.Geometry(), 600, seed)
	p.in = streams[p.rng.IntN(len(streams))].Events
	p.got, p.want = make([]int16, len(p.in)), make([]int16, len(p.in))
	return p
}

// change does to both what is done to layers between two packets.
func (p *pair) change(t require.TestingT) {
	switch p.rng.IntN(8) {
	case 0:
		on := p.rng.IntN(3) > 0
		p.layer.SetLearning(on)
		p.reference.SetLearning(on)
	case 1:
		p.layer.Reset()
		p.reference.Reset()
	case 2:
		require.Equal(t, p.reference.Thresholds(), p.layer.Thresholds())
	case 3:
		require.Equal(t, p.reference.Weights(), p.layer.Weights())
	case 4:
		p.sameState(t)
	case 5:
		state, err := p.reference.MarshalBinary()
		require.NoError(t, err)
		require.NoError(t, p.layer.UnmarshalBinary(state))
	}
}

func (p *pair) sameState(t require.TestingT) {
	want, err := p.reference.MarshalBinary()
	require.NoError(t, err)
	got, err := p.layer.MarshalBinary()
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got), "the states differ")
}

// packet takes the next events through the layer, and through the other if that has succeeded.
func (p *pair) packet(t require.TestingT, at int) (end int, err error) {
	end = min(at+1+p.rng.IntN(200), len(p.in))
	if err = p.layer.Process(p.in[at:end], p.got[at:end]); err != nil {
		return end, err
	}
	require.NoError(t, p.reference.Process(p.in[at:end], p.want[at:end]))
	require.Equal(t, p.want[at:end], p.got[at:end], "events %d to %d", at, end)
	return end, nil
}

// drawConfig is one of the layers that devices take.
func drawConfig(rt *rapid.T) feast.Config {
	all := configs()
	c := rapid.SampledFrom(all[1:]).Filter(func(c feast.Config) bool { return c.Mode != feast.Planes && c.Radius <= 15 }).Draw(rt, "layer")
	if c.MinRecent == 0 && rapid.Bool().Draw(rt, "annealed") {
		c.Anneal = feast.Anneal{Every: 37, Factor: 0.7, Floor: 0.1}
	}
	return c
}

// Whatever goes wrong with a device at whatever moment: no event is lost or counted twice, and the results, the state and
// the counters are the bits that they would be without the device.
func TestFallsBack(t *testing.T) {
	seen := map[targettest.Fault]int{}
	rapid.Check(t, func(rt *rapid.T) {
		fault := targettest.Fault(rapid.IntRange(0, int(targettest.Faults)-1).Draw(rt, "fault"))
		behind := rapid.OneOf(rapid.IntRange(0, 600), rapid.IntRange(0, 20_000)).Draw(rt, "behind")
		p := newPair(rt, drawConfig(rt), fault, behind, fpga.Options{CheckEvery: 1}, rapid.Uint64().Draw(rt, "seed"))
		require.NoError(rt, p.layer.Process(p.in[:1], p.got[:1]))
		require.NoError(rt, p.reference.Process(p.in[:1], p.want[:1]))
		early := p.target.Links[0].Fired // perhaps ahead of the configuration, which makes good what a device has been through
		defer func() { require.NoError(rt, p.layer.Close()) }()
		for at := 0; at < len(p.in); {
			p.change(rt)
			var err error
			at, err = p.packet(rt, at)
			require.NoError(rt, err)
		}
		// What went wrong behind the last look at it is noticed with the next packet.
		_, err := p.packet(rt, len(p.in)-1)
		require.NoError(rt, err)
		p.sameState(rt)
		name, failure := p.layer.Device()
		if !p.target.Links[0].Fired {
			require.NoError(rt, failure)
			require.Equal(rt, "faulty", name)
			return
		}
		seen[fault]++
		if failure == nil && (early || fault == targettest.LoseWrite) {
			return // the write was of an error register that was clear, or of rates before they were needed
		}
		require.Error(rt, failure, "%v: it was not noticed", fault)
		require.Equal(rt, "purego", name)
		var f *feast.DeviceError
		require.ErrorAs(rt, failure, &f)
		require.Zero(rt, f.Wrong, "every packet was checked before its results were given out: %v", f)
	})
	t.Logf("faults that happened: %v", seen)
}

// A layer that is told to stop gives no results of the packet at which its device has failed, and stands where it stood before.
func TestStops(t *testing.T) {
	stopped := 0
	rapid.Check(t, func(rt *rapid.T) {
		fault := targettest.Fault(rapid.IntRange(1, int(targettest.LoseWrite)-1).Draw(rt, "fault"))
		p := newPair(rt, drawConfig(rt), fault, rapid.IntRange(0, 3000).Draw(rt, "behind"), fpga.Options{CheckEvery: 1}, rapid.Uint64().Draw(rt, "seed"))
		p.layer.SetOnFailure(feast.Stop)
		for at := 0; at < len(p.in); {
			p.change(rt)
			begin := at
			var err error
			if at, err = p.packet(rt, at); err == nil {
				continue
			}
			stopped++
			var f *feast.DeviceError
			require.ErrorAs(rt, err, &f)
			require.Empty(rt, f.Processor)
			name, failure := p.layer.Device()
			require.Equal(rt, "faulty", name)
			require.Equal(rt, error(f), failure)
			require.ErrorIs(rt, p.layer.Process(p.in[:1], p.got[:1]), error(f), "it refuses from now on")
			p.sameState(rt)
			// Another takes over where it stood.
			state, err := p.layer.MarshalBinary()
			require.NoError(rt, err)
			next, err := feast.New(p.layer.Config(), p.target.Target)
			require.NoError(rt, err)
			require.NoError(rt, next.UnmarshalBinary(state))
			require.NoError(rt, next.Process(p.in[begin:], p.got[begin:]))
			require.NoError(rt, p.reference.Process(p.in[begin:], p.want[begin:]))
			require.Equal(rt, p.want, p.got)
			return
		}
	})
	require.Positive(t, stopped)
}

// A device that computes wrong bits before it dies is told on: the results that it has given are compared with
// those of the replay.
func TestTellsWrongResults(t *testing.T) {
	c := feast.Default()
	p := newPair(t, c, targettest.None, 0, fpga.Options{CheckEvery: 1}, 5)
	in := movingEdges(c, 3000)
	got, want := make([]int16, len(in)), make([]int16, len(in))
	require.NoError(t, p.layer.Process(in[:1000], got[:1000]))
	// All of a neuron's weights are lost, in the device alone.
	device := p.target.Links[0].Device()
	require.NoError(t, device.Write(fpga.RegWindow, fpga.WindowMaster))
	for range c.Elements() {
		require.NoError(t, device.Write(fpga.RegData, 0))
	}
	require.NoError(t, p.layer.Process(in[1000:2000], got[1000:2000]))
	p.target.Links[0].Break(targettest.Dies)
	require.NoError(t, p.layer.Process(in[2000:], got[2000:]))
	require.Len(t, p.target.Told, 1)
	require.NoError(t, p.reference.Process(in, want))
	wrong, first := 0, 0
	for i := range 2000 {
		if got[i] != want[i] {
			if wrong++; wrong == 1 {
				first = i
			}
		}
	}
	require.Positive(t, wrong)
	require.Equal(t, want[2000:], got[2000:], "from the failure on, all is right again")
	_, failure := p.layer.Device()
	var f *feast.DeviceError
	require.ErrorAs(t, failure, &f)
	require.Equal(t, wrong, f.Wrong)
	require.Equal(t, feast.Mismatch{Ago: 2000 - first, Device: got[first], Right: want[first]}, f.First)
	require.Equal(t, 2000, f.Replayed)
	require.ErrorIs(t, failure, targettest.ErrDead)
	require.ErrorContains(t, failure, "wrong")
	require.Equal(t, []error{failure}, p.target.Told)
	p.layer.Reset()
	p.reference.Reset()
	p.sameState(t)
}

// Giving a device back leaves a layer that goes on without it, and is no failure.
func TestCloses(t *testing.T) {
	c := feast.Default()
	p := newPair(t, c, targettest.None, 0, fpga.Options{}, 6)
	in := movingEdges(c, 2000)
	got, want := make([]int16, len(in)), make([]int16, len(in))
	require.NoError(t, p.layer.Process(in[:1000], got[:1000]))
	require.NoError(t, p.layer.Close())
	require.NoError(t, p.layer.Close())
	name, failure := p.layer.Device()
	require.Equal(t, "purego", name)
	require.NoError(t, failure)
	p.layer.SetWorkers(2)
	require.NoError(t, p.layer.Process(in[1000:], got[1000:]))
	require.NoError(t, p.reference.Process(in, want))
	require.Equal(t, want, got)
	p.sameState(t)
	require.ErrorContains(t, p.target.Links[0].Send([]uint32{1}), "closed")
}

// The engine's memories are stored now and then, so that there is little to compute again; a device that fails while
// it is asked for them is one that fails.
func TestStoresNowAndThen(t *testing.T) {
	c := feast.Default()
	c.Width, c.Height, c.Neurons, c.Radius, c.Border = 5, 5, 2, 1, feast.BorderZero
	p := newPair(t, c, targettest.None, 0, fpga.Options{}, 7)
	const packet = 50_000
	in := movingEdges(c, packet)
	got, want := make([]int16, packet), make([]int16, packet)
	for range 4 {
		require.NoError(t, p.layer.Process(in, got))
		require.NoError(t, p.reference.Process(in, want))
		require.Equal(t, want, got)
	}
	p.target.Links[0].Break(targettest.Silent)
	require.NoError(t, p.layer.Process(in, got))
	require.NoError(t, p.reference.Process(in, want))
	require.Equal(t, want, got)
	_, failure := p.layer.Device()
	var f *feast.DeviceError
	require.ErrorAs(t, failure, &f)
	require.ErrorIs(t, failure, fpga.ErrTimeout)
	require.Equal(t, 2*packet, f.Replayed, "stored ahead of the third packet, and again ahead of the fifth if it could be")
	p.sameState(t)
}

func TestSetOnFailurePanics(t *testing.T) {
	l, err := feast.New(feast.Default(), purego(t))
	require.NoError(t, err)
	require.PanicsWithValue(t, feast.PanicOnFailure, func() { l.SetOnFailure("panic") })
	l.SetOnFailure(feast.Stop)
	name, failure := l.Device()
	require.Equal(t, "purego", name)
	require.NoError(t, failure)
	require.NoError(t, l.Close())
}
