package serve_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/serve"
	"github.com/saccade-dev/saccade/events"
)

// A daemon whose NATS goes away is not ready and works; it is ready again when NATS is back.
func TestReadyComesBack(t *testing.T) {
	start := func(port int) *bus.Server {
		t.Helper()
		server, err := bus.Start(t.Context(), bus.ServerOptions{Port: port})
		require.NoError(t, err)
		return server
	}
	stop := func(server *bus.Server) {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		require.NoError(t, server.Shutdown(ctx))
	}
	port := freePort(t)
	server := start(port)
	c := testConfig(t, t.TempDir())
	c.NATS.URL, c.HTTP.Listen = server.ClientURL(), "127.0.0.1:0"
	d, end := run(t, c, serve.Hooks{})
	is := func(name string, code int, text string) {
		t.Helper()
		require.Eventually(t, func() bool {
			got, body := page(t, d.MetricsURL+name)
			return got == code && strings.Contains(body, text)
		}, patience, time.Millisecond, "%s: %s", name, text)
	}
	is("/readyz", 200, "ok")
	is("/metrics", 200, "saccade_nats_connected 1\n")
	stop(server)
	is("/readyz", 503, "no connection to NATS\n")
	is("/metrics", 200, "saccade_nats_connected 0\n")
	is("/metrics", 200, "saccade_ready 0\n")
	is("/healthz", 200, "ok")
	server = start(port)
	is("/readyz", 200, "ok")
	is("/metrics", 200, "saccade_nats_reconnects_total 1\n")
	require.Equal(t, bus.OutcomeProcessed, request(t, connect(t, d), message(t, bus.EventsHeader{}, events.Event{X: 9, Y: 9})))
	require.NoError(t, end())
	stop(server)
}

// buffer is a log that several write to.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// A log at its finest, of a daemon that is asked in all ways, with right passwords and wrong ones, has none of them; in
// JSON every line is one object, with time, level and message.
func TestLogHasNoSecrets(t *testing.T) {
	dir := t.TempDir()
	secret := func(name, text string) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, []byte(text+"\n"), 0o600))
		return file
	}
	c := testConfig(t, t.TempDir())
	c.NATS.Embedded.Port = -1
	c.NATS.Embedded.Users = []config.Client{{User: "camera", PasswordFile: secret("nats", "kingfisher-nats")}}
	c.HTTP = config.HTTP{Listen: "127.0.0.1:0", Pprof: true, Users: []config.User{{User: "viewer", PasswordFile: secret("http", "kingfisher-http")}}}
	var log buffer
	d, stop := runWithLog(t, c, serve.Hooks{}, slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	for _, password := range []string{"kingfisher-http", "kingfisher-guessed", ""} {
		for _, name := range []string{"/metrics", "/readyz", "/debug/pprof/goroutine?debug=2"} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.MetricsURL+name, http.NoBody)
			require.NoError(t, err)
			r.SetBasicAuth("viewer", password)
			answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
			require.NoError(t, err)
			require.NoError(t, answer.Body.Close())
		}
	}
	for _, password := range []string{"kingfisher-nats", "kingfisher-guessed"} {
		nc, err := bus.Connect(t.Context(), bus.ConnectOptions{URL: d.URL, User: "camera", PasswordFile: secret("try", password), Name: "test"})
		if err == nil {
			require.NoError(t, nc.Publish("saccade.a.events", []byte("no event")))
			require.NoError(t, bus.Flush(t.Context(), nc))
			nc.Close()
		}
		require.Equal(t, password == "kingfisher-nats", err == nil)
	}
	require.NoError(t, stop())
	text := log.String()
	require.NotContains(t, text, "kingfisher")
	lines := strings.Split(strings.TrimSpace(text), "\n")
	require.Greater(t, len(lines), 3)
	for _, line := range lines {
		var fields map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &fields), line)
		for _, key := range []string{slog.TimeKey, slog.LevelKey, slog.MessageKey} {
			require.Contains(t, fields, key)
		}
	}
}
