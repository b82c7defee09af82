package metrics_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"github.com/saccade-dev/saccade/daemon/metrics"
)

const patience = 30 * time.Second

// options serve one sensor at a free port.
func options(t testing.TB) metrics.Options {
	t.Helper()
	registry := prometheus.NewRegistry()
	require.NoError(t, metrics.Register(registry, watched(source{whole("a")})))
	well := func() error { return nil }
	return metrics.Options{Listen: "127.0.0.1:0", Gatherer: registry, Healthy: well, Ready: well}
}

// serve runs a server until the test or stop ends it.
func serve(t testing.TB, o metrics.Options) (url string, stop func() error) {
	t.Helper()
	s, err := metrics.Listen(t.Context(), o)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err = s.Run(ctx)
	}()
	stop = func() error {
		cancel()
		<-ended
		return err
	}
	t.Cleanup(func() {
		require.NoError(t, stop())
		require.NoError(t, s.Close(), "after Run it does nothing")
		http.DefaultClient.CloseIdleConnections()
	})
	return s.URL(), stop
}

// page is an answer.
type page struct {
	code   int
	body   string
	header http.Header
	err    error
}

// try sends a request.
func try(ctx context.Context, method, url, user, password string) (p page) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, url, http.NoBody)
	if err != nil {
		return page{err: err}
	}
	if user != "" || password != "" {
		r.SetBasicAuth(user, password)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return page{err: err}
	}
	defer func() { p.err = errors.Join(p.err, answer.Body.Close()) }()
	body, err := io.ReadAll(answer.Body)
	return page{answer.StatusCode, string(body), answer.Header, err}
}

// ask sends a request that must be answered, and gives status, body and header.
func ask(t testing.TB, method, url, user, password string) (int, string, http.Header) {
	t.Helper()
	p := try(t.Context(), method, url, user, password)
	require.NoError(t, p.err)
	return p.code, p.body, p.header
}

// The pages are there to be read, in no other way, and there are no others.
func TestPages(t *testing.T) {
	o := options(t)
	var ill atomic.Bool
	o.Healthy = func() error {
		if ill.Load() {
			return errors.New("draining")
		}
		return nil
	}
	url, _ := serve(t, o)
	code, body, header := ask(t, "GET", url+"/metrics", "", "")
	require.Equal(t, 200, code)
	require.Contains(t, header.Get("Content-Type"), "text/plain")
	require.Contains(t, body, `saccade_events_total{sensor="a"} 210`+"\n")
	require.Contains(t, body, "go_build_info{")
	code, body, _ = ask(t, "HEAD", url+"/metrics", "", "")
	require.Equal(t, 200, code)
	require.Empty(t, body)

	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"} {
		for _, page := range []string{"/metrics", "/healthz"} {
			code, body, header := ask(t, method, url+page, "", "")
			require.Equal(t, 405, code, "%s %s", method, page)
			require.Equal(t, "GET, HEAD", header.Get("Allow"))
			require.NotContains(t, body, "saccade_")
		}
	}
	for _, page := range []string{"/", "/metrics/", "/debug/pprof/", "/healthz/x"} {
		code, _, _ := ask(t, "GET", url+page, "", "")
		require.Equal(t, 404, code, page)
	}

	code, body, header = ask(t, "GET", url+"/healthz", "", "")
	require.Equal(t, 200, code)
	require.Equal(t, "ok\n", body)
	require.Equal(t, "no-store", header.Get("Cache-Control"))
	ill.Store(true)
	code, body, _ = ask(t, "GET", url+"/healthz", "", "")
	require.Equal(t, 503, code)
	require.Equal(t, "draining\n", body)
}

// A registry that cannot give its metrics is an error, and not half a page.
func TestGathererFails(t *testing.T) {
	o := options(t)
	o.Gatherer = prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return nil, errors.New("it is broken") })
	url, _ := serve(t, o)
	code, body, _ := ask(t, "GET", url+"/metrics", "", "")
	require.Equal(t, 500, code)
	require.Contains(t, body, "it is broken")
}

func password(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// Users read with their own passwords, plain or hashed, and nobody else reads.
func TestUsers(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte("s3cret"), bcrypt.MinCost)
	require.NoError(t, err)
	o := options(t)
	o.Users = []metrics.User{
		{Name: "plain", PasswordFile: password(t, "open sesame\r\nnot this\n")},
		{Name: "hashed", PasswordFile: password(t, string(hash)+"\n")},
	}
	o.Listen = "0.0.0.0:0" // with users it may
	url, _ := serve(t, o)
	require.Contains(t, url, "http://127.0.0.1:")
	for range 2 { // hashed passwords are remembered
		for _, c := range []struct {
			user, password string
			want           int
		}{
			{"", "", 401},
			{"plain", "open sesame", 200},
			{"hashed", "s3cret", 200},
			{"plain", "open sesam", 401},
			{"plain", "open sesame\r", 401},
			{"plain", "", 401},
			{"hashed", "S3cret", 401},
			{"hashed", string(hash), 401},
			{"hashed", "open sesame", 401},
			{"nobody", "s3cret", 401},
			{"", "s3cret", 401},
		} {
			code, body, header := ask(t, "GET", url+"/metrics", c.user, c.password)
			require.Equal(t, c.want, code, "%s:%s", c.user, c.password)
			if code == 401 {
				require.NotContains(t, body, "saccade_")
				require.Contains(t, header.Get("WWW-Authenticate"), "Basic realm=")
			}
		}
	}
	code, body, _ := ask(t, "GET", url+"/healthz", "", "")
	require.Equal(t, 200, code, "it asks nobody")
	require.Equal(t, "ok\n", body)
}

// What cannot be, or must not, is an error before anything listens.
func TestListenRefuses(t *testing.T) {
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, taken.Close()) }()
	for _, c := range []struct {
		change func(*metrics.Options)
		want   string
	}{
		{func(o *metrics.Options) { o.Listen = taken.Addr().String() }, "address already in use"},
		{func(o *metrics.Options) { o.Listen = "0.0.0.0:0" }, "without users: other machines could reach it"},
		{func(o *metrics.Options) { o.Listen = "[::]:0" }, "without users"},
		{func(o *metrics.Options) { o.Listen = "9464" }, "expected host:port"},
		{func(o *metrics.Options) { o.Listen = "127.0.0.1:" }, "expected host:port"},
		{func(o *metrics.Options) { o.Listen = ":0" }, "expected localhost or an IP address"},
		{func(o *metrics.Options) { o.Listen = "example.org:0" }, "expected localhost or an IP address"},
		{func(o *metrics.Options) { o.Users = []metrics.User{{Name: ""}} }, "a user without a name"},
		{func(o *metrics.Options) { o.Users = []metrics.User{{Name: "a", PasswordFile: "/nowhere"}} }, "/nowhere"},
		{func(o *metrics.Options) {
			o.Users = []metrics.User{{Name: "a", PasswordFile: password(t, "\nsecond")}}
		}, "expected a password in its first line, found none"},
		{func(o *metrics.Options) {
			o.Users = []metrics.User{{Name: "a", PasswordFile: password(t, strings.Repeat("x", 1<<17))}}
		}, "at most 65536 bytes"},
		{func(o *metrics.Options) {
			u := metrics.User{Name: "a", PasswordFile: password(t, "x")}
			o.Users = []metrics.User{u, u}
		}, "every user once"},
	} {
		o := options(t)
		c.change(&o)
		_, err := metrics.Listen(t.Context(), o)
		require.ErrorContains(t, err, c.want)
		require.ErrorContains(t, err, "metrics over HTTP: ")
	}
	s, err := metrics.Listen(t.Context(), options(t))
	require.NoError(t, err)
	require.NoError(t, s.Close(), "without Run")
}

// A page that is being made when the end comes is made to its end; after that nobody
// is served.
func TestEndWaitsForPages(t *testing.T) {
	o := options(t)
	reached, let := make(chan struct{}), make(chan struct{})
	inner := o.Gatherer
	o.Gatherer = prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		close(reached)
		<-let
		return inner.Gather()
	})
	url, stop := serve(t, o)
	read := make(chan page, 1)
	go func() { read <- try(t.Context(), "GET", url+"/metrics", "", "") }()
	<-reached
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	refused := func() bool {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
		if err == nil {
			require.NoError(t, conn.Close())
		}
		return err != nil
	}
	require.Eventually(t, refused, patience, time.Millisecond)
	select {
	case err := <-stopped:
		require.Fail(t, "it did not wait", "%v", err)
	default:
	}
	close(let)
	got := <-read
	require.NoError(t, got.err)
	require.Equal(t, 200, got.code)
	require.Contains(t, got.body, "saccade_events_total")
	require.NoError(t, <-stopped)
}

// More pages at a time than are made at a time are refused, not queued.
func TestTooManyReaders(t *testing.T) {
	o := options(t)
	reached, let := make(chan struct{}, 10), make(chan struct{})
	o.Gatherer = prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		reached <- struct{}{}
		<-let
		return nil, nil
	})
	url, _ := serve(t, o)
	pages := make(chan page, 4)
	for range 4 {
		go func() { pages <- try(t.Context(), "GET", url+"/metrics", "", "") }()
	}
	for range 4 {
		<-reached
	}
	code, _, _ := ask(t, "GET", url+"/metrics", "", "")
	require.Equal(t, 503, code)
	close(let)
	for range 4 {
		p := <-pages
		require.NoError(t, p.err)
		require.Equal(t, 200, p.code)
	}
}
