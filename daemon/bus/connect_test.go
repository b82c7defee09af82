package bus

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
	"github.com/stretchr/testify/require"
)

func TestConnectByURL(t *testing.T) {
	ctx := testContext(t)
	s := startServer(t, ServerOptions{Port: -1})
	for _, url := range []string{s.ClientURL(), strings.TrimPrefix(s.ClientURL(), "nats://"), "nats://127.0.0.1:1, " + s.ClientURL()} {
		nc := connect(t, ConnectOptions{URL: url, Name: "watch"})
		require.NoError(t, nc.FlushWithContext(ctx))
		require.Equal(t, "watch", nc.Opts.Name)
	}
}

func TestNoServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
	_, err = Connect(testContext(t), ConnectOptions{URL: "nats://user:secret@" + address})
	require.ErrorIs(t, err, ErrNoServer)
	require.ErrorContains(t, err, "no NATS server at nats://"+address+": is `saccade serve` running?")
	require.NotContains(t, err.Error(), "secret")
}

func TestConnectRefuses(t *testing.T) {
	s := startServer(t, ServerOptions{})
	seed := writeFile(t, "not a secret seed")
	missing := filepath.Join(t.TempDir(), "missing")
	for _, test := range []struct {
		o    ConnectOptions
		want string
	}{
		{ConnectOptions{Server: s, URL: "nats://h"}, "expected one of the embedded server, an address and a context"},
		{ConnectOptions{Server: s, Context: "c"}, "expected one of"},
		{ConnectOptions{URL: "nats://h", Context: "c"}, "expected one of"},
		{ConnectOptions{URL: "http://h"}, `expected an address such as nats://host:4222, found "http://h"`},
		{ConnectOptions{URL: "nats://user:secret@ho st"}, `found "nats://ho st"`},
		{ConnectOptions{URL: "user:se%cret@h:port"}, `found "nats://h:port"`},
		{ConnectOptions{URL: "nats://"}, "expected an address"},
		{ConnectOptions{URL: "nats://a,,nats://b"}, "expected an address"},
		{ConnectOptions{Creds: "a", NKey: "b", User: "c"}, "expected one way of authentication, found credentials and an NKEY and a user"},
		{ConnectOptions{Creds: missing}, missing},
		{ConnectOptions{NKey: missing}, missing},
		{ConnectOptions{NKey: seed}, seed},
		{ConnectOptions{User: "u", PasswordFile: missing}, missing},
		{ConnectOptions{User: "u"}, "NATS password: "},
		{ConnectOptions{Cert: "c"}, "a client's certificate needs its key"},
		{ConnectOptions{Key: "k"}, "a client's certificate needs its key"},
		{ConnectOptions{CA: missing}, missing},
		{ConnectOptions{Cert: missing, Key: seed}, missing},
		{ConnectOptions{Context: "no/such.json"}, "no/such.json"},
	} {
		_, err := Connect(testContext(t), test.o)
		require.ErrorContains(t, err, test.want)
		require.NotContains(t, err.Error(), "secret")
	}
}

// A server that accepts and says nothing does not hold up whoever gives up first.
func TestConnectHonoursItsContext(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	accepted := make(chan net.Conn, 1)
	var listening sync.WaitGroup
	listening.Go(func() {
		if conn, err := l.Accept(); err == nil {
			accepted <- conn
		}
	})
	ctx, cancel := context.WithCancel(testContext(t))
	var accepting sync.WaitGroup
	accepting.Go(func() {
		conn := <-accepted
		cancel()
		_, _ = conn.Read(make([]byte, 1)) // until the client closes
		_ = conn.Close()
	})
	begin := time.Now()
	_, err = Connect(ctx, ConnectOptions{URL: "nats://u:secret@" + l.Addr().String()})
	require.ErrorIs(t, err, context.Canceled)
	require.NotContains(t, err.Error(), "secret")
	require.Less(t, time.Since(begin), connectTimeout)
	require.NoError(t, l.Close())
	listening.Wait()
	accepting.Wait()

	_, err = Connect(ctx, ConnectOptions{Server: startServer(t, ServerOptions{})})
	require.ErrorIs(t, err, context.Canceled)
}

// What happens to a connection is told and logged, without the password in its address.
func TestReconnect(t *testing.T) {
	ctx := testContext(t)
	s, err := Start(ctx, ServerOptions{Port: -1})
	require.NoError(t, err)
	address, err := net.ResolveTCPAddr("tcp", s.ns.Addr().String())
	require.NoError(t, err)
	changes := make(chan Change, 100)
	var log lockedBuffer
	nc := connect(t, ConnectOptions{
		URL: strings.Replace(s.ClientURL(), "nats://", "nats://user:secret@", 1), Name: "daemon", Reconnect: true,
		OnChange: func(c Change) { changes <- c },
		Log:      slog.New(slog.NewTextHandler(&log, nil)),
	})
	sub, err := nc.SubscribeSync("test")
	require.NoError(t, err)
	require.NoError(t, nc.FlushWithContext(ctx))

	require.NoError(t, s.Shutdown(ctx))
	next := func() ConnState {
		select {
		case c := <-changes:
			return c.State
		case <-ctx.Done():
			t.Fatal("no change was told")
			return 0
		}
	}
	require.Equal(t, Leaving, next())
	require.Equal(t, Disconnected, next())
	s = startServer(t, ServerOptions{Port: address.Port})
	require.Equal(t, Reconnected, next())

	// The subscription is back too.
	other := connect(t, ConnectOptions{Server: s})
	require.NoError(t, nc.FlushWithContext(ctx))
	require.NoError(t, other.Publish("test", nil))
	_, err = sub.NextMsgWithContext(ctx)
	require.NoError(t, err)

	nc.Close()
	require.Equal(t, Disconnected, next())
	require.Equal(t, Closed, next())
	require.Contains(t, log.String(), `msg="NATS connection: disconnected" name=daemon`)
	require.Contains(t, log.String(), `msg="NATS connection: reconnected" name=daemon server=nats://`)
	require.NotContains(t, log.String(), "secret")
}

// Without Reconnect a lost connection is the end of it.
func TestConnectOnce(t *testing.T) {
	ctx := testContext(t)
	s, err := Start(ctx, ServerOptions{Port: -1})
	require.NoError(t, err)
	nc := connect(t, ConnectOptions{URL: s.ClientURL()})
	closed := nc.StatusChanged(nats.CLOSED)
	require.NoError(t, s.Shutdown(ctx))
	<-closed
	require.NoError(t, Drain(ctx, nc))
}

// What a slow subscriber loses is told.
func TestFailuresAreTold(t *testing.T) {
	ctx := testContext(t)
	var log lockedBuffer
	changes := make(chan Change, 100)
	nc := connect(t, ConnectOptions{
		Server:   startServer(t, ServerOptions{}),
		OnChange: func(c Change) { changes <- c },
		Log:      slog.New(slog.NewTextHandler(&log, nil)),
	})
	sub, err := nc.SubscribeSync("test")
	require.NoError(t, err)
	require.NoError(t, sub.SetPendingLimits(1, 1000))
	for range 10 {
		require.NoError(t, nc.Publish("test", nil))
	}
	require.NoError(t, nc.FlushWithContext(ctx))
	c := <-changes
	require.Equal(t, Failed, c.State)
	require.ErrorIs(t, c.Err, nats.ErrSlowConsumer)
	require.Contains(t, log.String(), "subject=test")
}

// Drain lets what came be handled and what was published arrive.
func TestDrain(t *testing.T) {
	const messages = 1000
	ctx := testContext(t)
	s := startServer(t, ServerOptions{})
	in, out := connect(t, ConnectOptions{Server: s}), connect(t, ConnectOptions{Server: s})
	sub, err := out.SubscribeSync("out")
	require.NoError(t, err)
	require.NoError(t, out.FlushWithContext(ctx))
	handled := 0
	first, release := make(chan struct{}), make(chan struct{})
	_, err = in.Subscribe("in", func(m *nats.Msg) {
		if handled++; handled == 1 {
			close(first)
			<-release
		}
		_ = in.Publish("out", m.Data) // what does not arrive is counted below
	})
	require.NoError(t, err)
	require.NoError(t, in.FlushWithContext(ctx))
	for range messages {
		require.NoError(t, out.Publish("in", nil))
	}
	require.NoError(t, out.FlushWithContext(ctx))
	require.NoError(t, in.FlushWithContext(ctx)) // they are in the client now
	<-first
	close(release)
	require.NoError(t, Drain(ctx, in))
	require.True(t, in.IsClosed())
	require.Equal(t, messages, handled)
	require.NoError(t, out.FlushWithContext(ctx))
	n, _, err := sub.Pending()
	require.NoError(t, err)
	require.Equal(t, messages, n)
}

func TestDrainHonoursItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(testContext(t))
	nc := connect(t, ConnectOptions{Server: startServer(t, ServerOptions{})})
	entered, release := make(chan struct{}), make(chan struct{})
	_, err := nc.Subscribe("test", func(*nats.Msg) {
		close(entered)
		<-release
	})
	require.NoError(t, err)
	require.NoError(t, nc.Publish("test", nil))
	<-entered
	cancel()
	require.ErrorIs(t, Drain(ctx, nc), context.Canceled)
	require.True(t, nc.IsClosed())
	close(release)
}

// startNATS starts a server of NATS's own, as others run them.
func startNATS(t *testing.T, o *server.Options) string {
	t.Helper()
	o.Host, o.Port, o.NoLog, o.NoSigs = "127.0.0.1", -1, true, true
	ns, err := server.NewServer(o)
	require.NoError(t, err)
	ns.Start()
	t.Cleanup(func() {
		ns.Shutdown()
		ns.WaitForShutdown()
	})
	require.True(t, ns.ReadyForConnections(patience))
	return "nats://" + ns.Addr().String()
}

// accepted tells whether a connection comes about and can be used.
func accepted(t *testing.T, o ConnectOptions) error {
	t.Helper()
	nc, err := Connect(testContext(t), o)
	if err != nil {
		return err
	}
	defer nc.Close()
	return nc.FlushWithContext(testContext(t))
}

func TestConnectWithNKey(t *testing.T) {
	user, seed := userKey(t)
	url := startNATS(t, &server.Options{Nkeys: []*server.NkeyUser{{Nkey: user}}})
	require.NoError(t, accepted(t, ConnectOptions{URL: url, NKey: seed}))
	_, other := userKey(t)
	err := accepted(t, ConnectOptions{URL: url, NKey: other})
	require.ErrorIs(t, err, nats.ErrAuthorization)
	require.ErrorContains(t, err, "the NATS server at "+url+" refuses these credentials")
}

func userKey(t *testing.T) (public, seedFile string) {
	t.Helper()
	pair, err := nkeys.CreateUser()
	require.NoError(t, err)
	public, err = pair.PublicKey()
	require.NoError(t, err)
	seed, err := pair.Seed()
	require.NoError(t, err)
	return public, writeFile(t, string(seed))
}

func TestConnectWithCredentials(t *testing.T) {
	operator, err := nkeys.CreateOperator()
	require.NoError(t, err)
	operatorKey, err := operator.PublicKey()
	require.NoError(t, err)
	account, err := nkeys.CreateAccount()
	require.NoError(t, err)
	accountKey, err := account.PublicKey()
	require.NoError(t, err)
	accountJWT, err := jwt.NewAccountClaims(accountKey).Encode(operator)
	require.NoError(t, err)
	resolver := &server.MemAccResolver{}
	require.NoError(t, resolver.Store(accountKey, accountJWT))
	url := startNATS(t, &server.Options{TrustedKeys: []string{operatorKey}, AccountResolver: resolver})

	creds := func(signer nkeys.KeyPair) string {
		user, err := nkeys.CreateUser()
		require.NoError(t, err)
		key, err := user.PublicKey()
		require.NoError(t, err)
		token, err := jwt.NewUserClaims(key).Encode(signer)
		require.NoError(t, err)
		seed, err := user.Seed()
		require.NoError(t, err)
		file, err := jwt.FormatUserConfig(token, seed)
		require.NoError(t, err)
		return writeFile(t, string(file))
	}
	require.NoError(t, accepted(t, ConnectOptions{URL: url, Creds: creds(account)}))
	stranger, err := nkeys.CreateAccount()
	require.NoError(t, err)
	require.ErrorIs(t, accepted(t, ConnectOptions{URL: url, Creds: creds(stranger)}), nats.ErrAuthorization)
}

func TestConnectWithTLS(t *testing.T) {
	ca, caKey := certificate(t, "authority", nil, nil)
	serverCert, serverKey := certificate(t, "127.0.0.1", ca, caKey)
	clientCert, clientKey := certificate(t, "client", ca, caKey)
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	url := startNATS(t, &server.Options{TLS: true, TLSVerify: true, TLSConfig: &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{serverCert.Raw}, PrivateKey: serverKey}},
		ClientCAs:    pool, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12,
	}})
	caFile, certFile, keyFile := pemFile(t, ca.Raw, nil), pemFile(t, clientCert.Raw, nil), pemFile(t, nil, clientKey)
	require.NoError(t, accepted(t, ConnectOptions{URL: url, CA: caFile, Cert: certFile, Key: keyFile}))
	require.NoError(t, accepted(t, ConnectOptions{URL: strings.Replace(url, "nats:", "tls:", 1), CA: caFile, Cert: certFile, Key: keyFile}))
	// Neither a server that nobody vouches for nor a client without a certificate.
	var unknown x509.UnknownAuthorityError
	require.ErrorAs(t, accepted(t, ConnectOptions{URL: url, Cert: certFile, Key: keyFile}), &unknown)
	require.Error(t, accepted(t, ConnectOptions{URL: url, CA: caFile}))
}

// certificate makes a certificate, signed by an authority or by itself.
func certificate(t *testing.T, name string, authority *x509.Certificate, authorityKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if authority == nil {
		authority, authorityKey = template, key
		template.IsCA, template.BasicConstraintsValid = true, true
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, authority, &key.PublicKey, authorityKey)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(raw)
	require.NoError(t, err)
	return cert, key
}

func pemFile(t *testing.T, cert []byte, key *ecdsa.PrivateKey) string {
	t.Helper()
	block := &pem.Block{Type: "CERTIFICATE", Bytes: cert}
	if key != nil {
		raw, err := x509.MarshalPKCS8PrivateKey(key)
		require.NoError(t, err)
		block = &pem.Block{Type: "PRIVATE KEY", Bytes: raw}
	}
	return writeFile(t, string(pem.EncodeToMemory(block)))
}

// Contexts as the command line tool writes them.
func TestConnectByContext(t *testing.T) {
	user, seed := userKey(t)
	url := startNATS(t, &server.Options{
		Nkeys: []*server.NkeyUser{{Nkey: user}},
		Users: []*server.User{{Username: "u", Password: "secret"}},
	})
	tokens := startNATS(t, &server.Options{Authorization: "secret"})
	config, home := t.TempDir(), t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", config)
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	write := func(dir, name string, fields map[string]any) string {
		data, err := json.Marshal(fields)
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(dir, 0o700))
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, data, 0o600))
		return path
	}
	dir := filepath.Join(config, "nats", "context")
	write(dir, "password.json", map[string]any{"description": "d", "url": url, "user": "u", "password": "secret", "color_scheme": "", "inbox_prefix": "_I"})
	write(dir, "token.json", map[string]any{"url": tokens, "token": "secret"})
	write(dir, "wrong.json", map[string]any{"url": url, "user": "u", "password": "secret 2"})
	write(dir, "nsc.json", map[string]any{"url": url, "nsc": "nsc://secret"})
	write(dir, "missing.json", map[string]any{"url": url, "creds": "/no/such/file"})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "broken.json"), []byte(`{"password": secret}`), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "large.json"), make([]byte, maxSecretFile+1), 0o600))
	require.NoError(t, os.Rename(seed, filepath.Join(home, "seed")))
	byFile := write(home, "elsewhere.json", map[string]any{"url": url, "nkey": "~/seed"})

	nc := connect(t, ConnectOptions{Context: "password"})
	require.True(t, strings.HasPrefix(nc.NewInbox(), "_I."))
	require.NoError(t, accepted(t, ConnectOptions{Context: "token"}))
	require.NoError(t, accepted(t, ConnectOptions{Context: byFile}))
	require.NoError(t, accepted(t, ConnectOptions{Context: "~/elsewhere.json"}))
	// What is said beside a context goes before what it says.
	require.NoError(t, accepted(t, ConnectOptions{Context: "wrong", NKey: filepath.Join(home, "seed")}))

	for name, want := range map[string]string{
		"wrong": "refuses these credentials", "nsc": "NATS context nsc: it uses nsc, which saccade does not", "missing": "/no/such/file",
		"broken": "NATS context broken: ", "large": "expected at most 65536 bytes", "unknown": filepath.Join(dir, "unknown.json"),
	} {
		err := accepted(t, ConnectOptions{Context: name})
		require.ErrorContains(t, err, want, name)
		require.NotContains(t, err.Error(), "secret", name)
	}

	// Without XDG_CONFIG_HOME they are in the home folder, on every system.
	t.Setenv("XDG_CONFIG_HOME", "")
	write(filepath.Join(home, ".config", "nats", "context"), "here.json", map[string]any{"url": url, "user": "u", "password": "secret"})
	require.NoError(t, accepted(t, ConnectOptions{Context: "here"}))
	t.Setenv("HOME", "")
	t.Setenv("USERPROFILE", "")
	require.ErrorContains(t, accepted(t, ConnectOptions{Context: "here"}), "no folder of NATS contexts")
}

func TestShown(t *testing.T) {
	for target, want := range map[string]string{
		"nats://h": "nats://h", "nats://u:p@h": "nats://h", "u:p@h": "h", "tls://t@h:1": "tls://h:1", "nats://a,nats://u:p@b": "nats://b",
		"nats://u:p@,x@h": "nats://h",
	} {
		require.Equal(t, want, shown(target), target)
	}
}

func TestConnStateNames(t *testing.T) {
	require.Equal(t, "disconnected", Disconnected.String())
	require.Equal(t, "failed", Failed.String())
}

// lockedBuffer is a buffer that a connection's goroutines write to.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
