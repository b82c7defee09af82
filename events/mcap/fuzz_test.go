package mcap_test

import (
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/mcap"
)

// Any bytes keep to the contract.
func FuzzRead(f *testing.F) {
	for _, compression := range []string{"", "lz4", "zstd"} {
		s := sample(f, compression)
		f.Add(s.Data)
		f.Add(s.Data[:len(s.Data)/2])
		f.Add(formattest.Compress(f, "zstd", s.Data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		formattest.Sound(t, formattest.Opener(t, mcap.Name, events.Geometry{}), data, 100)
	})
}
