package control_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/control"
)

// Learning is frozen and goes on again where the answer says.
func TestLearning(t *testing.T) {
	n := newNetwork(t, bus.ServerOptions{})
	n.start("", 0, n.pipelines())
	n.refused("404", "no such sensor", "learning", learning("cam", false))
	n.send(n.packet("cam", bus.EventsHeader{Session: "s", Seq: 0, HasSeq: true}, 1, 100))
	seq := uint64(0)
	require.Equal(t, control.Learning{Sensor: "cam", Changed: true, Events: 100, Seq: &seq}, get[control.Learning](n, "learning", learning("cam", false)))
	require.Equal(t, control.Learning{Sensor: "cam", Events: 100, Seq: &seq}, get[control.Learning](n, "learning", learning("cam", false)))
	frozen, err := n.ask(patience, "model", control.SensorRequest{Sensor: "cam"})
	require.NoError(t, err)
	n.send(n.packet("cam", bus.EventsHeader{Session: "s", Seq: 1, HasSeq: true}, 2, 50))
	still, err := n.ask(patience, "model", control.SensorRequest{Sensor: "cam"})
	require.NoError(t, err)
	require.Equal(t, frozen, still)
	seq = 1
	require.Equal(t, control.Learning{Sensor: "cam", Learning: true, Changed: true, Events: 150, Seq: &seq}, get[control.Learning](n, "learning", learning("cam", true)))
	n.send(n.packet("cam", bus.EventsHeader{}, 3, 50))
	learned, err := n.ask(patience, "model", control.SensorRequest{Sensor: "cam"})
	require.NoError(t, err)
	require.NotEqual(t, frozen, learned)
	require.Equal(t, control.Learning{Sensor: "cam", Changed: true, Events: 200}, get[control.Learning](n, "learning", learning("cam", false)), "a message without a number")

	n.refused("400", "sensor name", "learning", learning("no.name", true))
	n.refused("400", "learning: expected true or false", "learning", control.SensorRequest{Sensor: "cam"})
	n.refused("400", "unknown field", "learning", map[string]any{"sensor": "cam", "learning": true, "for": "5m"})
	n.refused("400", "at most 4096 bytes", "learning", map[string]any{"sensor": strings.Repeat("a", 5000)})

	// Whoever wants no answer is obeyed all the same.
	require.NoError(t, n.nc.Publish("test.control.learning", []byte(`{"sensor":"cam","learning":true}`)))
	require.NoError(t, n.nc.Publish("test.control.learning", []byte(`nonsense`)))
	require.Eventually(t, func() bool {
		return get[control.Sensors](n, "sensors", control.SensorsRequest{}).Sensors[0].Learning
	}, patience, time.Millisecond)
}

// The answer comes behind the features that were found before, on a connection that
// takes both, and requests that come at once are done in their order.
func TestAnswerComesBehindResults(t *testing.T) {
	n := newNetwork(t, bus.ServerOptions{})
	n.start("", 0, n.pipelines())
	n.send(n.packet("cam", bus.EventsHeader{}, 0, 10))
	const messages = 50
	all := make(chan *nats.Msg, 4*messages)
	for _, subject := range []string{"test.cam.features", "_answers"} {
		_, err := n.nc.ChanSubscribe(subject, all)
		require.NoError(t, err)
	}
	for i := range messages {
		require.NoError(t, n.nc.PublishMsg(n.packet("cam", bus.EventsHeader{}, uint64(i), 40)))
		require.NoError(t, n.nc.PublishRequest("test.control.learning", "_answers", fmt.Appendf(nil, `{"sensor":"cam","learning":%t}`, i%2 == 1)))
	}
	seen, answers := uint64(10), 0
	for answers < messages {
		select {
		case m := <-all:
			if m.Subject == "_answers" {
				var l control.Learning
				require.NoError(t, json.Unmarshal(m.Data, &l), "%v", m.Header)
				require.LessOrEqual(t, l.Events, seen)
				require.Equal(t, answers%2 == 1, l.Learning, "in their order")
				require.True(t, l.Changed)
				answers++
				continue
			}
			h, err := bus.ParseFeaturesHeader(m.Header)
			require.NoError(t, err)
			seen += uint64(h.Counts.Events)
		case <-time.After(patience):
			require.Fail(t, "an answer does not come")
		}
	}
}
