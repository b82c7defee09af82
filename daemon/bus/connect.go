package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// ConnectOptions say which server to connect to and how to be let in. Of Server, URL
// and Context one is given, or none for a server on this machine at NATS's own port.
type ConnectOptions struct {
	Server  *Server // the embedded server, without a network
	URL     string  // one or more addresses, comma separated
	Context string  // a context of the `nats` command line tool: its name, or its file

	// How to be let in, one way of: what is given here goes before what a context says.
	Creds        string // file with a user's JWT and seed
	NKey         string // file with a user's seed
	User         string
	PasswordFile string // its first line is the password of User

	CA        string // file of certificates to trust
	Cert, Key string // files of the client's own certificate

	// Inbox is the prefix of the subjects that answers come to; empty for the context's, or else that of InboxOf for a
	// user with a password, or else NATS' own.
	Inbox string

	Name string // what the server shows of the connection
	// Reconnect has it tried for ever to get a lost connection back. Otherwise it is
	// closed, and nats.go then throws away what had come and was not handled yet: a
	// subscriber that must not lose that reconnects and stops by itself when it is
	// told that the connection is Disconnected.
	Reconnect bool
	// Wait is how long it waits from one try to the next, all of them alike; 0 stands for half a second and up
	// to as much again, so that many clients do not come at once.
	Wait time.Duration
	// NoBuffer has publishing fail while the connection is lost. Otherwise nats.go keeps what is published, and sends it
	// before anybody hears that the connection is back.
	NoBuffer bool
	Log      *slog.Logger
	// OnChange is told of every change of the connection, one after the other, from a
	// goroutine of the connection's. It must not wait for the connection.
	OnChange func(Change)
}

// Change is something that happened to a connection.
type Change struct {
	State ConnState
	Err   error // why, where that is known
}

// ConnState is what became of a connection.
type ConnState uint8

// The states.
const (
	Disconnected ConnState = iota // lost; it is tried to get it back if that was asked for
	Reconnected                   // back
	Closed                        // closed, by us or for good
	Leaving                       // the server announces that it is going to stop
	Failed                        // something went wrong that did not end it, such as a subscriber too slow
)

func (s ConnState) String() string {
	return [...]string{"disconnected", "reconnected", "closed", "server is leaving", "failed"}[s]
}

// ErrNoServer is the error of a connection to where no NATS server answers.
var ErrNoServer = errors.New("no NATS server")

// connectTimeout bounds a connection to one address, from the dialling to the end of
// the handshake.
const connectTimeout = 5 * time.Second

// Connect connects to a NATS server. The context bounds the connecting only. Errors
// and log records name the server without any password.
func Connect(ctx context.Context, o ConnectOptions) (*nats.Conn, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	target, options, err := o.resolve()
	if err != nil {
		return nil, err
	}
	d := &dialer{}
	stop := context.AfterFunc(ctx, d.abort)
	defer stop()
	options = append(options, o.options()...)
	options = append(options, nats.SetCustomDialer(d))
	nc, err := nats.Connect(target, options...)
	d.connected()
	switch {
	case err == nil && ctx.Err() == nil:
		warnPlaintext(nc, target, o.Log)
		return nc, nil
	case err == nil:
		nc.Close()
		return nil, ctx.Err()
	case ctx.Err() != nil:
		return nil, fmt.Errorf("connecting to NATS at %s: %w", shown(target), ctx.Err())
	}
	return nil, connectError(target, err)
}

// resolve gives the addresses to connect to and the options to be let in.
func (o *ConnectOptions) resolve() (target string, options []nats.Option, err error) {
	var named natsContext
	switch {
	case o.Server != nil && (o.URL != "" || o.Context != ""), o.URL != "" && o.Context != "":
		return "", nil, errors.New("NATS: expected one of the embedded server, an address and a context, found several")
	case o.Server != nil:
		return "in-process", []nats.Option{o.Server.InProcess()}, nil
	case o.Context != "":
		if named, err = loadContext(o.Context); err != nil {
			return "", nil, err
		}
		target = named.URL
	default:
		target = o.URL
	}
	if target == "" {
		target = nats.DefaultURL
	}
	if err := checkURL(target); err != nil {
		return "", nil, err
	}
	auth, err := o.auth(named)
	if err != nil {
		return "", nil, err
	}
	tls, err := o.tls(named)
	if err != nil {
		return "", nil, err
	}
	options = append(append(auth, tls...), named.options()...)
	if inbox := o.inbox(named, target); inbox != "" {
		if err := checkInbox(inbox); err != nil {
			return "", nil, fmt.Errorf("NATS: %w", err)
		}
		options = append(options, nats.CustomInboxPrefix(inbox))
	}
	return target, options, nil
}

// inbox is the prefix for answers, empty for NATS' own.
func (o *ConnectOptions) inbox(named natsContext, target string) string {
	switch {
	case o.Inbox != "":
		return o.Inbox
	case named.Inbox != "":
		return named.Inbox
	case o.User != "":
		return InboxOf(o.User)
	case o.Creds != "" || o.NKey != "" || named.User == "" && (named.Creds != "" || named.NKey != ""):
		return ""
	case named.User != "":
		return InboxOf(named.User)
	default:
		return InboxOf(userOf(target))
	}
}

// auth gives the options for the one way that is given, or else the context's.
func (o *ConnectOptions) auth(named natsContext) ([]nats.Option, error) {
	var ways []string
	for _, way := range []struct{ name, value string }{{"credentials", o.Creds}, {"an NKEY", o.NKey}, {"a user", o.User}} {
		if way.value != "" {
			ways = append(ways, way.name)
		}
	}
	switch {
	case len(ways) > 1:
		return nil, fmt.Errorf("NATS: expected one way of authentication, found %s", strings.Join(ways, " and "))
	case len(ways) == 0:
		return named.auth()
	case o.User != "":
		password, err := ReadSecret(o.PasswordFile)
		if err != nil {
			return nil, fmt.Errorf("NATS password: %w", err)
		}
		return []nats.Option{nats.UserInfo(o.User, password)}, nil
	case o.Creds != "":
		return credsOptions(o.Creds)
	default:
		return nkeyOptions(o.NKey)
	}
}

func (o *ConnectOptions) tls(named natsContext) ([]nats.Option, error) {
	ca, cert, key := named.CA, named.Cert, named.Key
	if o.CA != "" {
		ca = o.CA
	}
	if o.Cert != "" || o.Key != "" {
		cert, key = o.Cert, o.Key
	}
	if (cert == "") != (key == "") {
		return nil, errors.New("NATS: a client's certificate needs its key, and a key its certificate")
	}
	var options []nats.Option
	if ca != "" {
		options = append(options, nats.RootCAs(ca))
	}
	if cert != "" {
		options = append(options, nats.ClientCert(cert, key))
	}
	return options, nil
}

// credsOptions looks for the file at once: nats.go would only find out when the
// server asks for it, and report the server's refusal.
func credsOptions(path string) ([]nats.Option, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("NATS credentials: %w", err)
	}
	return []nats.Option{nats.UserCredentials(path)}, nil
}

func nkeyOptions(path string) ([]nats.Option, error) {
	option, err := nats.NkeyOptionFromSeed(path)
	if err != nil {
		return nil, fmt.Errorf("NATS NKEY %s: %w", path, err)
	}
	return []nats.Option{option}, nil
}

// levelNever is the level of what is told to OnChange alone.
const levelNever = slog.Level(math.MinInt)

// options are those for the connection's life.
func (o *ConnectOptions) options() []nats.Option {
	log := o.Log
	if o.Name != "" {
		log = log.With(keyName, o.Name)
	}
	tell := func(level slog.Level, state ConnState, err error, attrs ...slog.Attr) {
		if err != nil {
			attrs = append(attrs, slog.Any(keyError, err))
		}
		if level != levelNever {
			log.LogAttrs(context.Background(), level, "NATS connection: "+state.String(), attrs...)
		}
		if o.OnChange != nil {
			o.OnChange(Change{state, err})
		}
	}
	// A subscriber that is too slow, or may not do what it does, is told of every time, which fills a log.
	fold := NewFold(logPerSecond)
	server := func(nc *nats.Conn) slog.Attr { return slog.String(keyServer, nc.ConnectedUrlRedacted()) }
	options := []nats.Option{
		nats.Name(o.Name),
		nats.Timeout(connectTimeout),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			level := slog.LevelDebug // on our own request
			if err != nil {
				level = slog.LevelWarn
			}
			tell(level, Disconnected, err)
		}),
		nats.ReconnectHandler(func(nc *nats.Conn) { tell(slog.LevelInfo, Reconnected, nil, server(nc)) }),
		nats.ClosedHandler(func(nc *nats.Conn) { tell(slog.LevelDebug, Closed, nc.LastError()) }),
		nats.LameDuckModeHandler(func(nc *nats.Conn) { tell(slog.LevelWarn, Leaving, nil, server(nc)) }),
		nats.ErrorHandler(func(_ *nats.Conn, sub *nats.Subscription, err error) {
			var attrs []slog.Attr
			if sub != nil {
				attrs = append(attrs, slog.String(keySubject, sub.Subject))
			}
			level := slog.LevelWarn
			switch through, held := fold.Next(time.Now()); {
			case !through:
				level = levelNever
			case held > 0:
				attrs = append(attrs, slog.Int64(keyMore, held))
			}
			tell(level, Failed, err, attrs...)
		}),
	}
	if o.Reconnect {
		// Without IgnoreAuthErrorAbort two refusals in a row would be the end, and
		// credentials are renewed while a daemon runs.
		options = append(options, nats.MaxReconnects(-1), nats.IgnoreAuthErrorAbort(), o.waits())
		if o.NoBuffer {
			options = append(options, nats.ReconnectBufSize(-1))
		}
		return options
	}
	return append(options, nats.NoReconnect())
}

// waits gives how long it waits from one try to reconnect to the next.
func (o *ConnectOptions) waits() nats.Option {
	const usual = 500 * time.Millisecond
	return func(to *nats.Options) error {
		to.ReconnectWait, to.ReconnectJitter, to.ReconnectJitterTLS = o.Wait, 0, 0
		if o.Wait == 0 {
			to.ReconnectWait, to.ReconnectJitter, to.ReconnectJitterTLS = usual, usual, usual
		}
		return nil
	}
}

// checkURL demands addresses that nats.go can use. Its own errors would repeat
// an address with the password in it.
func checkURL(target string) error {
	for s := range strings.SplitSeq(target, ",") {
		s = strings.TrimSpace(s)
		if !strings.Contains(s, "://") {
			s = "nats://" + s
		}
		u, err := url.Parse(s)
		if err != nil || u.Hostname() == "" || !slices.Contains([]string{"nats", "tls", "ws", "wss"}, u.Scheme) {
			return fmt.Errorf("NATS: expected an address such as nats://host:4222, found %s", quote(shown(s)))
		}
	}
	return nil
}

// shown is a list of addresses without users, passwords and tokens. It cuts up to the
// last @ because a password may hold anything.
func shown(target string) string {
	at := strings.LastIndexByte(target, '@')
	if at < 0 {
		return target
	}
	scheme, _, ok := strings.Cut(target[:at], "://")
	if !ok {
		return target[at+1:]
	}
	return scheme + "://" + target[at+1:]
}

// connectError says what a user can do about it.
func connectError(target string, err error) error {
	var refused *net.OpError
	var name *net.DNSError
	switch {
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked):
		return fmt.Errorf("the NATS server at %s refuses these credentials: %w", shown(target), err)
	case errors.Is(err, nats.ErrNoServers), errors.As(err, &name), errors.As(err, &refused) && refused.Op == "dial":
		return fmt.Errorf("%w at %s: is `saccade serve` running? (%w)", ErrNoServer, shown(target), err)
	default:
		return fmt.Errorf("connecting to NATS at %s: %w", shown(target), err)
	}
}

// dialer dials for nats.go, which knows no contexts. Until the first connection
// stands it can be aborted; after that it only has its timeout.
type dialer struct {
	mu      sync.Mutex
	done    bool
	aborted context.CancelFunc
	conn    net.Conn
	over    bool
}

// Dial implements nats.CustomDialer.
func (d *dialer) Dial(network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	d.mu.Lock()
	if d.over {
		d.mu.Unlock()
		return nil, context.Canceled
	}
	d.aborted = cancel
	d.mu.Unlock()
	var nd net.Dialer
	conn, err := nd.DialContext(ctx, network, address)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err == nil && d.over {
		return nil, errors.Join(context.Canceled, conn.Close())
	}
	if !d.done {
		d.conn = conn
	}
	return conn, err
}

// connected ends the time in which abort does something.
func (d *dialer) connected() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done, d.conn = true, nil
}

// abort ends a dialling or handshake that is under way and every later one.
func (d *dialer) abort() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.done {
		return
	}
	d.over = true
	if d.aborted != nil {
		d.aborted()
	}
	if d.conn != nil {
		_ = d.conn.Close() // the handshake that is on it fails, and that is reported
	}
}

// Drain ends a connection in order: subscriptions take nothing more, what came is
// handled, what was published is flushed; then it closes. Where the context ends
// before, the connection is closed at once and the error says so.
func Drain(ctx context.Context, nc *nats.Conn) error {
	closed := nc.StatusChanged(nats.CLOSED)
	defer nc.RemoveStatusListener(closed)
	err := nc.Drain()
	switch {
	case errors.Is(err, nats.ErrConnectionClosed):
		return nil
	case err != nil:
		nc.Close()
		return fmt.Errorf("draining the NATS connection: %w", err)
	}
	select {
	case <-closed:
		return nil
	case <-ctx.Done():
		nc.Close()
		return fmt.Errorf("draining the NATS connection: %w", ctx.Err())
	}
}
