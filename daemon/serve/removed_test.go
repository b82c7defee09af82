package serve_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/serve"
	"github.com/saccade-dev/saccade/daemon/service"
)

// The consumers of a daemon are removed under it, again and again: it makes others, and nothing is missing.
func TestConsumersAreRemoved(t *testing.T) {
	want, model := undisturbed(t, nil, pair(t, 4, 12))
	url, nc := natsServer(t)
	c := streamConfig(t, url, "orphan")
	c.Pipeline.Model, c.Ingest.PendingMessages = model, 4
	made(t, c)
	last := publishAll(t, nc, pair(t, 4, 12)("orphan")...)
	_, events := stream(t, nc, "orphan-events")
	removed, taken := 0, 0
	mine := make(chan struct{}, 1)
	mine <- struct{}{}
	_, stop := run(t, c, serve.Hooks{At: func(_ string, at service.Step, _ uint64) {
		if at != service.StepTaken {
			return
		}
		<-mine
		defer func() { mine <- struct{}{} }()
		if taken++; taken%20 != 0 {
			return
		}
		names := events.ConsumerNames(t.Context())
		for name := range names.Name() {
			if events.DeleteConsumer(t.Context(), name) == nil {
				removed++
			}
		}
	}})
	requireSame(t, want, results(t, nc, "orphan", last))
	require.NoError(t, stop())
	require.Greater(t, removed, 3)
	t.Logf("%d consumers removed: nothing lost, nothing twice", removed)
}

// Messages are purged before they are processed: it is said how many at least, and the gap is counted.
func TestEventsArePurged(t *testing.T) {
	url, nc := natsServer(t)
	c := streamConfig(t, url, "purged")
	c.Ingest.PendingMessages = 4
	made(t, c)
	story := whole(t, "purged", 40)
	publishAll(t, nc, story[:30])
	hold := newTurnstile(10)
	var said logged
	d, stop := runWithLog(t, c, serve.Hooks{At: func(_ string, at service.Step, _ uint64) {
		if at == service.StepHandled {
			hold.pass()
		}
	}}, said.handler())
	within(t, "ten messages", hold.reached)
	_, events := stream(t, nc, "purged-events")
	require.NoError(t, events.Purge(t.Context()))
	last := publishAll(t, nc, story[30:])
	close(hold.open)
	caughtUp(t, d, last)
	s, err := d.Service.Sensor("left")
	require.NoError(t, err)
	require.EqualValues(t, 40, s.Status.Messages+s.Status.Gaps, "every message is one that was processed, or is in a gap")
	require.Positive(t, s.Status.Gaps)
	told := said.with("messages were removed from the stream before they were read")
	require.Len(t, told, 1)
	require.Positive(t, told[0].Messages)
	require.LessOrEqual(t, told[0].Messages, uint64(s.Status.Gaps), "at least so many")
	require.NoError(t, stop())
	t.Logf("purged: %d messages processed, %d lost, which was said and counted", s.Status.Messages, s.Status.Gaps)
}

// The stream of events is removed, and there is another one, whose numbers begin anew: under a daemon that works,
// which makes it by itself, and between two daemons. What is published to it is processed, all of it.
func TestEventsStreamIsReplaced(t *testing.T) {
	for _, running := range []bool{true, false} {
		t.Run(map[bool]string{true: "under a daemon", false: "between two"}[running], func(t *testing.T) {
			want, model := undisturbed(t, nil, pair(t, 4, 12))
			url, nc := natsServer(t)
			c := streamConfig(t, url, "anew")
			c.Pipeline.Model = model
			first, second := parts(pair(t, 4, 12)("anew"), 18) // fewer than behind, so that the old numbers come again
			var said logged
			d, stop := runWithLog(t, c, serve.Hooks{}, said.handler())
			last := publishAll(t, nc, first...)
			caughtUp(t, d, last)
			js, _ := stream(t, nc, "anew-events")
			if !running {
				require.NoError(t, stop())
			}
			require.NoError(t, js.DeleteStream(t.Context(), "anew-events"))
			if running {
				said.wait(t, "it was made anew")
				from := time.Now()
				waitFor(t, func() bool { _, err := js.Stream(t.Context(), "anew-events"); return err == nil })
				t.Logf("made anew %v after it was said to be gone", time.Since(from).Round(time.Millisecond))
			} else {
				made(t, c)
			}
			last = publishAll(t, nc, second...)
			if !running {
				_, stop = runWithLog(t, c, serve.Hooks{}, said.handler())
			}
			requireSame(t, want, results(t, nc, "anew", last))
			if running {
				require.NotEmpty(t, said.with("another stream of events has taken the place"))
			}
			require.NoError(t, stop())
		})
	}
}

// The stream of results is removed under a daemon: it makes another one, says so, and goes on where it was.
func TestResultsStreamIsRemoved(t *testing.T) {
	want, model := undisturbed(t, nil, pair(t, 4, 12))
	url, nc := natsServer(t)
	c := streamConfig(t, url, "bare")
	c.Pipeline.Model = model
	first, second := parts(pair(t, 4, 12)("bare"), 24)
	var said logged
	d, stop := runWithLog(t, c, serve.Hooks{}, said.handler())
	caughtUp(t, d, publishAll(t, nc, first...))
	js, before := stream(t, nc, "bare-results")
	was := before.CachedInfo().State.Msgs
	require.NoError(t, js.DeleteStream(t.Context(), "bare-results"))
	got := results(t, nc, "bare", func() map[string]uint64 {
		last := publishAll(t, nc, second...)
		said.wait(t, "it was made anew")
		return last
	}())
	require.NoError(t, stop())
	n := 0
	require.Subset(t, slices.Collect(maps.Keys(want)), slices.Collect(maps.Keys(got)))
	for subject, list := range want {
		left := got[subject] // nil where all were removed
		require.LessOrEqual(t, len(left), len(list), subject)
		require.Equal(t, list[len(list)-len(left):], append([]string{}, left...), subject)
		n += len(list) - len(got[subject])
	}
	require.EqualValues(t, was, n, "what was removed is missing, and nothing else")
	t.Logf("the stream of results removed with %d results: all that came behind is there", was)
}

func waitFor(t testing.TB, is func() bool) {
	t.Helper()
	require.Eventually(t, is, patience, 5*time.Millisecond)
}
