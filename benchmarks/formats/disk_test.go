package formats_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// diskEvents is how many events the files of BenchmarkDisk have: more bytes than any buffer.
const diskEvents = 1 << 22

// BenchmarkDisk opens files and reads them to their end, as every command does: detection, the
// calls to the system and its copies included, of files that lie in the system's cache.
func BenchmarkDisk(b *testing.B) {
	for _, name := range []string{"nmnist", "evt2", "evt3", "dat", "es", "aedat2", "aedat31", "aedat4 NONE"} {
		b.Run(name, func(b *testing.B) {
			g := formatGeometry(name)
			_, data := written(b, name, g, edgeScene(g, diskEvents))
			path := filepath.Join(b.TempDir(), "recording")
			require.NoError(b, os.WriteFile(path, data, 0o600))
			p := events.NewPacket(events.DefaultPacketEvents)
			n := 0
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				n += readFile(b, path, p)
			}
			require.Equal(b, diskEvents*b.N, n)
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func readFile(b *testing.B, path string, p *events.Packet) (n int) {
	f, err := events.Open(path, events.OpenOptions{})
	require.NoError(b, err)
	for {
		err = f.Read(p)
		n += len(p.Events)
		if err != nil {
			break
		}
	}
	if !errors.Is(err, io.EOF) {
		require.NoError(b, err)
	}
	require.NoError(b, f.Close())
	return n
}
