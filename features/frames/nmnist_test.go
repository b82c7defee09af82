package frames_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/frames"
)

// recordings reads some of N-MNIST's training recordings.
func recordings(t testing.TB, step int) (out [][]events.Event) {
	t.Helper()
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("SACCADE_DATA is not set: it names the folder with the real recordings")
	}
	list, err := nmnist.Folder(filepath.Join(data, "nmnist", "Train"))
	require.NoError(t, err)
	for i := 0; i < len(list); i += step {
		f, err := events.Open(list[i].Path, events.OpenOptions{})
		require.NoError(t, err)
		in, err := events.ReadAll(f)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		out = append(out, in)
	}
	return out
}

// No event of a recording is lost, and none counts twice.
func TestEveryEventCountsOnce(t *testing.T) {
	for _, in := range recordings(t, 40) {
		for _, c := range []frames.Config{
			{Width: 34, Height: 34, Every: 10 * time.Millisecond, Levels: frames.MaxLevels},
			{Width: 34, Height: 34, Events: 500, Pool: 3, Levels: frames.MaxLevels},
		} {
			all, err := frames.All(c, in, nil)
			require.NoError(t, err)
			want, got := [2]int{}, [2]int{}
			for _, e := range in {
				want[e.P]++
			}
			for _, values := range all {
				for i, v := range values {
					got[i*2/len(values)] += int(v)
				}
			}
			require.Equal(t, want, got)
		}
	}
}

// BenchmarkFramer frames a recording of N-MNIST, about 4,200 events, in 30 frames.
func BenchmarkFramer(b *testing.B) {
	in := recordings(b, 800)[0]
	for name, c := range map[string]frames.Config{
		"counts":       {Every: 10 * time.Millisecond},
		"counts/pool3": {Every: 10 * time.Millisecond, Pool: 2, Kernel: 3},
		"surface":      {Every: 10 * time.Millisecond, Kind: frames.Surface, Tau: 20 * time.Millisecond},
	} {
		b.Run(name, func(b *testing.B) {
			c.Width, c.Height = 34, 34
			f := open(b, c)
			give := func(*frames.Frame) error { return nil }
			for b.Loop() {
				if f.Add(in, nil, give) != nil || f.End(give) != nil {
					b.Fatal("an error")
				}
			}
			b.ReportMetric(float64(len(in))*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
