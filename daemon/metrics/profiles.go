package metrics

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strconv"
	"time"
)

// profilesPath is where profiles are; what follows is the name of one, as `go tool pprof` asks for them.
const profilesPath = "/debug/pprof/"

// Profiles that take time are of so many seconds: by default, and at most. A trace of a busy daemon is tens of megabytes
// a second, and is sent as it is made.
const (
	profileSeconds    = 30
	maxProfileSeconds = 120
	traceSeconds      = 1
	maxTraceSeconds   = 5
)

// The names of profiles that take time, and of those that are there at once.
const (
	cpuProfile       = "profile"
	executionTrace   = "trace"
	heapProfile      = "heap"
	allocsProfile    = "allocs"
	goroutineProfile = "goroutine"
	threadProfile    = "threadcreate"
)

// profiles are those of the Go runtime. One is made at a time: a second one would measure the first. The handlers of
// net/http/pprof are not taken, as they register themselves for every server of the process, tell the command line, and
// take as many seconds as they are asked to.
type profiles struct {
	ending context.Context //nolint:containedctx // of the server, beside that of each request
	free   chan struct{}   // holds one token while no profile is made
}

func newProfiles(ending context.Context) *profiles {
	p := &profiles{ending: ending, free: make(chan struct{}, 1)}
	p.free <- struct{}{}
	return p
}

// index says what there is.
func (p *profiles) index(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != profilesPath {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = fmt.Fprintf(w, "%s, %s, %s, %s: as they are now; ?debug=1 for people, ?gc=1 collects garbage before heap\n"+
		"%s: where time goes, for ?seconds=%d (at most %d)\n%s: what happens, for ?seconds=%d (at most %d)\n"+
		"One at a time. go tool pprof http://ADDRESS%s%s\n",
		allocsProfile, goroutineProfile, heapProfile, threadProfile,
		cpuProfile, profileSeconds, maxProfileSeconds, executionTrace, traceSeconds, maxTraceSeconds, profilesPath, cpuProfile)
}

// one makes a profile, unless one is being made.
func (p *profiles) one(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	var err error
	var take func() error
	switch name {
	case cpuProfile:
		take, err = p.timed(w, r, profileSeconds, maxProfileSeconds, pprof.StartCPUProfile, pprof.StopCPUProfile)
	case executionTrace:
		take, err = p.timed(w, r, traceSeconds, maxTraceSeconds, trace.Start, trace.Stop)
	case heapProfile, allocsProfile, goroutineProfile, threadProfile:
		take, err = now(w, r, name)
	default:
		http.NotFound(w, r)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	select {
	case <-p.free:
	default:
		http.Error(w, "a profile is being made: one at a time", http.StatusServiceUnavailable)
		return
	}
	defer func() { p.free <- struct{}{} }()
	if err := take(); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// timed gives what takes a profile for as long as the request asks for, or until whoever asked has gone or the server
// ends, and sends it.
func (p *profiles) timed(
	w http.ResponseWriter, r *http.Request, usual, most int, start func(io.Writer) error, stop func(),
) (func() error, error) {
	seconds := usual
	if text := r.URL.Query().Get("seconds"); text != "" {
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil || n < 1 || n > uint64(most) {
			return nil, fmt.Errorf("seconds: expected 1 to %d, found %.20q", most, text)
		}
		seconds = int(n)
	}
	return func() error {
		d := time.Duration(seconds) * time.Second
		// The page takes as much longer than others. Where the time for reading the request is over, the server takes
		// it for gone, so that goes on too.
		deadline, control := time.Now().Add(d+pageTimeout), http.NewResponseController(w)
		if err := errors.Join(control.SetWriteDeadline(deadline), control.SetReadDeadline(deadline)); err != nil {
			return err
		}
		binary(w, r)
		if err := start(w); err != nil {
			w.Header().Del("Content-Disposition")
			return err
		}
		defer stop()
		end := time.NewTimer(d)
		defer end.Stop()
		select {
		case <-end.C:
		case <-r.Context().Done():
		case <-p.ending.Done():
		}
		return nil
	}, nil
}

// now gives what sends a profile of what there is now.
func now(w http.ResponseWriter, r *http.Request, name string) (func() error, error) {
	debug, err := number(r, "debug", 2)
	if err != nil {
		return nil, err
	}
	collect, err := number(r, "gc", 1)
	if err != nil {
		return nil, err
	}
	return func() error {
		if collect == 1 && name == heapProfile {
			runtime.GC()
		}
		var page bytes.Buffer // so that an error is no half page
		if err := pprof.Lookup(name).WriteTo(&page, debug); err != nil {
			return err
		}
		if debug == 0 {
			binary(w, r)
		} else {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		}
		_, _ = w.Write(page.Bytes()) // whoever asked has gone
		return nil
	}, nil
}

// number is a parameter of a request, 0 where it is not given.
func number(r *http.Request, name string, most uint64) (int, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 8)
	if err != nil || n > most {
		return 0, fmt.Errorf("%s: expected 0 to %d, found %.20q", name, most, text)
	}
	return int(n), nil
}

func binary(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", r.PathValue("name")))
	w.Header().Set("X-Content-Type-Options", "nosniff")
}
