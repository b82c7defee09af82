package feast_test

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
)

// small is a layer whose whole state can be cut at every byte.
func small() feast.Config {
	c := feast.Default()
	c.Width, c.Height, c.Neurons, c.Radius = 5, 4, 2, 1
	return c
}

func layerState(t require.TestingT, l *feast.Layer) []byte {
	b, err := l.MarshalBinary()
	require.NoError(t, err)
	return b
}

func TestStateRefused(t *testing.T) {
	l := newLayer(t, small())
	process(t, l, movingEdges(small(), 300))
	good := layerState(t, l)
	refused := func(b []byte, says string) {
		t.Helper()
		require.ErrorContains(t, l.UnmarshalBinary(b), says)
		require.True(t, bytes.Equal(good, layerState(t, l)), "the layer is as it was")
	}
	for n := range good {
		refused(good[:n], "feast state")
	}
	refused(nil, `feast state at byte 0: expected "SFST", found ""`)
	refused(append(bytes.Clone(good), 0), "feast state at byte")

	change := func(at int, b ...byte) []byte {
		out := bytes.Clone(good)
		copy(out[at:], b)
		return out
	}
	length := int(binary.LittleEndian.Uint32(good[6:]))
	learning := 10 + length
	master := learning + 1 + 8*(6+2+4+2)
	refused(change(0, 'X'), `feast state at byte 0: expected "SFST", found "XFST"`)
	refused(change(4, 2, 1), "feast state at byte 4: expected version 1 to 2, found 258")
	refused(change(6, 0xff, 0xff, 0xff, 0xff), "feast state at byte 6: expected a configuration of at most")
	refused(change(6, 0, 0, 2, 0), "feast state at byte 6: expected a configuration of at most")
	refused(change(6, byte(length-1)), "another configuration")
	refused(change(11, 'W'), "another configuration")
	refused(change(learning, 2), "learning: expected 0 or 1, found 2")
	refused(change(master+3, 0x7f), "weights of feature 0: expected a vector of length one")
	refused(change(master+4*4*9+3, 0x7f), "threshold of feature 0: expected a cosine")
	refused(change(len(good)-1, 0xff), "expected a stamp of at most")
	require.NoError(t, l.UnmarshalBinary(good))
}

func TestStateOfAnotherConfiguration(t *testing.T) {
	good := layerState(t, newLayer(t, small()))
	for name, change := range map[string]func(c *feast.Config){
		"width": func(c *feast.Config) { c.Width++ }, "height": func(c *feast.Config) { c.Height++ },
		"mode": func(c *feast.Config) { c.Mode = feast.Merged }, "border": func(c *feast.Config) { c.Border = feast.BorderZero },
		"neurons": func(c *feast.Config) { c.Neurons++ }, "radius": func(c *feast.Config) { c.Radius = 0 },
		"tau": func(c *feast.Config) { c.Tau += time.Microsecond }, "eta": func(c *feast.Config) { c.Eta *= 2 },
		"delta_i": func(c *feast.Config) { c.DeltaI *= 2 }, "delta_e": func(c *feast.Config) { c.DeltaE *= 2 },
		"threshold": func(c *feast.Config) { c.InitialThreshold /= 2 }, "seed": func(c *feast.Config) { c.Seed++ },
		"decay": func(c *feast.Config) { c.Decay = feast.DecayLinear }, "anneal": func(c *feast.Config) { c.Anneal = feast.Anneal{Every: 5} },
	} {
		c := small()
		change(&c)
		l := newLayer(t, c)
		before := layerState(t, l)
		err := l.UnmarshalBinary(good)
		require.ErrorContains(t, err, "it was taken from another configuration: expected {", name)
		require.Equal(t, before, layerState(t, l), name)
	}
}

// A layer goes on from its state as if it had not been stopped, learning off
// included.
func TestStateContinues(t *testing.T) {
	in := movingEdges(small(), 2000)
	for _, learning := range []bool{true, false} {
		whole := newLayer(t, small())
		process(t, whole, in[:777])
		whole.SetLearning(learning)
		other := newLayer(t, small())
		other.SetLearning(!learning)
		require.NoError(t, other.UnmarshalBinary(layerState(t, whole)))
		require.Equal(t, learning, other.Learning())
		require.Equal(t, whole.Counters(), other.Counters())
		require.Equal(t, whole.Weights(), other.Weights())
		require.Equal(t, process(t, whole, in[777:]), process(t, other, in[777:]))
		require.Equal(t, layerState(t, whole), layerState(t, other))
	}
}

// asVersion1 is the state of a small layer as version 1 had it.
func asVersion1(now []byte) []byte {
	counters := 11 + int(binary.LittleEndian.Uint32(now[6:]))
	before := bytes.Clone(now[:counters+8*4])
	before[4] = 1
	before = append(before, now[counters+8*6:counters+8*(6+2+4)]...)
	return append(before, now[counters+8*(6+2+4+2):]...)
}

// States of version 1 had no counts of noise, of ignored events and of learning.
func TestStateOfVersion1(t *testing.T) {
	l := newLayer(t, small())
	in := movingEdges(small(), 300)
	process(t, l, in)
	now := layerState(t, l)
	before := asVersion1(now)
	other := newLayer(t, small())
	require.NoError(t, other.UnmarshalBinary(before))
	require.Equal(t, now, layerState(t, other))
	require.Error(t, other.UnmarshalBinary(before[:len(before)-1]))
	require.Error(t, other.UnmarshalBinary(append(before, 0)))
}

func FuzzState(f *testing.F) {
	target, err := hw.Find("purego")
	require.NoError(f, err)
	l, err := feast.New(small(), target)
	require.NoError(f, err)
	fresh, err := l.MarshalBinary()
	require.NoError(f, err)
	in := movingEdges(small(), 100)
	winners := make([]int16, len(in))
	require.NoError(f, l.Process(in, winners))
	used, err := l.MarshalBinary()
	require.NoError(f, err)
	f.Add(fresh)
	f.Add(used)
	f.Add(used[:len(used)-7])
	f.Add(asVersion1(used))
	f.Add([]byte("SFST"))
	f.Fuzz(func(t *testing.T, state []byte) {
		// Making a layer costs more than all else here: one is put back each time.
		require.NoError(t, l.UnmarshalBinary(fresh))
		if l.UnmarshalBinary(state) != nil {
			require.Equal(t, fresh, layerState(t, l), "refused, and the layer was changed")
			return
		}
		taken := layerState(t, l)
		if state[len("SFST")] == 1 { // is taken as version 2 from now on, with counts that it did not have
			require.NoError(t, l.UnmarshalBinary(taken))
			require.Equal(t, taken, layerState(t, l))
		} else {
			require.Equal(t, state, taken, "what is put back is what is taken")
		}
		require.NoError(t, l.Process(in, winners))
		for i, w := range winners {
			require.True(t, w >= hw.Ignored && w < 4, "event %d: %d", i, w)
		}
		require.NoError(t, l.Process([]events.Event{{T: -1 << 63}, {T: 1<<63 - 1}}, winners[:2]))
	})
}
