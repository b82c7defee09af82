package filter_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	_ "github.com/saccade-dev/saccade/events/aedat2"
	_ "github.com/saccade-dev/saccade/events/evt3"
	_ "github.com/saccade-dev/saccade/events/nmnist"
)

// recording is the events of a file of the shared recordings.
func recording(t testing.TB, parts ...string) (in []events.Event, g events.Geometry) {
	t.Helper()
	root := os.Getenv("SACCADE_DATA")
	if root == "" {
		t.Skip("SACCADE_DATA is not set: real recordings are not looked at")
	}
	r, err := events.Open(filepath.Join(append([]string{root}, parts...)...), events.OpenOptions{})
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close()) }()
	p := events.NewPacket(events.DefaultPacketEvents)
	for {
		p.Reset()
		err := r.Read(p)
		in = append(in, p.Events...)
		if errors.Is(err, io.EOF) {
			return in, r.Header().Geometry
		}
		require.NoError(t, err)
	}
}

// Of real recordings the filters keep what their definition says, at settings from usual to
// extreme, and the usual ones keep some and drop some.
func TestRecordings(t *testing.T) {
	for _, parts := range [][]string{
		{"recordings", "evt3", "hd.raw"},
		{"recordings", "aedat2", "davis240c_imu_boxes.aedat"},
		{"nmnist", "Train", "3", "00008.bin"},
	} {
		in, g := recording(t, parts...)
		for _, c := range []struct {
			background bool
			dt         time.Duration
		}{{false, time.Millisecond}, {false, 25 * time.Millisecond}, {true, time.Millisecond}, {true, 5 * time.Millisecond}} {
			f, want, err := made(g, c.background, c.dt)
			require.NoError(t, err)
			p := events.NewPacket(len(in))
			p.Events = append(p.Events, in...)
			dropped := f.Run(p)
			t.Logf("%v, background %v, %v: %d of %d dropped, %.2f %%", parts, c.background, c.dt, dropped, len(in), 100*float64(dropped)/float64(len(in)))
			kept := make([]events.Event, 0, len(in))
			for _, e := range in {
				if want.Keep(e) {
					kept = append(kept, e)
				}
			}
			require.Equal(t, len(in)-len(kept), dropped)
			for i, e := range kept { // one by one: a difference of many is printed as a whole otherwise
				require.Equal(t, e, p.Events[i], "%d", i)
			}
			if c.background || c.dt > time.Millisecond {
				require.Positive(t, dropped)
				require.NotEmpty(t, kept)
			}
		}
	}
}
