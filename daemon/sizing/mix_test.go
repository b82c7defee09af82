package sizing

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
)

// recording writes events as a file of N-MNIST's.
func recording(t *testing.T, in []events.Event) string {
	t.Helper()
	var b bytes.Buffer
	f, err := events.FormatByName(nmnist.Name)
	require.NoError(t, err)
	w, err := f.NewWriter(&b, events.Header{Geometry: side34})
	require.NoError(t, err)
	require.NoError(t, w.Write(in))
	require.NoError(t, w.Close())
	path := filepath.Join(t.TempDir(), "00001.bin")
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
	return path
}

var side34 = events.Geometry{Width: 34, Height: 34}

// collect gives a mixed recording as a whole.
func collect(t *testing.T, m *mixer, path string, seed uint64) (all []events.Event, noise []bool) {
	t.Helper()
	require.NoError(t, m.each(t.Context(), path, seed, func(in []events.Event, known []bool) error {
		require.Len(t, known, len(in))
		all, noise = append(all, in...), append(noise, known...)
		return nil
	}))
	return all, noise
}

// regular are events every so many microseconds.
func regular(n int, every int64) []events.Event {
	out := make([]events.Event, n)
	for i := range out {
		out[i] = events.Event{T: 1000 + int64(i)*every, X: uint16(i % 34), Y: uint16(i / 34 % 34), P: events.Polarity(i & 1)}
	}
	return out
}

// The recording's own events are all there and in their order, the noise is as frequent
// as the rate says, and time never runs back.
func TestMix(t *testing.T) {
	in := regular(10_000, 30) // 0.3 s
	m, err := newMixer(side34, 10)
	require.NoError(t, err)
	all, noise := collect(t, m, recording(t, in), 1)
	var own []events.Event
	for i, e := range all {
		if !noise[i] {
			own = append(own, e)
		}
		if i > 0 {
			require.GreaterOrEqual(t, e.T, all[i-1].T)
			require.False(t, noise[i-1] && !noise[i] && e.T == all[i-1].T, "the recording's come first")
		}
	}
	require.Equal(t, in, own)
	require.InDelta(t, 34*34*10*0.3, len(all)-len(own), 300) // 3,468, with a deviation of 59
	require.False(t, noise[0] || noise[len(noise)-1])

	again, _ := collect(t, m, recording(t, in), 1)
	require.Equal(t, all, again, "a mixer keeps nothing of the recording before")
	other, _ := collect(t, m, recording(t, in), 2)
	require.NotEqual(t, all, other)
}

// Where a recording's packets end does not show.
func TestMixWhateverThePackets(t *testing.T) {
	in := regular(3000, 7)
	for i := range in {
		in[i].T -= in[i].T % 20 // many at one time
	}
	path := recording(t, in)
	var want []events.Event
	for _, size := range []int{4096, 1, 17, 1000} {
		m, err := newMixer(side34, 100)
		require.NoError(t, err)
		m.packet = events.NewPacket(size)
		got, _ := collect(t, m, path, 1)
		if want == nil {
			want = got
		}
		require.Equal(t, want, got, "packets of %d", size)
	}
	require.Greater(t, len(want), 5000)
}

// Time that runs back within a recording loses no event of either kind.
func TestMixTimeRunningBack(t *testing.T) {
	in := regular(2000, 50)
	slices.Reverse(in[1000:1200]) // behind what the format is known by
	m, err := newMixer(side34, 20)
	require.NoError(t, err)
	all, noise := collect(t, m, recording(t, in), 1)
	var own []events.Event
	for i, e := range all {
		if !noise[i] {
			own = append(own, e)
		}
	}
	require.Equal(t, in, own)
	require.InDelta(t, 34*34*20*0.1, len(all)-len(own), 250)
}

func TestMixErrors(t *testing.T) {
	m, err := newMixer(side34, 1)
	require.NoError(t, err)
	nothing := func([]events.Event, []bool) error { return nil }
	empty := recording(t, nil)
	require.ErrorContains(t, m.each(t.Context(), empty, 1, nothing), empty)
	require.Error(t, m.each(t.Context(), filepath.Join(t.TempDir(), "none.bin"), 1, nothing))
	path := recording(t, regular(10, 10))
	enough := errors.New("enough")
	require.ErrorIs(t, m.each(t.Context(), path, 1, func([]events.Event, []bool) error { return enough }), enough)
	_, err = newMixer(side34, -1)
	require.ErrorContains(t, err, "NoiseRate")
	_, err = newMixer(events.Geometry{}, 1)
	require.ErrorContains(t, err, "0x0")
}
