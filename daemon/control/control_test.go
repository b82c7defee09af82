package control_test

import (
	"encoding/json"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/control"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
)

// The service is found and described by NATS' own conventions.
func TestService(t *testing.T) {
	n := newNetwork(t, bus.ServerOptions{})
	n.start("", 0, n.pipelines())
	answer, err := n.nc.Request("$SRV.INFO.saccade", nil, patience)
	require.NoError(t, err)
	var info micro.Info
	require.NoError(t, json.Unmarshal(answer.Data, &info))
	require.Equal(t, "saccade", info.Name)
	require.NotEmpty(t, info.Version)
	require.NotEmpty(t, info.Description)
	require.Equal(t, map[string]string{"sensors": "*"}, info.Metadata)
	var subjects []string
	for _, e := range info.Endpoints {
		subjects = append(subjects, e.Subject)
		require.Empty(t, e.QueueGroup, "all daemons get a request")
		for _, key := range []string{"description", "request", "answer"} {
			require.NotEmpty(t, e.Metadata[key])
		}
	}
	require.ElementsMatch(t, []string{
		"test.control.learning", "test.control.history", "test.control.sensors", "test.control.model", "test.control.sensor",
		"test.control.anneal", "test.control.load", "test.control.snapshot", "test.control.drain", "test.control.upload." + info.ID,
	}, subjects)
	n.refused("400", "sensor name", "history", control.SensorRequest{})
	counted := func() bool { // which is done behind the answer
		answer, err = n.nc.Request("$SRV.STATS.saccade", nil, patience)
		require.NoError(t, err)
		var stats micro.Stats
		require.NoError(t, json.Unmarshal(answer.Data, &stats))
		requests, errors := map[string]int{}, map[string]int{}
		for _, e := range stats.Endpoints {
			requests[e.Name], errors[e.Name] = e.NumRequests, e.NumErrors
		}
		want := map[string]int{
			"learning": 0, "history": 1, "sensors": 0, "model": 0, "sensor": 0, "anneal": 0, "load": 0, "snapshot": 0, "drain": 0,
			"upload": 0,
		}
		return maps.Equal(want, requests) && maps.Equal(want, errors)
	}
	require.Eventually(t, counted, patience, time.Millisecond)
}

// Of several daemons the one whose sensor it is answers, and only that one.
func TestOnlyTheOwnerAnswers(t *testing.T) {
	n := newNetwork(t, bus.ServerOptions{})
	n.start("a", 0, n.pipelines())
	n.start("b", 0, n.pipelines())
	for _, sensor := range []string{"a1", "b1"} {
		require.NoError(t, n.nc.PublishMsg(n.packet(sensor, bus.EventsHeader{}, 1, 10)))
		require.Eventually(t, func() bool {
			_, err := n.ask(patience, "history", control.SensorRequest{Sensor: sensor})
			return err == nil
		}, patience, time.Millisecond)
	}
	answers := make(chan *nats.Msg, 100)
	_, err := n.nc.ChanSubscribe("_answers.*", answers)
	require.NoError(t, err)
	ask := func(subject, request string, want int) (got []*nats.Msg) {
		t.Helper()
		require.NoError(t, n.nc.PublishRequest("test.control."+subject, "_answers.1", []byte(request)))
		for range want {
			select {
			case m := <-answers:
				got = append(got, m)
			case <-time.After(patience):
				require.Fail(t, "an answer does not come", "%s %s", subject, request)
			}
		}
		return got
	}
	for range 20 {
		for _, sensor := range []string{"a1", "b1"} {
			m := ask("learning", `{"sensor":"`+sensor+`","learning":false}`, 1)[0]
			require.Empty(t, m.Header)
			require.Contains(t, string(m.Data), sensor)
		}
		require.Equal(t, "404", ask("history", `{"sensor":"a2"}`, 1)[0].Header.Get(micro.ErrorCodeHeader))
		for _, m := range ask("history", `{"sensor":"a 2"}`, 2) {
			require.Equal(t, "400", m.Header.Get(micro.ErrorCodeHeader))
		}
		names := map[string]bool{}
		for _, m := range ask("sensors", ``, 2) {
			var s control.Sensors
			require.NoError(t, json.Unmarshal(m.Data, &s))
			require.Len(t, s.Sensors, 1)
			names[s.Instance+s.Sensors[0].Sensor] = true
		}
		require.Len(t, names, 2)
	}
	require.Empty(t, answers, "nobody answers twice")
	_, err = n.ask(50*time.Millisecond, "learning", learning("c1", false))
	require.ErrorIs(t, err, control.ErrNobody)
	_, err = control.Ask(t.Context(), n.nc, "elsewhere", "learning", learning("c1", false))
	require.ErrorIs(t, err, control.ErrNobody)
}

// A sensor of which nothing is known, and one for which nothing can be done, say so.
func TestConflicts(t *testing.T) {
	n := newNetwork(t, bus.ServerOptions{})
	o := pipelineOptions(t)
	o.Geometry = events.Geometry{}
	n.start("", 0, func(name string) (*pipeline.Pipeline, error) {
		if name == "broken" {
			return nil, errors.New("no such device\r\nat all")
		}
		return pipeline.New(o)
	})
	for _, sensor := range []string{"broken", "empty"} {
		m := n.packet(sensor, bus.EventsHeader{}, 1, 10)
		m.Header.Del(bus.HeaderWidth)
		m.Header.Del(bus.HeaderHeight)
		answer, err := n.nc.RequestMsg(m, patience)
		require.NoError(t, err)
		require.Equal(t, string(bus.OutcomeRejected), answer.Header.Get(bus.HeaderOutcome))
	}
	for _, endpoint := range []string{"history", "model"} {
		n.refused("409", "no such device  at all", endpoint, control.SensorRequest{Sensor: "broken"})
		n.refused("409", "no message has come", endpoint, control.SensorRequest{Sensor: "empty"})
	}
	n.refused("409", "no such device  at all", "learning", learning("broken", false))
	require.False(t, get[control.Learning](n, "learning", learning("empty", false)).Learning, "before any event")
	all := get[control.Sensors](n, "sensors", control.SensorsRequest{}).Sensors
	require.Len(t, all, 2)
	require.Equal(t, "no such device  at all", all[0].Broken)
	require.Empty(t, all[1].Broken)
}

// What cannot be started says so.
func TestStartRefuses(t *testing.T) {
	n := newNetwork(t, bus.ServerOptions{})
	_, err := control.Start(t.Context(), n.nc, nil, control.Options{Prefix: "no prefix"})
	require.ErrorContains(t, err, "subject prefix")
	closed := n.connect()
	closed.Close()
	_, err = control.Start(t.Context(), closed, nil, control.Options{Prefix: "test"})
	require.ErrorIs(t, err, nats.ErrConnectionClosed)
}

// Whoever asks cannot have the daemon publish where it may not itself: a request whose answer is to go anywhere but to an
// inbox is none.
func TestAnswersGoToInboxes(t *testing.T) {
	n := newNetwork(t, bus.ServerOptions{})
	n.start("", 0, n.pipelines())
	heard := make(chan *nats.Msg, 10)
	for _, subject := range []string{"elsewhere", "test.cam.events", "_INBOX.mine"} {
		_, err := n.nc.ChanSubscribe(subject, heard)
		require.NoError(t, err)
	}
	for _, subject := range []string{"elsewhere", "test.cam.events", "_INBOX.mine"} {
		require.NoError(t, n.nc.PublishRequest("test.control.sensors", subject, []byte(`{}`)))
	}
	m := <-heard
	require.Equal(t, "_INBOX.mine", m.Subject)
	require.NoError(t, n.nc.Flush())
	require.Empty(t, heard)
}
