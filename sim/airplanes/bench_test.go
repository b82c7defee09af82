package airplanes

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkRecord is of one recording, as a data set makes it.
func BenchmarkRecord(b *testing.B) {
	for name, texture := range map[string]float64{"plain": 0, "textured": DefaultConfig().Texture} {
		b.Run(name, func(b *testing.B) {
			c := DefaultConfig()
			c.Texture = texture
			d, err := NewDataSet(c, 1000, 1)
			require.NoError(b, err)
			i, n := 0, 0
			for b.Loop() {
				r, err := d.Recording(b.Context(), i%d.Len())
				require.NoError(b, err)
				i++
				n += len(r.Events)
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
