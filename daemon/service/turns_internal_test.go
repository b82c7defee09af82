package service

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	_ "github.com/saccade-dev/saccade/sim/fpga/target"
)

// busy computes over and over again until ctx ends, so long each time, and gives how long in all.
func busy(ctx context.Context, t *turns, each time.Duration) (total time.Duration) {
	var own turn
	for ctx.Err() == nil {
		t.begin(&own)
		<-time.After(each)
		t.end(&own, each)
		total += each
	}
	return total
}

// However many sensors have more to do than they get done, a quiet one waits for one message, and not for all of them.
func TestQuietSensorsGoFirst(t *testing.T) {
	for _, processors := range []int{1, 2, 4} {
		synctest.Test(t, func(t *testing.T) {
			const each = 10 * time.Millisecond
			ts := &turns{free: processors}
			ctx, cancel := context.WithCancel(t.Context())
			var running sync.WaitGroup
			for range 100 {
				running.Go(func() { busy(ctx, ts, each) })
			}
			<-time.After(5 * time.Second) // until each has computed, nobody is quieter than others
			var own turn
			var longest time.Duration
			for i := range 50 { // a third of its share, or less
				<-time.After(time.Duration(307+i%13) * time.Millisecond)
				asked := time.Now()
				ts.begin(&own)
				longest = max(longest, time.Since(asked))
				<-time.After(time.Millisecond)
				ts.end(&own, time.Millisecond)
			}
			cancel()
			running.Wait()
			require.LessOrEqual(t, longest, each)
			require.Positive(t, longest, "it never had to wait: nothing was tested")
		})
	}
}

// A message of many packets makes room for others between two of them.
func TestLongMessagesMakeRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const packet, packets = 2 * time.Millisecond, 500
		ts := &turns{free: 1}
		var running sync.WaitGroup
		var long turn
		running.Go(func() {
			ts.begin(&long)
			began := time.Now()
			for range packets {
				<-time.After(packet)
				if ts.pass(&long, time.Since(began)) {
					began = time.Now()
				}
			}
			ts.end(&long, time.Since(began))
		})
		var own turn
		var longest time.Duration
		for range 20 {
			<-time.After(37 * time.Millisecond)
			asked := time.Now()
			ts.begin(&own)
			longest = max(longest, time.Since(asked))
			<-time.After(time.Millisecond)
			ts.end(&own, time.Millisecond)
		}
		running.Wait()
		require.LessOrEqual(t, longest, packet)
		require.Equal(t, 1, ts.free)
		require.InDelta(t, (packet * packets).Seconds(), long.used.Seconds(), 0.1, "what it took is counted")
	})
}

// Whoever wants all there is gets the same share, however long its messages take; and as many compute as there are
// processors.
func TestTurnsAreFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const processors = 2
		ts := &turns{free: processors}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		lengths := []time.Duration{10 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond, 20 * time.Millisecond, 40 * time.Millisecond}
		got := make([]time.Duration, len(lengths))
		var running sync.WaitGroup
		for i, each := range lengths {
			running.Go(func() { got[i] = busy(ctx, ts, each) })
		}
		running.Wait()
		var all time.Duration
		for _, g := range got {
			all += g
			require.InDelta(t, 4, g.Seconds(), 0.3, "%v", got)
		}
		require.InDelta(t, 20, all.Seconds(), 0.2, "no processor was idle")
		require.Equal(t, processors, ts.free)
		require.Empty(t, ts.waiting)
	})
}

// Silence saves up nothing: who comes back does not hold up others for as long as it was away.
func TestNobodySavesUpTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := &turns{free: 1}
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		var first time.Duration
		running.Go(func() { first = busy(ctx, ts, 10*time.Millisecond) })
		<-time.After(time.Minute)
		late, stop := context.WithTimeout(ctx, 10*time.Second)
		var second time.Duration
		running.Go(func() { second = busy(late, ts, 10*time.Millisecond) })
		<-late.Done()
		stop()
		cancel()
		running.Wait()
		require.InDelta(t, 65, first.Seconds(), 0.2)
		require.InDelta(t, 5, second.Seconds(), 0.2)
	})
}

// Whatever comes in whatever order, no more compute than there are processors, and everybody is done in the end.
func TestTurnsEnd(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		processors := rapid.IntRange(1, 3).Draw(rt, "processors")
		sensors := rapid.SliceOfN(rapid.SliceOfN(rapid.IntRange(0, 20), 1, 5), 1, 6).Draw(rt, "sensors")
		synctest.Test(t, func(t *testing.T) {
			ts := &turns{free: processors}
			var mu sync.Mutex
			computing, most := 0, 0
			count := func(n int) {
				mu.Lock()
				defer mu.Unlock()
				computing += n
				most = max(most, computing)
			}
			var running sync.WaitGroup
			for _, s := range sensors {
				running.Go(func() {
					var own turn
					for _, ms := range s {
						ts.begin(&own)
						count(1)
						<-time.After(time.Duration(ms) * time.Millisecond)
						count(-1)
						ts.end(&own, time.Duration(ms)*time.Millisecond)
					}
				})
			}
			running.Wait()
			require.LessOrEqual(t, most, processors)
			require.Zero(t, computing)
			require.Equal(t, processors, ts.free)
		})
	})
}

// What is no processor needs no turn.
func TestDevicesNeedNoTurn(t *testing.T) {
	require.True(t, isProcessor("purego"))
	require.False(t, isProcessor("fpga-sim"))
	require.False(t, isProcessor("fpga@10.0.0.1:9000"))
}

func BenchmarkTurn(b *testing.B) {
	ts := &turns{free: 2}
	var own turn
	for b.Loop() {
		ts.begin(&own)
		ts.end(&own, time.Microsecond)
	}
}
