package serve_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/control"
	"github.com/saccade-dev/saccade/daemon/serve"
)

// A sensor that was put away before the daemon was started again is not forgotten: whoever asks for it is told so, and
// what its last checkpoint is, be its messages still in the stream or long gone.
func TestAskedForASensorThatWasPutAway(t *testing.T) {
	url, nc := natsServer(t)
	c := streamConfig(t, url, "away")
	c.Ingest.Sensors.Idle = time.Hour
	made(t, c)
	d, stop := run(t, c, serve.Hooks{})
	story := storyOf(t, "away", "left", 1, 2, 5)
	caughtUp(t, d, publishAll(t, nc, story))
	require.NoError(t, stop())

	checkpoint := fmt.Sprintf("behind message %d of the stream, ", len(story))
	requests := map[string]any{control.EndpointPipeline: control.PipelineRequest{Sensor: "left", Pipeline: "default"}}
	requests[control.EndpointLoad] = control.LoadRequest{Sensor: "left", Name: "m"}
	for _, endpoint := range []string{control.EndpointDrain, control.EndpointSnapshot, control.EndpointModel, control.EndpointHistory} {
		requests[endpoint] = control.SensorRequest{Sensor: "left"}
	}
	refused := func(why string) {
		t.Helper()
		for endpoint, r := range requests {
			_, no := ask[json.RawMessage](t, nc, "away", endpoint, r)
			require.Contains(t, no, "409 left: "+why, endpoint)
			require.Contains(t, no, checkpoint, endpoint)
		}
	}
	waiting, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, stop = run(t, c, serve.Hooks{})
	var s control.Inspected
	var no string
	for !s.Away { // until the daemon has looked for its sensors, and at what they have sent
		require.NoError(t, waiting.Err())
		s, no = ask[control.Inspected](t, nc, "away", control.EndpointSensor, control.SensorRequest{Sensor: "left"})
		if no != "" {
			require.Contains(t, no, "409 left: ")
		}
	}
	require.EqualValues(t, len(story), s.Stream.Checkpoint.Sequence)
	refused("the sensor sends nothing and was put away")
	require.NoError(t, stop())

	js, err := jetstream.New(nc)
	require.NoError(t, err)
	events, err := js.Stream(t.Context(), "away-events")
	require.NoError(t, err)
	require.NoError(t, events.Purge(t.Context()))
	_, stop = run(t, c, serve.Hooks{})
	requests[control.EndpointSensor] = control.SensorRequest{Sensor: "left"}
	refused("no daemon has the sensor at the moment")
	_, no = ask[json.RawMessage](t, nc, "away", control.EndpointSensor, control.SensorRequest{Sensor: "nobody"})
	require.Equal(t, "404 nobody: no such sensor: no daemon has it", no)
	require.NoError(t, stop())
}
