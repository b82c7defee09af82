package formattest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// Allocations is how often a reader allocates for a packet of so many events, once it
// has begun. Its source is endless (see [Endless]), and every packet comes full.
func Allocations(t *testing.T, r events.Reader, capacity int) float64 {
	t.Helper()
	p := events.NewPacket(capacity)
	for range 10 {
		require.NoError(t, r.Read(p))
		require.Len(t, p.Events, capacity)
	}
	return testing.AllocsPerRun(100, func() {
		if err := r.Read(p); err != nil || len(p.Events) != capacity {
			t.Errorf("%d events of %d: %v", len(p.Events), capacity, err)
		}
	})
}
