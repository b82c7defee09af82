package metrics_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/metrics"
)

// profileOf demands that a body is a profile: protobuf in gzip, with something in it.
func profileOf(t testing.TB, body string) {
	t.Helper()
	z, err := gzip.NewReader(strings.NewReader(body))
	require.NoError(t, err)
	data, err := io.ReadAll(z)
	require.NoError(t, err)
	require.NotEmpty(t, data)
	require.True(t, bytes.Contains(data, []byte("samples")) || bytes.Contains(data, []byte("count")), "the kinds of its samples")
}

// Profiles are there where they are asked for in the options, within bounds, and no others are.
func TestProfiles(t *testing.T) {
	o := options(t)
	o.Profiles = true
	url, _ := serve(t, o)
	url += "/debug/pprof/"
	for _, name := range []string{"heap?gc=1", "allocs", "goroutine", "threadcreate", "profile?seconds=1"} {
		code, body, header := ask(t, "GET", url+name, "", "")
		require.Equal(t, 200, code, name)
		require.Equal(t, "application/octet-stream", header.Get("Content-Type"))
		profileOf(t, body)
	}
	code, body, _ := ask(t, "GET", url+"trace", "", "") // of its own time
	require.Equal(t, 200, code)
	require.True(t, strings.HasPrefix(body, "go 1."), "%.20q", body)
	code, body, header := ask(t, "GET", url+"goroutine?debug=2", "", "")
	require.Equal(t, 200, code)
	require.Contains(t, body, "metrics.(*Server).Run")
	require.Contains(t, header.Get("Content-Type"), "text/plain")
	code, body, _ = ask(t, "GET", url, "", "")
	require.Equal(t, 200, code)
	require.Contains(t, body, "go tool pprof")

	for name, want := range map[string]int{
		"profile?seconds=0": 400, "profile?seconds=121": 400, "profile?seconds=-1": 400, "profile?seconds=x": 400,
		"profile?seconds=99999999999999999999": 400, "trace?seconds=6": 400, "trace?seconds=0.5": 400,
		"heap?debug=3": 400, "heap?gc=2": 400, "goroutine?debug=-1": 400,
		"cmdline": 404, "symbol": 404, "block": 404, "mutex": 404, "heap/x": 404, "nothing": 404,
	} {
		code, body, _ := ask(t, "GET", url+name, "", "")
		require.Equal(t, want, code, name)
		if want == 400 {
			require.Contains(t, body, "expected ")
		}
	}
	code, _, _ = ask(t, "POST", url+"heap", "", "")
	require.Equal(t, 405, code)
}

// Whoever may not read metrics may not read profiles; without a word about them there are none.
func TestProfilesOfUsers(t *testing.T) {
	o := options(t)
	url, _ := serve(t, o)
	code, _, _ := ask(t, "GET", url+"/debug/pprof/heap", "", "")
	require.Equal(t, 404, code)
	o.Profiles = true
	o.Users = []metrics.User{{Name: "me", PasswordFile: password(t, "open sesame\n")}}
	url, _ = serve(t, o)
	for _, page := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/profile?seconds=1"} {
		code, _, _ = ask(t, "GET", url+page, "me", "wrong")
		require.Equal(t, 401, code)
	}
	code, _, _ = ask(t, "GET", url+"/debug/pprof/heap", "me", "open sesame")
	require.Equal(t, 200, code)
	o.Listen, o.Users = "0.0.0.0:0", nil
	_, err := metrics.Listen(t.Context(), o)
	require.ErrorContains(t, err, "without users")
}

// One profile at a time; it ends when whoever asked goes, and when the server does.
func TestProfilesEnd(t *testing.T) {
	o := options(t)
	o.Profiles = true
	url, stop := serve(t, o)
	begin := func(ctx context.Context) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/debug/pprof/trace?seconds=5", http.NoBody)
		require.NoError(t, err)
		answer, err := http.DefaultClient.Do(r) // a trace has a header at once
		require.NoError(t, err)
		require.Equal(t, 200, answer.StatusCode)
		return answer
	}
	ctx, cancel := context.WithCancel(t.Context())
	answer := begin(ctx)
	code, body, _ := ask(t, "GET", url+"/debug/pprof/heap", "", "")
	require.Equal(t, 503, code)
	require.Contains(t, body, "one at a time")
	code, _, _ = ask(t, "GET", url+"/metrics", "", "")
	require.Equal(t, 200, code)
	cancel()
	_, err := io.Copy(io.Discard, answer.Body)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, answer.Body.Close())
	require.Eventually(t, func() bool {
		code, _, _ := ask(t, "GET", url+"/debug/pprof/heap", "", "")
		return code == 200
	}, patience, 1)

	answer = begin(t.Context())
	require.NoError(t, stop())
	_, err = io.Copy(io.Discard, answer.Body)
	require.NoError(t, err, "it came to its end, only sooner")
	require.NoError(t, answer.Body.Close())
}
