package serve_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/serve"
	"github.com/saccade-dev/saccade/events"
)

// The filters of a configuration are those of its sensors' pipelines, and what they drop is told
// in the answer's headers and in the status.
func TestFilters(t *testing.T) {
	c := testConfig(t, t.TempDir())
	c.Pipeline.Filters.Refractory, c.Pipeline.Filters.Background = time.Millisecond, 5*time.Millisecond
	d, stop := run(t, c, serve.Hooks{})
	nc := connect(t, d)
	results, err := nc.SubscribeSync("saccade.a.*")
	require.NoError(t, err)
	m := message(t, bus.EventsHeader{Geometry: events.Geometry{Width: 34, Height: 34}},
		events.Event{T: 0, X: 10, Y: 10},    // nothing is near
		events.Event{T: 10, X: 11, Y: 11},   // kept
		events.Event{T: 20, X: 11, Y: 11},   // too soon
		events.Event{T: 900, X: 10, Y: 10},  // too soon, though the first was dropped later: the refractory period kept it
		events.Event{T: 9000, X: 10, Y: 10}, // nothing was near for long
		events.Event{T: 9001, X: 10, Y: 9},  // kept
	)
	require.Equal(t, bus.OutcomeProcessed, request(t, nc, m))
	require.NoError(t, stop())
	var seen bool
	var last bus.Status
	for {
		m, err := results.NextMsg(time.Second)
		if err != nil {
			break
		}
		switch m.Subject {
		case "saccade.a.features":
			h, err := bus.ParseFeaturesHeader(m.Header)
			require.NoError(t, err)
			require.Equal(t, bus.Counts{Events: 6, Refractory: 2, Background: 2}, bus.Counts{
				Events: h.Counts.Events, Refractory: h.Counts.Refractory, Background: h.Counts.Background,
			})
			require.Equal(t, []string{"2"}, m.Header[bus.HeaderRefractory])
			seen = true
		case "saccade.a.status":
			last, err = bus.Decode[bus.Status](m.Data)
			require.NoError(t, err)
		}
	}
	require.True(t, seen)
	require.Equal(t, bus.Filtered{Refractory: 2, Background: 2}, last.Filtered)
	require.Equal(t, int64(6), last.Events)
	require.Equal(t, last.Events, last.Features+last.Missed+last.Border+last.Outside+last.Noise+last.Ignored+last.Filtered.Sum())
}
