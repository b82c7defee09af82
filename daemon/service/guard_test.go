package service_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/daemon/service"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
)

// Rejects of one sensor, and of all that are no sensor's, come so many a second; the others are counted, each once. A
// good sensor's are not among them.
func TestRejectsAreFolded(t *testing.T) {
	const n, rate = 2000, 5
	o := serviceOptions(t)
	o.Accepts = func(name string) bool { return !strings.HasPrefix(name, "x") }
	o.Limits, o.PendingMessages = service.Limits{Rejects: rate}, 4*n
	d := start(t, o, bus.ServerOptions{})
	all := d.listen("test.*.rejects")
	bad := func(subject string, h nats.Header) {
		for range n {
			require.NoError(t, d.nc.PublishMsg(&nats.Msg{Subject: subject, Header: h, Data: []byte("?")}))
		}
	}
	bad("test.a.events", nats.Header{bus.HeaderWidth: {"none"}})          // by the sensor's goroutine
	bad("test.b.events", nats.Header{bus.HeaderEncoding: {"nmnist"}})     // by its pipeline
	bad("test.c.events", nats.Header{"K": {strings.Repeat("v", 20_000)}}) // by the subscription
	for i := range n {
		require.NoError(t, d.nc.Publish(fmt.Sprintf("test.x%d.events", i), nil))
	}
	require.Equal(t, bus.OutcomeProcessed, d.request(packet(t, "good", bus.EventsHeader{}, moving(0, 10))))
	require.Equal(t, bus.OutcomeRejected, d.request(&nats.Msg{Subject: "test.good.events", Header: nats.Header{bus.HeaderWidth: {"none"}}}))
	require.NoError(t, d.stop())
	require.NoError(t, bus.Flush(testContext(t), d.nc))
	published, told := map[string]int{}, map[string]int64{}
	for _, m := range received(all) {
		r, err := bus.Decode[bus.Reject](m.Data)
		require.NoError(t, err)
		name := r.Sensor
		if strings.HasPrefix(name, "x") {
			name = "x"
		}
		published[name]++
		told[name] += r.More
	}
	require.Equal(t, 1, published["good"])
	for _, name := range []string{"a", "b", "c", "x"} {
		require.GreaterOrEqual(t, published[name], rate, name)
		require.Less(t, published[name], n/4, name)
		require.LessOrEqual(t, int64(published[name])+told[name], int64(n), name)
	}
	for _, name := range []string{"a", "b", "c"} {
		s, err := d.service.Sensor(name)
		require.NoError(t, err)
		require.EqualValues(t, n, s.Status.Rejects+s.Status.Throttled, "all are counted")
		require.GreaterOrEqual(t, s.Status.Rejects, int64(rate), name)
	}
}

// Of a sensor that sends nothing but garbage so many messages a second are looked at; one among them that can be read is
// found in time, and from then on all are looked at.
func TestGarbageIsLookedAtNowAndThen(t *testing.T) {
	o := serviceOptions(t)
	o.Limits = service.Limits{Rejects: 20}
	d := start(t, o, bus.ServerOptions{})
	bad := func() bus.Outcome {
		return d.request(&nats.Msg{Subject: "test.a.events", Header: nats.Header{bus.HeaderWidth: {"none"}}})
	}
	good := packet(t, "a", bus.EventsHeader{}, moving(0, 10))
	for range 19 { // not so many in a row
		require.Equal(t, bus.OutcomeRejected, bad())
	}
	require.Equal(t, bus.OutcomeProcessed, d.request(good))
	busy := 0
	for range 200 {
		if bad() == bus.OutcomeBusy {
			busy++
		}
	}
	require.Positive(t, busy)
	require.Eventually(t, func() bool { return d.request(good) == bus.OutcomeProcessed }, patience, time.Millisecond)
	for range 19 {
		require.Equal(t, bus.OutcomeProcessed, d.request(good))
	}
}

// A message that wants its answer anywhere else than in an inbox is not processed, and is not answered: the daemon may
// publish to what its sender may not.
func TestAnswersGoToInboxesOnly(t *testing.T) {
	o := serviceOptions(t)
	d := start(t, o, bus.ServerOptions{})
	for i, reply := range []string{"test.b.events", "test.control.learning", "$JS.API.STREAM.DELETE.OBJ_test-state", "test.a.features", "other"} {
		target, rejects := d.listen(reply), d.listen("test.a.rejects")
		m := packet(t, "a", bus.EventsHeader{}, moving(0, 10))
		m.Reply = reply
		require.NoError(t, d.nc.PublishMsg(m))
		r, err := bus.Decode[bus.Reject](next(t, rejects).Data)
		require.NoError(t, err)
		require.Equal(t, bus.ReasonHeader, r.Reason)
		require.Contains(t, r.Error, "reply subject: expected an inbox, which begins with _, found \""+reply)
		require.Equal(t, bus.OutcomeProcessed, d.request(packet(t, "c", bus.EventsHeader{}, moving(uint64(i), 10))))
		require.NoError(t, bus.Flush(testContext(t), d.nc))
		require.Empty(t, received(target), reply)
	}
	_, err := d.service.Sensor("b")
	require.ErrorIs(t, err, service.ErrNoSensor, "nobody published its events")
}

// What comes faster than a sensor may is answered busy, counted and not processed; others are not touched.
func TestRatesAreBounded(t *testing.T) {
	const rate = 64 << 10
	o := serviceOptions(t)
	o.Limits = service.Limits{Rate: rate}
	d := start(t, o, bus.ServerOptions{})
	const n = 3000
	var outcomes [2]int
	for i := range n {
		switch d.request(packet(t, "a", bus.EventsHeader{}, moving(uint64(i), 1))) {
		case bus.OutcomeBusy:
			outcomes[0]++
		case bus.OutcomeProcessed:
			outcomes[1]++
		default:
		}
	}
	s, err := d.service.Sensor("a")
	require.NoError(t, err)
	require.Equal(t, n, outcomes[0]+outcomes[1])
	require.EqualValues(t, outcomes[0], s.Status.Throttled)
	require.EqualValues(t, outcomes[0], s.Status.Refused)
	require.EqualValues(t, outcomes[1], s.Status.Messages)
	require.GreaterOrEqual(t, outcomes[1], 2*rate>>10, "twice the rate at once")
	require.Positive(t, outcomes[0])
	require.Equal(t, bus.OutcomeProcessed, d.request(packet(t, "b", bus.EventsHeader{}, moving(0, 10))))
}

// A sensor that says it is larger than it may be is rejected, and says so in time.
func TestSizesAreBounded(t *testing.T) {
	o := serviceOptions(t)
	po := pipelineOptions(t)
	po.Model, po.Feast = nil, feast.Default()
	po.Feast.Neurons, po.Feast.Radius = 2, 1
	o.NewPipeline = func(string) (*pipeline.Pipeline, error) { return pipeline.New(po) } // of any size
	o.Limits = service.Limits{MaxPixels: 1000, TotalPixels: 1500}
	d := start(t, o, bus.ServerOptions{})
	ask := func(sensor string, w, h int) bus.Outcome {
		m := packet(t, sensor, bus.EventsHeader{}, []events.Event{{T: 1, X: 1, Y: 1}})
		m.Header.Set(bus.HeaderWidth, fmt.Sprint(w))
		m.Header.Set(bus.HeaderHeight, fmt.Sprint(h))
		return d.request(m)
	}
	rejects := d.listen("test.*.rejects")
	require.Equal(t, bus.OutcomeRejected, ask("a", 4096, 4096))
	r, err := bus.Decode[bus.Reject](next(t, rejects).Data)
	require.NoError(t, err)
	require.Equal(t, bus.ReasonGeometry, r.Reason)
	require.Contains(t, r.Error, "at most 1000 pixels, found 4096x4096")
	require.Equal(t, bus.OutcomeProcessed, ask("a", 40, 25))
	require.Equal(t, bus.OutcomeRejected, ask("b", 40, 25))
	require.Equal(t, bus.OutcomeProcessed, ask("b", 20, 25))
	require.Equal(t, bus.OutcomeProcessed, ask("a", 40, 25))
}
