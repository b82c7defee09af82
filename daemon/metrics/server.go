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
)

// Options say where metrics are served and to whom.
type Options struct {
	// Listen is where: host:port, the host localhost or an IP address. Port 0 is any
	// that is free.
	Listen string
	// Users who may read, by HTTP's basic authentication; empty for everyone who
	// reaches the port, which is then one of this machine alone.
	Users []User
	// Cert and Key are the files of the server's certificate and its key (PEM), which are
	// read again when they have changed. Where there are any, the server speaks HTTPS alone.
	Cert, Key string
	// Gatherer gives the metrics, a registry as a rule.
	Gatherer prometheus.Gatherer
	// Healthy tells why the daemon does not work, though it could: what a restart may
	// mend. It is nil where it works. It is called with every request of /healthz and
	// must not wait.
	Healthy func() error
	// Ready tells why the daemon takes no messages at the moment, nil where it does. It
	// is called with every request of /readyz and must not wait.
	Ready func() error
	// Profiles are served under /debug/pprof/.
	Profiles bool
	Log      *slog.Logger
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

// Server serves /metrics, /healthz, /readyz and /debug/pprof/.
type Server struct {
	listener net.Listener
	http     http.Server
	stopping context.CancelFunc // ends profiles that are being taken
	secure   bool               // it speaks HTTPS
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
	// Profiles take as long as they are asked to; the end does not wait for them.
	profiling, stop := context.WithCancel(context.WithoutCancel(ctx))
	s := &Server{stopping: stop, http: http.Server{
		Handler:           pages(profiling, o, who),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       headerTimeout,
		WriteTimeout:      pageTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug), // clients that misbehave
	}}
	if o.Cert != "" || o.Key != "" {
		c, err := loadCertificate(o.Cert, o.Key, o.Log)
		if err != nil {
			stop()
			return nil, err
		}
		s.http.TLSConfig, s.secure = c.config(), true
	}
	var config net.ListenConfig
	if s.listener, err = config.Listen(ctx, "tcp", o.Listen); err != nil {
		stop()
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

// URL is where clients of this machine find the pages.
func (s *Server) URL() string {
	a, err := netip.ParseAddrPort(s.listener.Addr().String())
	if err != nil {
		return s.scheme() + s.listener.Addr().String()
	}
	switch ip := a.Addr().Unmap(); ip {
	case netip.IPv4Unspecified(), netip.IPv6Unspecified():
		// A server on every address says so; nobody can connect to that.
		a = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), a.Port())
	default:
		a = netip.AddrPortFrom(ip, a.Port())
	}
	return s.scheme() + a.String()
}

func (s *Server) scheme() string {
	if s.secure {
		return "https://"
	}
	return "http://"
}

func (s *Server) serve() error {
	if s.secure {
		return s.http.ServeTLS(s.listener, "", "") // the certificate is of TLSConfig
	}
	return s.http.Serve(s.listener)
}

// Run serves until ctx ends, then lets pages that are being read come to their end,
// for some seconds at most, and takes the connection from those that do not.
func (s *Server) Run(ctx context.Context) error {
	served := make(chan error, 1)
	go func() { served <- s.serve() }()
	select {
	case err := <-served:
		return fmt.Errorf("metrics over HTTP: %w", err)
	case <-ctx.Done():
	}
	s.stopping()
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
	s.stopping()
	if err := s.listener.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}
