package serve_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/control"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/daemon/serve"
	"github.com/saccade-dev/saccade/events"
)

// page reads a page of a daemon.
func page(t testing.TB, url string) (code int, body string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	require.NoError(t, err)
	b, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode, string(b)
}

func switchLearning(t testing.TB, d *serve.Daemon, prefix string, on bool) control.Learning {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	data, err := control.Ask(ctx, connect(t, d), prefix, control.EndpointLearning, control.LearningRequest{Sensor: "a", Learning: &on})
	require.NoError(t, err)
	var l control.Learning
	require.NoError(t, json.Unmarshal(data, &l))
	return l
}

// What is frozen stays frozen in the next run, and metrics count that run alone. A
// configuration that asks for something else than before is obeyed.
func TestFrozenStaysFrozen(t *testing.T) {
	c := testConfig(t, t.TempDir())
	c.HTTP.Listen = "127.0.0.1:0"
	in := []events.Event{{T: 0, X: 9, Y: 9}, {T: 500, X: 9, Y: 9}, {T: 2000, X: 9, Y: 9}}
	for round := range 4 {
		d, stop := run(t, c, serve.Hooks{})
		require.Equal(t, bus.OutcomeProcessed, request(t, connect(t, d), message(t, bus.EventsHeader{}, in...)))
		code, body := page(t, d.MetricsURL+"/metrics")
		require.Equal(t, 200, code)
		require.Contains(t, body, `saccade_events_total{sensor="a"} 3`+"\n", "of this run")
		require.Contains(t, body, `saccade_layer_events{layer="1",sensor="a"} `+strconv.Itoa(3*(round+1))+"\n", "of all")
		switch round {
		case 0:
			require.Contains(t, body, `saccade_learning{sensor="a"} 1`+"\n")
			l := switchLearning(t, d, c.NATS.Prefix, false)
			require.True(t, l.Changed)
			require.EqualValues(t, 3, l.Events)
			_, body = page(t, d.MetricsURL+"/metrics")
			require.Contains(t, body, `saccade_learning{sensor="a"} 0`+"\n")
		case 1:
			require.Contains(t, body, `saccade_learning{sensor="a"} 0`+"\n", "as the run before left it")
			c.Pipeline.FEAST.Learning = config.Off
		case 2:
			require.Contains(t, body, `saccade_learning{sensor="a"} 0`+"\n", "as is asked for")
			c.Pipeline.FEAST.Learning = config.On
		case 3:
			require.Contains(t, body, `saccade_learning{sensor="a"} 1`+"\n", "as is asked for")
		}
		require.NoError(t, stop())
	}
}

// A daemon is ready while it takes events, and says what it does otherwise; it works until everything is drained, and
// metrics can be read until then.
func TestReady(t *testing.T) {
	c := testConfig(t, t.TempDir())
	c.HTTP.Listen = "127.0.0.1:0"
	reached, let := make(chan struct{}), make(chan struct{})
	d, err := serve.Start(t.Context(), c, slog.New(slog.DiscardHandler), serve.Hooks{
		OnRecording: func(*pipeline.Pipeline, pipeline.RecordingEnd) {
			close(reached)
			<-let
		},
	})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	<-d.Service.Ready()
	for _, name := range []string{"/readyz", "/healthz"} {
		code, body := page(t, d.MetricsURL+name)
		require.Equal(t, 200, code)
		require.Equal(t, "ok\n", body)
	}
	nc := connect(t, d)
	require.NoError(t, nc.PublishMsg(message(t, bus.EventsHeader{Recording: "r", End: true}, events.Event{X: 9, Y: 9})))
	require.NoError(t, nc.Flush())
	<-reached
	cancel()
	require.Eventually(t, func() bool {
		code, body := page(t, d.MetricsURL+"/readyz")
		return code == 503 && body == "draining\n"
	}, patience, time.Millisecond)
	code, _ := page(t, d.MetricsURL+"/healthz")
	require.Equal(t, 200, code, "it does what it should")
	code, body := page(t, d.MetricsURL+"/metrics")
	require.Equal(t, 200, code)
	require.Contains(t, body, "saccade_ready 0\n")
	require.Contains(t, body, `saccade_broken{sensor="a"} 0`)
	close(let)
	require.NoError(t, <-ended)
	_, err = new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(d.MetricsURL, "http://"))
	require.Error(t, err, "nobody is served any more")
}

// A port that is taken, or users that cannot be, end the start, and nothing stays behind.
func TestMetricsCannotStart(t *testing.T) {
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, taken.Close()) }()
	for _, http := range []config.HTTP{
		{Listen: taken.Addr().String()},
		{Listen: "127.0.0.1:0", Users: []config.User{{User: "a", PasswordFile: "/nowhere"}}},
		{Listen: "0.0.0.0:0"},
	} {
		c := testConfig(t, t.TempDir())
		c.HTTP = http
		for range 2 { // the data folder is free again
			_, err := serve.Start(t.Context(), c, slog.New(slog.DiscardHandler), serve.Hooks{})
			require.Error(t, err)
			require.NotContains(t, err.Error(), "in use by another saccade")
		}
	}
}

// Without a word about it nothing is served over HTTP, and control works all the same.
func TestNoMetrics(t *testing.T) {
	c := testConfig(t, t.TempDir())
	c.NATS.Prefix = "lab.one"
	d, _ := run(t, c, serve.Hooks{})
	require.Empty(t, d.MetricsURL)
	m := message(t, bus.EventsHeader{}, events.Event{X: 9, Y: 9})
	m.Subject = "lab.one.a.events"
	require.Equal(t, bus.OutcomeProcessed, request(t, connect(t, d), m))
	require.True(t, switchLearning(t, d, "lab.one", false).Changed)
}
