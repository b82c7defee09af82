package fpgaserve

import (
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/hw/fpga/remote"
)

// beside is a layer on a device and the same on a processor.
type beside struct{ there, here *feast.Layer }

func newBeside(t *testing.T, target hw.Target, change func(c *feast.Config)) beside {
	t.Helper()
	c := feast.Default()
	change(&c)
	best, err := hw.BestProcessor()
	require.NoError(t, err)
	var b beside
	b.there, err = feast.New(c, target)
	require.NoError(t, err)
	b.here, err = feast.New(c, best)
	require.NoError(t, err)
	return b
}

// same takes events through both, from one to another.
func (b *beside) same(from, to int) error {
	in := drawn(to)[from:]
	want, got := make([]int16, len(in)), make([]int16, len(in))
	if err := errors.Join(b.here.Process(in, want), b.there.Process(in, got)); err != nil {
		return err
	}
	for i := range want {
		if want[i] != got[i] {
			return errors.New("another winner")
		}
	}
	return nil
}

func (b *beside) sameState(t *testing.T) {
	t.Helper()
	want, err := b.here.MarshalBinary()
	require.NoError(t, err)
	got, err := b.there.MarshalBinary()
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// Layers of all kinds share a device, also from several goroutines, and none sees anything of the others.
func TestLayersShareADevice(t *testing.T) {
	s := serve(t, large(), Options{})
	// Each by a target of its own, as the parts of a program find them.
	all := []beside{
		newBeside(t, at(t, s, ""), func(*feast.Config) {}),
		newBeside(t, at(t, s, ""), func(c *feast.Config) { c.Mode, c.Radius, c.Neurons, c.Seed = feast.Merged, 3, 20, 5 }),
		newBeside(t, at(t, s, ""), func(c *feast.Config) { c.Eta, c.Decay, c.MinRecent = 0.01, feast.DecayLinear, 3 }),
	}
	failures := make([]error, len(all))
	var working sync.WaitGroup
	for k := range all {
		working.Go(func() {
			for i := range 6 {
				if i == 4 {
					all[k].here.SetLearning(false)
					all[k].there.SetLearning(false)
				}
				failures[k] = errors.Join(failures[k], all[k].same(300*i, 300*(i+1)))
			}
		})
	}
	working.Wait()
	require.NoError(t, errors.Join(failures...))
	for k := range all {
		all[k].sameState(t)
		_, failure := all[k].there.Device()
		require.NoError(t, failure)
	}
	require.Equal(t, uint64(1), s.Stats().Hosts, "one connexion for all of them")

	// Another process is refused, and the last layer that goes lets it in.
	for k := range all {
		_, err := remote.Dial(t.Context(), s.Registers(), remote.Options{})
		require.ErrorIs(t, err, remote.ErrBusy)
		require.NoError(t, all[k].there.Close())
	}
	afresh(t, dial(t, s.Registers(), remote.Options{}), 100)
}

// A device that goes away is noticed by each of its layers when its turn comes; a layer that was not in it lost nothing.
func TestSharedDeviceGoesAway(t *testing.T) {
	s := serve(t, large(), Options{})
	target := at(t, s, ",timeout=2s")
	first, second := newBeside(t, target, func(*feast.Config) {}), newBeside(t, target, func(c *feast.Config) { c.Seed = 9 })
	require.NoError(t, first.same(0, 500))
	require.NoError(t, second.same(0, 500))
	s.stop()
	for _, b := range []beside{first, second} {
		require.NoError(t, b.same(500, 900))
		_, failure := b.there.Device()
		require.Error(t, failure)
		b.sameState(t)
		require.NoError(t, b.there.Close())
	}
}

func TestFits(t *testing.T) {
	s := serve(t, large(), Options{})
	fitter, ok := at(t, s, "").(hw.Fitter)
	require.True(t, ok)
	decay, err := hw.NewDecay(20_000, hw.PeakBits(121))
	require.NoError(t, err)
	c := hw.EngineConfig{Radius: 5, Neurons: 16, Decay: decay, Recent: 1}
	c.Geometry.Width, c.Geometry.Height = 34, 34
	require.NoError(t, fitter.Fits(c))
	e, err := fitter.Open(c)
	require.NoError(t, err)
	c.Neurons = 129
	var limit *hwfpga.LimitError
	require.ErrorAs(t, fitter.Fits(c), &limit)
	require.Equal(t, 128, limit.Limit)
	_, err = fitter.Open(c)
	require.ErrorAs(t, err, &limit)
	require.NoError(t, e.Process(make([]hw.EngineEvent, 3), make([]int16, 3)), "the layer that is there stays")
	require.NoError(t, e.Close())
	c.Neurons = 16
	require.NoError(t, fitter.Fits(c))
	s.stop()
	require.Error(t, fitter.Fits(c))
	_, err = fitter.Open(c)
	require.Error(t, err)
}

// A layer that was not in the device when it went away goes on in one that comes in its place.
func TestAnotherDeviceInItsPlace(t *testing.T) {
	s := serve(t, large(), Options{})
	target := at(t, s, "")
	out, inside := newBeside(t, target, func(*feast.Config) {}), newBeside(t, target, func(c *feast.Config) { c.Mode = feast.Merged })
	require.NoError(t, out.same(0, 500))
	require.NoError(t, inside.same(0, 500))
	s.stop()
	again := serve(t, large(), Options{Registers: s.Registers()})
	require.NoError(t, inside.same(500, 900))
	_, failure := inside.there.Device()
	require.Error(t, failure, "its state was lost with the device")
	require.NoError(t, out.same(500, 900))
	out.sameState(t)
	_, failure = out.there.Device()
	require.NoError(t, failure)
	require.Equal(t, uint64(1), again.Stats().Hosts)
	for _, b := range []beside{out, inside} {
		require.NoError(t, b.there.Close())
	}
}
