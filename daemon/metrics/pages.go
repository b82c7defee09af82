package metrics

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// pages are what there is to read.
func pages(ending context.Context, o Options, who *users) http.Handler {
	page := promhttp.HandlerFor(o.Gatherer, promhttp.HandlerOpts{
		MaxRequestsInFlight: maxInFlight,
		ErrorHandling:       promhttp.HTTPErrorOnError,
	})
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", who.guard(page))
	mux.Handle("GET /healthz", state(who, "not working", o.Healthy))
	mux.Handle("GET /readyz", state(who, "not ready", o.Ready))
	if o.Profiles {
		p := newProfiles(ending)
		mux.Handle("GET "+profilesPath, who.guard(http.HandlerFunc(p.index)))
		mux.Handle("GET "+profilesPath+"{name}", who.guard(http.HandlerFunc(p.one)))
	}
	return mux
}

// State is what /healthz and /readyz say in JSON.
type State struct {
	OK     bool   `json:"ok"`
	Reason string `json:"reason,omitempty"` // why not
}

// state is a page that says that all is well, or with 503 why it is not, in text or, to those who accept that, in JSON.
// It answers everyone, as what watches over containers has no password; but where there are users, it tells the reason
// to them alone.
func state(who *users, not string, why func() error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := State{OK: true}
		if err := why(); err != nil {
			s = State{Reason: not}
			if who.knows(r) {
				s.Reason = err.Error()
			}
		}
		kind, text := "text/plain; charset=utf-8", []byte("ok\n")
		switch {
		case strings.Contains(r.Header.Get("Accept"), "application/json"):
			data, err := json.Marshal(s)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			data = append(data, '\n')
			kind, text = "application/json", data
		case !s.OK:
			text = []byte(s.Reason + "\n")
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if !s.OK {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = w.Write(text) // whoever asked has gone
	})
}
