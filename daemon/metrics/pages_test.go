package metrics_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/metrics"
)

// accept asks for a page of a kind.
func accept(t testing.TB, url, kind, user, password string) (code int, header http.Header, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	r.Header.Set("Accept", kind)
	if user != "" {
		r.SetBasicAuth(user, password)
	}
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	data, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode, answer.Header, string(data)
}

// What works need not be ready, and the other way round; each says why, in text or in JSON.
func TestStates(t *testing.T) {
	o := options(t)
	var unready, unwell atomic.Bool
	why := func(b *atomic.Bool, text string) func() error {
		return func() error {
			if b.Load() {
				return errors.New(text)
			}
			return nil
		}
	}
	o.Ready, o.Healthy = why(&unready, "no connection to NATS"), why(&unwell, `the pipeline of sensor "a" is stuck`)
	url, _ := serve(t, o)
	for _, c := range []struct{ unready, unwell bool }{{false, false}, {true, false}, {false, true}, {true, true}} {
		unready.Store(c.unready)
		unwell.Store(c.unwell)
		for _, p := range []struct {
			page string
			not  bool
			text string
		}{{"/readyz", c.unready, "no connection to NATS"}, {"/healthz", c.unwell, `the pipeline of sensor "a" is stuck`}} {
			code, header, body := accept(t, url+p.page, "*/*", "", "")
			want, text := 200, "ok\n"
			if p.not {
				want, text = 503, p.text+"\n"
			}
			require.Equal(t, want, code, p.page)
			require.Equal(t, text, body)
			require.Equal(t, "text/plain; charset=utf-8", header.Get("Content-Type"))
			require.Equal(t, "no-store", header.Get("Cache-Control"))
			code, header, body = accept(t, url+p.page, "application/json", "", "")
			require.Equal(t, want, code)
			require.Equal(t, "application/json", header.Get("Content-Type"))
			var s metrics.State
			require.NoError(t, json.Unmarshal([]byte(body), &s))
			require.Equal(t, metrics.State{OK: !p.not, Reason: map[bool]string{true: p.text}[p.not]}, s)
		}
	}
}

// Where there are users, whoever is none learns whether all is well, and no more.
func TestStatesOfUsers(t *testing.T) {
	o := options(t)
	o.Users = []metrics.User{{Name: "me", PasswordFile: password(t, "open sesame\n")}}
	o.Ready = func() error { return errors.New("secret reason") }
	o.Healthy = o.Ready
	url, _ := serve(t, o)
	for page, text := range map[string]string{"/readyz": "not ready\n", "/healthz": "not working\n"} {
		code, _, body := accept(t, url+page, "*/*", "", "")
		require.Equal(t, 503, code)
		require.Equal(t, text, body)
		_, _, body = accept(t, url+page, "application/json", "me", "wrong")
		require.NotContains(t, body, "secret")
		code, _, body = accept(t, url+page, "*/*", "me", "open sesame")
		require.Equal(t, 503, code)
		require.Equal(t, "secret reason\n", body)
	}
}
