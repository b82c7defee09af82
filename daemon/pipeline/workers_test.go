package pipeline_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/model"
)

// Workers change no result and no state: what one pipeline leaves, another with
// more or fewer of them takes up. They stay through new models and states.
func TestWorkersChangeNothing(t *testing.T) {
	for _, learning := range []bool{true, false} {
		t.Run(fmt.Sprintf("learning %t", learning), func(t *testing.T) { workersChangeNothing(t, newModel(t, 1), newModel(t, 2), learning) })
		t.Run(fmt.Sprintf("network, learning %t", learning), func(t *testing.T) { workersChangeNothing(t, networks(t)["readout"], networks(t)["raw"], learning) })
	}
}

func workersChangeNothing(t *testing.T, m, next *model.Model, learning bool) {
	t.Helper()
	with := func(workers int) pipeline.Options {
		o := options(t, m)
		o.Learning, o.Workers = learning, workers
		o.PacketEvents = events.DefaultPacketEvents
		o.LabelEvery = 100 * time.Millisecond // 5,000 events: most packets are whole
		return o
	}
	alone, shared := newPipeline(t, with(0)), newPipeline(t, with(3))
	want, got := &record{t: t}, &record{t: t}
	var in []*pipeline.Input
	for i, cut := range slices.Collect(slices.Chunk(moving(5, 30_000, 0), 6000)) {
		in = append(in, message(t, encodings[0], cut), message(t, encodings[0], cut[:50]))
		in[2*i].Recording = fmt.Sprintf("of %d", i/2)
		in[2*i+1].Recording = in[2*i].Recording
	}
	for i, message := range in {
		switch i {
		case 3:
			require.NoError(t, alone.SetModel(next))
			require.NoError(t, shared.SetModel(next))
		case 6:
			state := marshal(t, shared)
			require.NoError(t, alone.UnmarshalBinary(state))
			shared = newPipeline(t, with(2))
			require.NoError(t, shared.UnmarshalBinary(state))
		}
		require.Equal(t, 1, alone.Layer().Workers())
		require.Equal(t, map[bool]int{true: 3, false: 2}[i < 6], shared.Layer().Workers())
		require.Equal(t, want.handle(alone, message), got.handle(shared, message))
	}
	require.Equal(t, want.answers, got.answers)
	require.Equal(t, want.labels, got.labels)
	require.NotEmpty(t, want.labels)
	require.Equal(t, alone.Counters(), shared.Counters())
	require.Equal(t, marshal(t, alone), marshal(t, shared))
	requireSums(t, shared)
}
