package decide_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/decide"
)

func marshal(t testing.TB, d *decide.Decider) []byte {
	t.Helper()
	b, err := d.MarshalBinary()
	require.NoError(t, err)
	return b
}

// used is a decider in the middle of its second recording.
func used(t testing.TB) *decide.Decider {
	d := open(t, network(t, small(), 1), purego(t))
	none := func(*decide.Step) error { return nil }
	require.NoError(t, d.Add(stream(1, 80), nil, none))
	d.Reset()
	require.NoError(t, d.Add(stream(2, 120), nil, none))
	return d
}

func TestStateRefused(t *testing.T) {
	good := marshal(t, used(t))
	fresh := open(t, network(t, small(), 1), purego(t))
	before := marshal(t, fresh)
	refused := func(b []byte, says string) {
		t.Helper()
		require.ErrorContains(t, fresh.UnmarshalBinary(b), says)
		require.Equal(t, before, marshal(t, fresh), "the decider is as it was")
	}
	for n := 0; n < len(good); n += 7 {
		refused(good[:n], "decider state: at byte")
	}
	refused(append(bytes.Clone(good), 0), "decider state: at byte 22: expected")
	change := func(at int, v uint64) []byte {
		out := bytes.Clone(good)
		binary.LittleEndian.PutUint64(out[at:], v)
		return out
	}
	layers := len(used(t).Counters().Layers)
	tallies := 22 + 8*(10+5*layers)
	refused(change(0, 'X'), `at byte 0: expected "SDEC"`)
	refused(change(4, 2), "at byte 4: expected version 1, found 2")
	refused(change(6, 1<<63), "at byte 22: expected")
	refused(change(22+5*8, 1), "expected a frame for each of the engine's")
	refused(change(22+6*8, 1<<40), "empty ones")
	refused(change(22+8*8, 2), "expected 1 first frame")
	refused(change(tallies, 1<<20), "expected at most as many recent frames")
	refused(change(tallies, 1<<33), "expected at most 4294967295 frames")
	refused(change(tallies+4*8, 1<<60), "output 0: expected a sum of at most")
	refused(change(tallies+56, 0), "expected at most 4294967295 frames, and nothing without frames")
	other := open(t, network(t, small(), 2), purego(t))
	require.ErrorContains(t, other.UnmarshalBinary(good), "expected one of network")
	require.NoError(t, fresh.UnmarshalBinary(good))
	require.Equal(t, good, marshal(t, fresh))
}

func FuzzState(f *testing.F) {
	good := marshal(f, used(f))
	fresh := open(f, network(f, small(), 1), purego(f))
	f.Add(good)
	f.Add(marshal(f, fresh))
	f.Add(good[:len(good)/2])
	f.Fuzz(func(t *testing.T, b []byte) {
		d := open(t, network(t, small(), 1), purego(t))
		before := marshal(t, d)
		if d.UnmarshalBinary(b) != nil {
			require.Equal(t, before, marshal(t, d), "refused, and the decider was changed")
			return
		}
		require.Equal(t, b, marshal(t, d))
		require.NoError(t, d.Add(stream(3, 60), nil, func(*decide.Step) error { d.Recent(); d.All(); return nil }))
		d.Counters()
		d.Reset()
	})
}
