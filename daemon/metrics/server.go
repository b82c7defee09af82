package metrics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Options say where metrics are served and to whom.
type Options struct {
	// Listen is where: host:port, the host localhost or an IP address. Port 0 is any
	// that is free.
	Listen string
	// Users who may read, by HTTP's basic authentication; empty for everyone who
	// reaches the port, which is then one of this machine alone.
	Users []User
	// Gatherer gives the metrics, a registry as a rule.
	Gatherer prometheus.Gatherer
	// Healthy tells why the daemon does not work at the moment, nil where it does. It
	// is called with every request of /healthz and must not wait.
	Healthy func() error
	Log     *slog.Logger
}

// What a client may take its time for. A page of many thousand sensors is megabytes
// and takes a second or two.
const (
	headerTimeout = 5 * time.Second
	pageTimeout   = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	stopTimeout   = 5 * time.Second
	maxHeader     = 16 << 10
	maxInFlight   = 4 // pages that are made at the same time
)

// Server serves /metrics and /healthz.
type Server struct {
	listener net.Listener
	http     http.Server
}

// Listen opens the port; [Server.Run] serves it. A server that is not run is closed
// with [Server.Close].
func Listen(ctx context.Context, o Options) (*Server, error) {
	s, err := listen(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("metrics over HTTP: %w", err)
	}
	return s, nil
}

func listen(ctx context.Context, o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	who, err := loadUsers(o.Users)
	if err != nil {
		return nil, err
	}
	loopback, err := Loopback(o.Listen)
	switch {
	case err != nil:
		return nil, err
	case !loopback && len(o.Users) == 0:
		return nil, fmt.Errorf("it does not listen on %s without users: other machines could reach it", o.Listen)
	}
	s := &Server{http: http.Server{
		Handler:           pages(o, who),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       headerTimeout,
		WriteTimeout:      pageTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug), // clients that misbehave
	}}
	var config net.ListenConfig
	if s.listener, err = config.Listen(ctx, "tcp", o.Listen); err != nil {
		return nil, err
	}
	return s, nil
}

// Loopback tells whether an address to listen on, host:port, is of this machine
// alone. Its error says what is wrong with an address that is none.
func Loopback(listen string) (bool, error) {
	host, port, err := net.SplitHostPort(listen)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return false, fmt.Errorf("expected host:port, such as 127.0.0.1:9464, found %q", listen)
	}
	if host == "localhost" {
		return true, nil
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return false, fmt.Errorf("expected localhost or an IP address as host, found %q", host)
	}
	return a.Unmap().IsLoopback(), nil
}

// pages are what there is to read.
func pages(o Options, who *users) http.Handler {
	page := promhttp.HandlerFor(o.Gatherer, promhttp.HandlerOpts{
		MaxRequestsInFlight: maxInFlight,
		ErrorHandling:       promhttp.HTTPErrorOnError,
	})
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", who.guard(page))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		text := "ok\n"
		if err := o.Healthy(); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			text = err.Error() + "\n"
		}
		_, _ = w.Write([]byte(text)) // whoever asked has gone
	})
	return mux
}

// URL is where clients of this machine find the pages.
func (s *Server) URL() string {
	a, err := netip.ParseAddrPort(s.listener.Addr().String())
	if err != nil {
		return "http://" + s.listener.Addr().String()
	}
	switch ip := a.Addr().Unmap(); ip {
	case netip.IPv4Unspecified(), netip.IPv6Unspecified():
		// A server on every address says so; nobody can connect to that.
		a = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), a.Port())
	default:
		a = netip.AddrPortFrom(ip, a.Port())
	}
	return "http://" + a.String()
}

// Run serves until ctx ends, then lets pages that are being read come to their end,
// for some seconds at most, and takes the connection from those that do not.
func (s *Server) Run(ctx context.Context) error {
	served := make(chan error, 1)
	go func() { served <- s.http.Serve(s.listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("metrics over HTTP: %w", err)
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	err := s.http.Shutdown(stopping)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close() // whoever still reads has had its time
	}
	if stopped := <-served; !errors.Is(stopped, http.ErrServerClosed) {
		err = errors.Join(err, stopped)
	}
	if err != nil {
		return fmt.Errorf("metrics over HTTP: %w", err)
	}
	return nil
}

// Close closes the port of a server that is not run. Behind Run it does nothing.
func (s *Server) Close() error {
	if err := s.listener.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}
