package lava_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta/lava"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

// network is the small one, with the weights of a seed.
func network(t require.TestingT, target hw.Target, seed uint64) *lava.Network {
	top, err := topology.Parse([]byte(small), "")
	require.NoError(t, err)
	n, err := lava.New(top, arrays(t, rand.New(rand.NewPCG(seed, 1))), target)
	require.NoError(t, err)
	return n
}

func stateOf(t require.TestingT, n *lava.Network) []byte {
	b, err := n.MarshalBinary()
	require.NoError(t, err)
	return b
}

// inputs are a stream.
func inputs(seed uint64, steps int) (out [][]int32) {
	rng := rand.New(rand.NewPCG(seed, 2))
	now := make([]int32, 84)
	for range steps {
		for i := range now {
			if rng.IntN(4) == 0 {
				now[i] = int32(rng.IntN(4000) - 2000)
			}
		}
		out = append(out, slices.Clone(now))
	}
	return out
}

// A stream that is cut, with layers in the middle of what is on its way, and continued
// elsewhere gives the same values and states.
func TestStateInTheMiddle(t *testing.T) {
	purego, err := hw.Find("purego")
	require.NoError(t, err)
	hwtest.Targets(t, func(t *testing.T, target hw.Target) {
		stream := inputs(1, 20)
		for cut := range stream {
			whole, other := network(t, purego, 3), network(t, target, 3)
			for _, input := range stream[:cut] {
				_, err := whole.Step(input)
				require.NoError(t, err)
			}
			_, err := other.Step(stream[7])
			require.NoError(t, err)
			require.NoError(t, other.UnmarshalBinary(stateOf(t, whole)))
			for _, input := range stream[cut:] {
				want, err := whole.Step(input)
				require.NoError(t, err)
				got, err := other.Step(input)
				require.NoError(t, err)
				require.Equal(t, want, got)
				require.Equal(t, whole.Counters(), other.Counters())
			}
			require.Equal(t, stateOf(t, whole), stateOf(t, other))
		}
	})
}

// used is a network in the middle of a stream, and its state.
func used(t require.TestingT) (*lava.Network, []byte) {
	target, err := hw.Find("purego")
	require.NoError(t, err)
	n := network(t, target, 3)
	for _, input := range inputs(1, 5) {
		_, err := n.Step(input)
		require.NoError(t, err)
	}
	return n, stateOf(t, n)
}

func TestStateRefused(t *testing.T) {
	n, good := used(t)
	_, err := n.Step(inputs(4, 1)[0])
	require.NoError(t, err)
	before := stateOf(t, n)
	refused := func(b []byte, says string) {
		t.Helper()
		require.ErrorContains(t, n.UnmarshalBinary(b), says)
		require.Equal(t, before, stateOf(t, n))
	}
	change := func(at int, v byte) []byte {
		b := bytes.Clone(good)
		b[at] = v
		return b
	}
	for k := range good {
		refused(good[:k], "lava state")
	}
	refused(append(bytes.Clone(good), 0), "expected")
	refused(change(4, 1), "lava state at byte 4: expected version 2, found 1")
	const pending = 38 + 4*84 + 16
	require.EqualValues(t, 1, good[pending])
	refused(change(pending, 2), "lava state at byte 390: pending: expected 0 or 1, found 2")
	refused(change(pending, 0), "expected no sums, as none is pending")
	target, err := hw.Find("purego")
	require.NoError(t, err)
	refused(stateOf(t, network(t, target, 4)), "lava state at byte 6: expected one of network")
	require.NoError(t, n.UnmarshalBinary(good))
	require.Equal(t, good, stateOf(t, n))
}

func FuzzState(f *testing.F) {
	n, good := used(f)
	n.Reset()
	fresh := stateOf(f, n)
	f.Add(good)
	f.Add(fresh)
	input := inputs(9, 1)[0]
	f.Fuzz(func(t *testing.T, b []byte) {
		require.NoError(t, n.UnmarshalBinary(fresh))
		if n.UnmarshalBinary(b) != nil {
			require.Equal(t, fresh, stateOf(t, n))
			return
		}
		require.Equal(t, b, stateOf(t, n))
		_, err := n.Step(input)
		require.NoError(t, err)
	})
}

// Counters go with the state: what they are at is documented.
func TestStateLayout(t *testing.T) {
	n, good := used(t)
	const input = 38 + 4*84
	require.Equal(t, n.Counters()[0].Sent, binary.LittleEndian.Uint64(good[input:]))
	require.Equal(t, n.Counters()[0].TotalSent, binary.LittleEndian.Uint64(good[input+8:]))
	const at = input + 16 + 1 + 3*4*64
	require.Equal(t, n.Counters()[1].MACs, binary.LittleEndian.Uint64(good[at:]))
	require.Equal(t, n.Counters()[1].TotalMACs, binary.LittleEndian.Uint64(good[at+8:]))
	require.Equal(t, "SLVA", string(good[:4]))
}

// What is counted is what there is: the input's changes above its threshold, as many
// multiply-adds as they have synapses, and four bytes for every value that is remembered.
func TestCounters(t *testing.T) {
	target, err := hw.Find("purego")
	require.NoError(t, err)
	n := network(t, target, 3)
	input := make([]int32, 84)
	input[0], input[40], input[41] = 100, 99, -2000
	_, err = n.Step(input)
	require.NoError(t, err)
	c := n.Counters()
	require.Len(t, c, 4)
	require.Equal(t, lava.Counters{Layer: "input", Neurons: 84, Sent: 2, TotalSent: 2, StateBytes: 4 * 84}, c[0])
	require.Equal(t, "conv", c[1].Layer)
	require.EqualValues(t, 4*4*4*9-2*4*4*3, c[1].DenseMACs, "the two rows of padding are not multiplied")
	require.Equal(t, 4*(3*64), c[1].StateBytes)
	require.Equal(t, 4*(2*3), c[3].StateBytes, "the last layer sends nothing, and remembers no such thing")
	require.Equal(t, 3, n.Delay())
	_, err = n.Step(input)
	require.NoError(t, err)
	require.Zero(t, n.Counters()[0].Sent)
	require.EqualValues(t, 2, n.Counters()[0].TotalSent)
	n.Reset()
	require.Zero(t, n.Counters()[0].TotalSent)
}
