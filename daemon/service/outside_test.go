package service_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/service"
	"github.com/saccade-dev/saccade/events"
)

func reasonCounts(r service.Rejects) map[bus.Reason]uint64 {
	out := map[bus.Reason]uint64{}
	for i, reason := range service.Reasons() {
		if r[i] > 0 {
			out[reason] = r[i]
		}
	}
	return out
}

// What is seen from outside is what subscribers saw: each feature event, each reject with its reason, each message
// with the time that it took.
func TestSeenFromOutside(t *testing.T) {
	o := serviceOptions(t)
	o.Accepts = func(name string) bool { return name != "stranger" }
	o.MaxMessageBytes = 1 << 12
	d := start(t, o, bus.ServerOptions{})
	published, err := d.nc.SubscribeSync("test.*.*")
	require.NoError(t, err)

	require.Equal(t, time.Duration(0), d.service.Overview().Latency.Sum)
	ask := func(subject string, header map[string]string, data []byte) {
		t.Helper()
		m := nats.NewMsg(subject)
		m.Data = data
		for k, v := range header {
			m.Header.Set(k, v)
		}
		_, err := d.nc.RequestMsgWithContext(testContext(t), m)
		require.NoError(t, err)
	}
	var in []events.Event
	for i := range 300 {
		in = append(in, events.Event{T: int64(1000 * i), X: uint16(1 + i%10), Y: uint16(1 + i%8), P: events.Polarity(i % 2)})
	}
	e, err := events.EncodingByName(bus.DefaultEncoding)
	require.NoError(t, err)
	good, _, err := e.NewEncoder().Encode(bus.EventsHeader{}.Message(), nil, in)
	require.NoError(t, err)
	taken := 0
	for range 3 {
		ask("test.a.events", nil, good)
		taken++
	}
	ask("test.a.events", nil, good[:13])                                       // in the middle of an event
	ask("test.a.events", map[string]string{bus.HeaderEncoding: "smoke"}, good) // no such encoding
	ask("test.a.events", map[string]string{bus.HeaderSeq: "minus one"}, good)  // no such number
	ask("test.a.events", nil, make([]byte, 1<<12+1))                           // too much, and it does not get as far
	ask("test.stranger.events", nil, good)                                     // not served
	taken += 3

	var s service.Snapshot
	var all service.Overview
	require.Eventually(t, func() bool { // an answer comes before its message is counted
		s, err = d.service.Sensor("a")
		all = d.service.Overview()
		return err == nil && int(s.Latency.Count()) >= taken && int(all.Latency.Count()) >= taken
	}, patience, time.Millisecond)
	require.EqualValues(t, taken, s.Latency.Count())
	require.Equal(t, s.Latency, all.Latency, "one sensor is all")
	require.EqualValues(t, taken, all.Wait.Count())
	require.Positive(t, s.Latency.Sum)
	require.Less(t, all.Wait.Sum, all.Latency.Sum)
	require.Equal(t, map[bus.Reason]uint64{bus.ReasonSensor: 1}, reasonCounts(all.Unserved))
	require.EqualValues(t, s.Status.Rejects, sum(s.Rejected), "the same, by reason")
	require.True(t, all.Connected)
	require.Equal(t, 1, all.Sensors)
	require.Equal(t, 100, all.MaxSensors)
	require.Equal(t, o.PendingMessages, all.MaxQueueMessages)
	require.Equal(t, o.PendingBytes, all.MaxQueueBytes)
	require.GreaterOrEqual(t, all.Traffic.InMsgs, uint64(taken))
	require.Empty(t, all.Stalls)

	features, rejects := 0, map[bus.Reason]uint64{}
	require.NoError(t, bus.Flush(t.Context(), d.nc))
	for {
		m, err := published.NextMsg(0)
		if err != nil {
			break
		}
		switch m.Subject {
		case "test.a.features":
			features += len(m.Data) / bus.FeatureBytes
		case "test.a.rejects":
			r, err := bus.Decode[bus.Reject](m.Data)
			require.NoError(t, err)
			rejects[r.Reason]++
		}
	}
	require.Positive(t, features)
	require.EqualValues(t, features, s.FeatureEvents)
	require.EqualValues(t, s.Status.Features, s.FeatureEvents, "of a new sensor without missed events")
	require.Equal(t, rejects, reasonCounts(s.Rejected))
	require.Len(t, rejects, 4)
}

func sum(r service.Rejects) (n uint64) {
	for _, c := range r {
		n += c
	}
	return n
}
