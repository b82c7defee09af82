package feast

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
)

// Whoever says that his surface is equal to the layer's has an equal one; and once
// he has, neither packets too short to be shared nor time that runs back or leaps
// make him copy it again.
func TestSurfacesStayEqual(t *testing.T) {
	target, err := hw.Find("purego")
	require.NoError(t, err)
	c := Default()
	c.Neurons, c.Radius = 2, 1
	l, err := New(c, target)
	require.NoError(t, err)
	l.SetWorkers(3)
	rng := rand.New(rand.NewPCG(3, 5))
	var now int64
	packet := func(n int) []events.Event {
		in := make([]events.Event, n)
		for i := range in {
			now += rng.Int64N(30)
			if rng.IntN(2000) == 0 {
				now += []int64{1 << 31, 1 << 40, -1 << 35, -c.Tau.Microseconds() * 20}[rng.IntN(4)]
			}
			in[i] = events.Event{T: now - rng.Int64N(20), X: uint16(rng.IntN(40)), Y: uint16(rng.IntN(40)), P: events.Polarity(rng.IntN(2))}
		}
		return in
	}
	take := func(n int, equal ...bool) {
		t.Helper()
		require.NoError(t, l.Process(packet(n), make([]int16, n)))
		require.Len(t, l.split.twins, len(equal))
		for i, twin := range l.split.twins {
			require.Equal(t, equal[i], twin.equal, "worker %d", i)
			if twin.equal {
				require.Equal(t, l.surface, twin.layer.surface, "worker %d", i)
			}
		}
	}
	splitFrom := splitFrom(c)
	take(splitFrom - 1)
	take(splitFrom, true) // learning: a worker a polarity
	take(100, true)
	l.SetLearning(false)
	take(100, true)
	take(splitFrom, true, true)
	for range 30 {
		take(1+rng.IntN(3*splitFrom), true, true)
	}
	require.Positive(t, l.StepsBack())
	l.SetLearning(true)
	take(100, true, false)
	take(splitFrom, true, false)
	l.SetLearning(false)
	take(100, true, false)
	take(splitFrom, true, true)

	l.Reset()
	take(100, false, false)
	take(splitFrom, true, true)
	state, err := l.MarshalBinary()
	require.NoError(t, err)
	take(splitFrom, true, true)
	require.NoError(t, l.UnmarshalBinary(state))
	take(100, false, false)
	take(splitFrom, true, true)
}
