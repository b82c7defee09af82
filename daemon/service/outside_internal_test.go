package service

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
)

// Every duration is in the one bucket that its bounds say, and in the sum.
func TestHistogram(t *testing.T) {
	bounds := LatencyBounds()
	for i := 1; i < len(bounds); i++ {
		require.Less(t, bounds[i-1], bounds[i])
	}
	rapid.Check(t, func(t *rapid.T) {
		var h histogram
		var want Latency
		for _, d := range rapid.SliceOf(rapid.Int64Range(0, int64(time.Minute))).Draw(t, "durations") {
			h.add(time.Duration(d))
			i := 0
			for i < len(bounds) && time.Duration(d) > bounds[i] {
				i++
			}
			want.Counts[i]++
			want.Sum += time.Duration(d)
		}
		require.Equal(t, want, h.read())
	})
	var h histogram
	h.add(bounds[0])
	h.add(bounds[0] + 1)
	h.add(-time.Hour) // two clocks
	h.add(time.Hour)
	l := h.read()
	require.EqualValues(t, 2, l.Counts[0])
	require.EqualValues(t, 1, l.Counts[1])
	require.EqualValues(t, 1, l.Counts[len(bounds)])
	require.EqualValues(t, 4, l.Count())
	require.Equal(t, time.Hour+2*bounds[0]+1, l.Sum)
}

// What rests is never stuck; what works is, from its last step on.
func TestPulse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pulse{from: time.Now()}
		after := func(d time.Duration) time.Duration { return p.still(time.Now().Add(d)) }
		require.Zero(t, after(time.Hour))
		p.beat()
		require.InDelta(t, float64(time.Hour), float64(after(time.Hour)), 1)
		time.Sleep(time.Minute) // of the bubble
		require.InDelta(t, float64(time.Minute), float64(after(0)), 1)
		p.beat()
		require.Zero(t, after(0))
		require.Equal(t, time.Second, after(time.Second))
		p.rest()
		require.Zero(t, after(time.Hour))
	})
}

// The reasons that are counted are those that package bus has.
func TestReasonsAreAll(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../bus/messages.go", nil, 0)
	require.NoError(t, err)
	var all []bus.Reason
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			v, ok := s.(*ast.ValueSpec)
			require.True(t, ok)
			if of, ok := v.Type.(*ast.Ident); !ok || of.Name != "Reason" {
				continue
			}
			for _, e := range v.Values {
				text, ok := e.(*ast.BasicLit)
				require.True(t, ok)
				r, err := strconv.Unquote(text.Value)
				require.NoError(t, err)
				all = append(all, bus.Reason(r))
			}
		}
	}
	require.NotEmpty(t, all)
	require.ElementsMatch(t, all, Reasons(), "rejects.go counts by the reasons that there are")

	var r rejects
	for i, reason := range Reasons() {
		for range i + 1 {
			r.add(reason)
		}
	}
	r.add("of another world")
	got := r.read()
	for i, reason := range Reasons() {
		want := uint64(i + 1)
		if reason == bus.ReasonInternal {
			want++
		}
		require.Equal(t, want, got[i], reason)
	}
}

// A pipeline that does not come back from what it does is found, by its name, for as long as it does not; the others
// are not.
func TestStuckPipelineIsFound(t *testing.T) {
	target, err := hw.Find("purego")
	require.NoError(t, err)
	c := feast.Default()
	c.Neurons, c.Radius = 2, 1
	subjects, err := bus.NewSubjects("test")
	require.NoError(t, err)
	server, err := bus.Start(t.Context(), bus.ServerOptions{})
	require.NoError(t, err)
	nc, err := bus.Connect(t.Context(), bus.ConnectOptions{Server: server})
	require.NoError(t, err)
	defer func() {
		nc.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(t, server.Shutdown(ctx))
	}()
	s := New(nc, Options{
		Subjects: subjects, Accepts: func(string) bool { return true },
		NewPipeline: func(string) (*pipeline.Pipeline, error) {
			return pipeline.New(pipeline.Options{Target: target, Feast: c, PacketEvents: 64})
		},
		MaxSensors: 9, MaxMessageBytes: 1 << 16, PendingMessages: 9, PendingBytes: 1 << 20, Log: slog.New(slog.DiscardHandler),
	})
	for _, name := range []string{"a", "b", "c"} {
		_, err := s.sensor(t.Context(), name)
		require.NoError(t, err)
	}
	defer s.running.Wait()
	defer close(s.closing)
	// However late it is, nobody is stuck who has nothing to do.
	do := func(name string) {
		require.NoError(t, s.Do(t.Context(), name, func(*pipeline.Pipeline) error { return nil }))
	}
	later := func(d time.Duration) []Stall { return s.stalls(time.Now().Add(d)) }
	for _, name := range []string{"a", "b", "c"} {
		do(name)
	}
	require.Eventually(t, func() bool { return len(later(time.Hour)) == 0 }, 10*time.Second, time.Millisecond)
	require.NoError(t, s.Working())

	reached, let := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- s.Do(t.Context(), "b", func(*pipeline.Pipeline) error {
			close(reached)
			<-let
			return nil
		})
	}()
	<-reached
	require.Empty(t, later(0))
	require.Empty(t, later(StallAfter/2))
	stalls := later(2 * StallAfter)
	require.Len(t, stalls, 1)
	require.Equal(t, "b", stalls[0].Sensor)
	require.Greater(t, stalls[0].For, StallAfter)
	require.NoError(t, s.Working(), "not yet")

	// As if it had begun long ago.
	b := s.find("b")
	b.outside.pulse.step.Store(int64(time.Since(s.started) - time.Hour))
	require.ErrorContains(t, s.Working(), "the pipeline of sensor b has not gone a step forward for 1h0m0s")
	require.Len(t, s.Overview().Stalls, 1)
	s.find("a").outside.pulse.step.Store(int64(time.Since(s.started) - 2*time.Hour))
	require.ErrorContains(t, s.Working(), "of sensor a has not gone a step forward for 2h0m0s, and of 1 more")
	s.find("a").outside.pulse.rest()
	close(let)
	require.NoError(t, <-done)
	require.Eventually(t, func() bool { return s.Working() == nil }, 10*time.Second, time.Millisecond)
}
