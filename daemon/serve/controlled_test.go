package serve_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/control"
	"github.com/saccade-dev/saccade/daemon/serve"
)

// ask asks the daemons of a prefix, and gives the answer or the code of the refusal.
func ask[T any](t testing.TB, nc *nats.Conn, prefix, endpoint string, request any) (answer T, code string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	data, err := control.Ask(ctx, nc, prefix, endpoint, request)
	if no, said := errors.AsType[*control.Error](err); said {
		return answer, no.Code + " " + no.Description
	}
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &answer))
	return answer, ""
}

// Two daemons share sensors, and a third pipeline and back, snapshots, drains and reloads come in
// the middle of the stream: whoever has the sensor answers, and nobody else, and the stream of
// results is that of a daemon to whom nobody spoke, bit for bit.
func TestControlledWhileStreaming(t *testing.T) {
	want, model := undisturbed(t, nil, pair(t, 6, 15))
	url, nc := natsServer(t)
	c := streamConfig(t, url, "told")
	c.Pipeline.Model = model
	// The same but for what does not change results: its state can be gone on with.
	twin := c.Pipeline
	twin.Workers = 2
	c.Pipelines = []config.NamedPipeline{{Name: "twin", Sensors: []string{"nobody"}, Pipeline: twin}}
	made(t, c)
	other := c
	other.Cluster.Name = "two"
	from := func(c config.Config) serve.Hooks {
		return serve.Hooks{Reload: func() (config.Config, error) { return c, nil }}
	}
	d1, stop1 := run(t, c, from(c))
	d2, stop2 := run(t, other, from(other))
	require.NotNil(t, d1)
	require.NotNil(t, d2)

	counts := map[string]int{}
	speak := func(i int, sensor string) {
		endpoint := []string{control.EndpointSnapshot, control.EndpointPipeline, control.EndpointDrain, control.EndpointReload, control.EndpointSensor}[i%5]
		var request any = control.SensorRequest{Sensor: sensor}
		switch endpoint {
		case control.EndpointPipeline:
			request = control.PipelineRequest{Sensor: sensor, Pipeline: []string{"twin", "auto"}[i/5%2]}
		case control.EndpointReload:
			request = struct{}{}
		}
		if _, no := ask[map[string]any](t, nc, "told", endpoint, request); no != "" {
			endpoint += " " + no[:3] // not there yet, or put away at the moment
		}
		counts[endpoint]++
	}
	last, story := map[string]uint64{}, pair(t, 6, 15)("told")
	const chunk = 3
	for i := 0; len(story[0])+len(story[1]) > 0; i++ {
		var now [][]*nats.Msg
		now, story = parts(story, chunk)
		maps.Copy(last, publishAll(t, nc, now...))
		speak(i, "left")
		speak(i+2, "right")
		if i == 0 { // until they have been taken
			for _, sensor := range []string{"left", "right"} {
				require.Eventually(t, func() bool {
					_, no := ask[map[string]any](t, nc, "told", control.EndpointSensor, control.SensorRequest{Sensor: sensor})
					return no == ""
				}, patience, time.Millisecond)
			}
		}
	}
	requireSame(t, want, results(t, nc, "told", last))
	for _, endpoint := range []string{control.EndpointSnapshot, control.EndpointPipeline, control.EndpointDrain, control.EndpointReload, control.EndpointSensor} {
		require.Positive(t, counts[endpoint], "%v: none did what was asked", counts) // others met the sensor on its way between two daemons
	}
	t.Logf("%v", counts)

	// One daemon has it, and says which it is; of one that nobody has, it is said at once.
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	owners, err := js.KeyValue(t.Context(), "told-sensors")
	require.NoError(t, err)
	owner, err := owners.Get(t.Context(), "left")
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for range 10 {
		answers, err := control.AskAll(ctx, nc, control.Subject("told", control.EndpointSensor), control.SensorRequest{Sensor: "left"}, 0)
		require.NoError(t, err)
		require.Len(t, answers, 1)
		if answers[0].Err != nil {
			continue
		}
		var s control.Inspected
		require.NoError(t, json.Unmarshal(answers[0].Data, &s))
		require.Contains(t, string(owner.Value()), `"`+s.Daemon+`"`)
		if s.Stream == nil {
			continue // the last one to speak had it put away, and it is on its way back
		}
		require.Positive(t, s.Stream.Position)
		require.Positive(t, s.Stream.Term)
		require.NotNil(t, s.Stream.Checkpoint)
	}
	began := time.Now()
	_, no := ask[map[string]any](t, nc, "told", control.EndpointSnapshot, control.SensorRequest{Sensor: "nobody"})
	require.Contains(t, no, "404 nobody: no such sensor: no daemon has it")
	require.Less(t, time.Since(began), 5*time.Second)
	require.NoError(t, stop1())
	require.NoError(t, stop2())
}

// A model that is loaded, and rates that are changed, are in a checkpoint when that is answered: a
// daemon that takes over goes on with them.
func TestChangesOutliveTheDaemon(t *testing.T) {
	url, nc := natsServer(t)
	c := streamConfig(t, url, "kept")
	c.Durable.Checkpoint.Every = time.Hour
	made(t, c)
	_, stop := run(t, c, serve.Hooks{})
	story := storyOf(t, "kept", "left", 1, 2, 5)
	publishAll(t, nc, story)
	require.Eventually(t, func() bool {
		s, no := ask[control.Inspected](t, nc, "kept", control.EndpointSensor, control.SensorRequest{Sensor: "left"})
		return no == "" && s.Stream != nil && s.Stream.Position == uint64(len(story))
	}, patience, 5*time.Millisecond)
	half := 0.5
	a, no := ask[control.Annealed](t, nc, "kept", control.EndpointAnneal, control.AnnealRequest{Sensor: "left", Factor: &half})
	require.Empty(t, no)
	s, no := ask[control.Inspected](t, nc, "kept", control.EndpointSensor, control.SensorRequest{Sensor: "left"})
	require.Empty(t, no)
	require.Equal(t, uint64(len(story)), s.Stream.Checkpoint.Sequence)
	stored, no := ask[control.Stored](t, nc, "kept", control.EndpointSnapshot, control.SensorRequest{Sensor: "left"})
	require.Empty(t, no)
	require.Equal(t, uint64(len(story)), stored.Sequence)
	require.NoError(t, stop())

	c.Cluster.Name = "two"
	_, stop = run(t, c, serve.Hooks{})
	var b control.Annealed
	require.Eventually(t, func() bool {
		b, no = ask[control.Annealed](t, nc, "kept", control.EndpointAnneal, control.AnnealRequest{Sensor: "left", Factor: &half})
		return no == ""
	}, patience, 5*time.Millisecond)
	require.Equal(t, a.Now[0].Eta, b.Before[0].Eta)
	require.Equal(t, a.Events, b.Events)
	require.NoError(t, stop())
}
