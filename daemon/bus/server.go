package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// ServerOptions say how the embedded server is run.
type ServerOptions struct {
	Host       string // "localhost" or an IP address; empty for 127.0.0.1
	Port       int    // -1 for any free one, 0 for no listener: in-process connections only
	DataDir    string // JetStream's folder; it is made if it is not there
	JetStream  bool
	MaxPayload int    // bytes; 0 for 1 MiB
	Users      []User // who may connect over the network; empty for everyone who reaches the port
	Prefix     string // of the subjects that the users' roles are for; empty for DefaultPrefix
	TLS        ServerTLS
	// Plaintext lets a server with passwords and without TLS listen beyond this machine, as on a network of its own:
	// whoever reads along has the passwords and the data.
	Plaintext bool
	Log       *slog.Logger
}

// User may connect to the embedded server with a password.
type User struct {
	Name         string
	PasswordFile string // its first line is the password, plain or a bcrypt hash
	// Role is what the user may do; empty for everything. A user with one has a name of letters, digits,
	// dashes and underscores, and the inboxes of InboxOf.
	Role    Role
	Sensors []string // see [Grant]
}

const (
	defaultHost       = "127.0.0.1"
	defaultMaxPayload = 1 << 20
	maxPayload        = 64 << 20 // NATS's own
	maxSubscriptions  = 1 << 16  // of a connection, so that nobody fills the server's memory with them
)

// startupTimeout bounds the wait for a listener that is already open.
const startupTimeout = 10 * time.Second

// Server is the embedded NATS server.
type Server struct {
	ns       *server.Server
	lock     *dirLock
	identity nkeys.KeyPair // of the daemon's own connections; nil without users
	tls      bool          // what comes over the network is encrypted

	stores bool // it has JetStream

	mu       sync.Mutex
	stopping bool
	stopped  chan struct{} // closed when the server has stopped and the folder is free
	stopErr  error         // of the stop, to be read after that
}

// Start runs a NATS server inside the process. It listens on this machine alone
// unless there are users, and TLS for their passwords, and refuses a data folder that another process holds. The
// context bounds the start; Shutdown ends the server.
func Start(ctx context.Context, o ServerOptions) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{stores: o.JetStream, stopped: make(chan struct{})}
	opts, err := s.options(o)
	if err != nil {
		return nil, fmt.Errorf("embedded NATS server: %w", err)
	}
	if o.JetStream {
		if s.lock, err = lockDir(o.DataDir); err != nil {
			return nil, fmt.Errorf("embedded NATS server: %w", err)
		}
	}
	s.tls = opts.TLS
	if err := s.start(ctx, opts, o.Log); err != nil {
		return nil, errors.Join(fmt.Errorf("embedded NATS server: %w", err), s.lock.release())
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, opts *server.Options, log *slog.Logger) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ns, err := server.NewServer(opts)
	if err != nil {
		return err
	}
	logger := newServerLog(log.With(keyComponent, "nats-server"))
	ns.SetLoggerV2(logger, log.Enabled(ctx, slog.LevelDebug), false, false)
	ns.Start()
	switch fatal := logger.started(); {
	case fatal != nil:
		// The stand-alone server would have ended the process here.
		err = errors.New(*fatal)
		if strings.Contains(*fatal, "address already in use") {
			err = fmt.Errorf("%w: is saccade or a NATS server running already?", err)
		}
	case !ns.ReadyForConnections(startupTimeout):
		err = fmt.Errorf("it does not accept connections after %s", startupTimeout)
	default:
		err = ctx.Err()
	}
	if err != nil {
		ns.Shutdown()
		ns.WaitForShutdown()
		return err
	}
	s.ns = ns
	return nil
}

// options are the server's own for ours.
func (s *Server) options(o ServerOptions) (*server.Options, error) {
	opts := &server.Options{
		Host:       o.Host,
		Port:       o.Port,
		MaxPayload: int32(defaultMaxPayload),
		MaxSubs:    maxSubscriptions,
		NoSigs:     true, // signals are the daemon's
		NoLog:      true, // the logger is set by hand

		JetStream:              o.JetStream,
		StoreDir:               o.DataDir,
		DisableJetStreamBanner: true,
	}
	if opts.Host == "" {
		opts.Host = defaultHost
	}
	switch {
	case o.Port == 0:
		opts.DontListen = true
	case o.Port < -1 || o.Port > 65535:
		return nil, fmt.Errorf("port: expected -1 to 65535, found %d", o.Port)
	}
	if o.MaxPayload != 0 {
		if o.MaxPayload < 0 || o.MaxPayload > maxPayload {
			return nil, fmt.Errorf("largest payload: expected 1 to %d bytes, found %d", maxPayload, o.MaxPayload)
		}
		opts.MaxPayload = int32(o.MaxPayload)
	}
	if o.JetStream && o.DataDir == "" {
		return nil, errors.New("JetStream needs a data folder")
	}
	loopback, err := isLoopback(opts.Host)
	if err != nil {
		return nil, err
	}
	beyond := !loopback && !opts.DontListen
	switch {
	case beyond && len(o.Users) == 0:
		return nil, fmt.Errorf("it does not listen on %s without users: other machines could reach it", opts.Host)
	case beyond && o.TLS == ServerTLS{} && !o.Plaintext:
		return nil, fmt.Errorf("it does not listen on %s without TLS: passwords would go over the network in plain text", opts.Host)
	case beyond && o.TLS == ServerTLS{}:
		o.Log.Warn("passwords and data go over the network in plain text, as the configuration has it", keyHost, opts.Host)
	}
	if err := o.TLS.set(opts, o.Log); err != nil {
		return nil, err
	}
	return opts, s.addUsers(opts, o)
}

// addUsers lets users in, and the daemon itself, whose key is made for this run and
// never leaves the process.
func (s *Server) addUsers(opts *server.Options, o ServerOptions) error {
	if len(o.Users) == 0 {
		return nil
	}
	prefix := o.Prefix
	if prefix == "" {
		prefix = DefaultPrefix
	}
	for _, u := range o.Users {
		user, err := u.server(prefix)
		if err != nil {
			return err
		}
		opts.Users = append(opts.Users, user)
	}
	var err error
	if s.identity, err = nkeys.CreateUser(); err != nil {
		return err
	}
	public, err := s.identity.PublicKey()
	if err != nil {
		return err
	}
	opts.Nkeys = []*server.NkeyUser{{Nkey: public}}
	return nil
}

// server is the user as nats-server knows it.
func (u User) server(prefix string) (*server.User, error) {
	if u.Name == "" {
		return nil, errors.New("a user without a name")
	}
	password, err := ReadSecret(u.PasswordFile)
	if err != nil {
		return nil, fmt.Errorf("password of user %s: %w", quote(u.Name), err)
	}
	out := &server.User{Username: u.Name, Password: password}
	inbox := InboxOf(u.Name)
	if inbox == "" && u.Role != "" && u.Role != RoleFull {
		return nil, fmt.Errorf("user %s: expected a name of 1 to %d of A-Z, a-z, 0-9, - and _ with a role, as it is part of subjects", quote(u.Name), MaxSensorName)
	}
	p, err := Grant{Role: u.Role, Prefix: prefix, Inbox: inbox, Sensors: u.Sensors}.Permissions()
	switch {
	case err != nil:
		return nil, fmt.Errorf("user %s: %w", quote(u.Name), err)
	case p != nil:
		out.Permissions = p.server()
	}
	return out, nil
}

// isLoopback tells whether a host is this machine alone.
func isLoopback(host string) (bool, error) {
	if host == "localhost" {
		return true, nil
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return false, fmt.Errorf("host: expected localhost or an IP address, found %s", quote(host))
	}
	return a.Unmap().IsLoopback(), nil
}

// ClientURL is where clients of this machine reach the server; empty without a listener.
func (s *Server) ClientURL() string {
	addr := s.ns.Addr()
	if addr == nil {
		return ""
	}
	a, err := netip.ParseAddrPort(addr.String())
	if err != nil {
		return ""
	}
	// A server on every address says so; nobody can connect to that.
	if ip := a.Addr().Unmap(); ip == netip.IPv4Unspecified() || ip == netip.IPv6Unspecified() {
		a = netip.AddrPortFrom(netip.MustParseAddr(defaultHost), a.Port())
	}
	if s.tls {
		return "tls://" + a.String()
	}
	return "nats://" + a.String()
}

// InProcess is the option to connect with that goes to the server without a network.
func (s *Server) InProcess() nats.Option {
	return func(o *nats.Options) error {
		o.InProcessServer = s.ns
		if s.identity == nil {
			return nil
		}
		public, err := s.identity.PublicKey()
		if err != nil {
			return err
		}
		return nats.Nkey(public, s.identity.Sign)(o)
	}
}

// Shutdown stops the server and waits for it. Before, it waits until everything that
// the server holds for its clients has been written out, so that nothing that was
// published before is lost to a subscriber who is connected. (NATS cuts off one for
// whom 64 MiB wait, or who reads nothing for 10 s; that one is connected no longer.)
// Publishers within the process flush their connections first: what they still hold
// the server cannot know of.
//
// Where the context ends before, the server stops all the same and the error says how
// much was not written out, and whether it has not stopped yet. Shutdown can then be
// called again to wait for that.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	first := !s.stopping
	s.stopping = true
	s.mu.Unlock()
	if !first {
		return s.wait(ctx)
	}
	drainErr := s.drain(ctx)
	if drainErr == nil {
		s.leave(ctx)
	}
	go func() {
		s.ns.Shutdown()
		s.ns.WaitForShutdown()
		s.stopErr = errors.Join(drainErr, s.lock.release())
		close(s.stopped)
	}()
	err := s.wait(ctx)
	if errors.Is(err, errNotStopped) {
		err = errors.Join(drainErr, err)
	}
	return err
}

// stopGrace is how long a stop is waited for when the context has ended: it takes
// milliseconds as a rule.
const stopGrace = 500 * time.Millisecond

var errNotStopped = errors.New("embedded NATS server: it has not stopped yet")

func (s *Server) wait(ctx context.Context) error {
	select {
	case <-s.stopped:
		return s.stopErr
	case <-ctx.Done():
	}
	select {
	case <-s.stopped:
		return s.stopErr
	case <-time.After(stopGrace):
		return fmt.Errorf("%w: %w", errNotStopped, ctx.Err())
	}
}
