package roof

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRunsFindTheirLengthAndTheBest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := time.Duration(0)
		prepared := 0
		r := &Runs{
			Before: func() {
				prepared++
				<-time.After(time.Second) // is not timed
			},
			Do: func(calls int) { <-time.After(time.Duration(calls)*time.Microsecond + slow) },
		}
		r.Next()
		require.Equal(t, 64, r.Calls, "the first power of two that takes long enough")
		require.Equal(t, 8, prepared, "six tries that were too short, one that was not, and the run")
		require.Equal(t, 1, r.Count())
		require.InDelta(t, 1e-6, r.Best(), 1e-12)
		slow = 64 * time.Microsecond
		r.Next()
		require.Equal(t, 2, r.Count())
		require.InDelta(t, 1e-6, r.Best(), 1e-12)
		require.InDelta(t, 1.5e-6, r.Mean(), 1e-12)
		slow = -32 * time.Microsecond
		r.Next()
		require.InDelta(t, 0.5e-6, r.Best(), 1e-12)
	})
}
