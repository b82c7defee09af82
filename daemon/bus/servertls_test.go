package bus

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
)

// authority signs certificates for a test.
type authority struct {
	t    *testing.T
	file string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	cert, key := certificate(t, "authority", nil, nil)
	return authority{t, pemFile(t, cert.Raw, nil), cert, key}
}

// pair gives the files of a certificate and its key.
func (a authority) pair(name string) (cert, key string) {
	c, k := certificate(a.t, name, a.cert, a.key)
	return pemFile(a.t, c.Raw, nil), pemFile(a.t, nil, k)
}

// The embedded server with TLS: those who trust its authority connect, encrypted, with their passwords, and nobody
// in plain text. The daemon itself needs no certificate.
func TestEmbeddedServerWithTLS(t *testing.T) {
	ctx := testContext(t)
	a := newAuthority(t)
	cert, key := a.pair("127.0.0.1")
	s := startServer(t, ServerOptions{
		Host: "0.0.0.0", Port: -1, TLS: ServerTLS{Cert: cert, Key: key},
		Users: []User{{Name: "cam1", PasswordFile: writeFile(t, "secret"), Role: RoleSensor, Sensors: []string{"cam1"}}},
	})
	require.True(t, strings.HasPrefix(s.ClientURL(), "tls://127.0.0.1:"), s.ClientURL())
	own := connect(t, ConnectOptions{Server: s})
	heard, err := own.SubscribeSync("saccade.*.events")
	require.NoError(t, err)
	require.NoError(t, Flush(ctx, own))
	nc := connect(t, ConnectOptions{URL: s.ClientURL(), CA: a.file, User: "cam1", PasswordFile: writeFile(t, "secret")})
	state, err := nc.TLSConnectionState()
	require.NoError(t, err)
	require.GreaterOrEqual(t, state.Version, uint16(tls.VersionTLS12))
	require.NoError(t, nc.Publish("saccade.cam1.events", []byte("x")))
	_, err = heard.NextMsgWithContext(ctx)
	require.NoError(t, err)

	var unknown x509.UnknownAuthorityError
	require.ErrorAs(t, accepted(t, ConnectOptions{URL: s.ClientURL(), User: "cam1", PasswordFile: writeFile(t, "secret")}), &unknown)
	require.ErrorIs(t, accepted(t, ConnectOptions{URL: s.ClientURL(), CA: a.file, User: "cam1", PasswordFile: writeFile(t, "wrong")}), nats.ErrAuthorization)
	// A client that answers the server in plain text is cut off.
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.ClientURL(), "tls://"))
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	_, err = conn.Write([]byte("CONNECT {\"user\":\"cam1\",\"pass\":\"secret\"}\r\nPING\r\n"))
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(patience)))
	buf := make([]byte, 4096)
	for text := ""; err == nil; {
		var n int
		n, err = conn.Read(buf)
		text += string(buf[:n])
		require.NotContains(t, text, "PONG")
	}
	require.False(t, os.IsTimeout(err), "the connection stays open")
}

// With authorities of clients, only those with a certificate of one are let in.
func TestEmbeddedServerWithClientCertificates(t *testing.T) {
	a, stranger := newAuthority(t), newAuthority(t)
	cert, key := a.pair("127.0.0.1")
	s := startServer(t, ServerOptions{Port: -1, TLS: ServerTLS{Cert: cert, Key: key, ClientCA: a.file}})
	o := ConnectOptions{URL: s.ClientURL(), CA: a.file}
	require.Error(t, accepted(t, o))
	o.Cert, o.Key = stranger.pair("client")
	require.Error(t, accepted(t, o))
	o.Cert, o.Key = a.pair("client")
	require.NoError(t, accepted(t, o))
	require.NoError(t, accepted(t, ConnectOptions{Server: s}))
}

// A certificate that is renewed is used without a restart, and one that cannot be read is not.
func TestCertificateIsRenewed(t *testing.T) {
	a := newAuthority(t)
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	var log lockedBuffer
	c := &certFiles{cert: certFile, key: keyFile, log: slog.New(slog.NewTextHandler(&log, nil))}
	stamp := time.Now().Add(-time.Hour)
	write := func(cert, key string) {
		for from, to := range map[string]string{cert: certFile, key: keyFile} {
			data, err := os.ReadFile(from)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(to, data, 0o600))
			require.NoError(t, os.Chtimes(to, stamp, stamp))
		}
		stamp = stamp.Add(time.Minute)
		c.checked = time.Time{} // a second has gone by
	}
	subject := func() string {
		got, err := c.get(nil)
		require.NoError(t, err)
		leaf, err := x509.ParseCertificate(got.Certificate[0])
		require.NoError(t, err)
		return leaf.Subject.CommonName
	}
	write(a.pair("first"))
	require.NoError(t, c.load())
	require.Equal(t, "first", subject())
	write(a.pair("second"))
	require.Equal(t, "second", subject())
	write(writeFile(t, "nonsense"), writeFile(t, "secret key"))
	require.Equal(t, "second", subject())
	require.Contains(t, log.String(), "the one before stays")
	require.NotContains(t, log.String(), "secret")
	require.NoError(t, os.Remove(keyFile))
	c.checked = time.Time{}
	require.Equal(t, "second", subject())
	write(a.pair("third"))
	require.Equal(t, "third", subject())
}

func TestServerTLSThatIsRefused(t *testing.T) {
	a := newAuthority(t)
	cert, key := a.pair("127.0.0.1")
	_, other := a.pair("127.0.0.1")
	nonsense := writeFile(t, "secret nonsense")
	missing := filepath.Join(t.TempDir(), "missing")
	for _, test := range []struct {
		tls  ServerTLS
		want string
	}{
		{ServerTLS{Cert: cert}, "expected a certificate and its key"},
		{ServerTLS{Key: key}, "expected a certificate and its key"},
		{ServerTLS{ClientCA: a.file}, "expected a certificate and its key"},
		{ServerTLS{Cert: cert, Key: other}, "private key does not match"},
		{ServerTLS{Cert: nonsense, Key: key}, nonsense},
		{ServerTLS{Cert: missing, Key: key}, missing},
		{ServerTLS{Cert: cert, Key: key, ClientCA: nonsense}, "expected certificates in PEM, found none"},
		{ServerTLS{Cert: cert, Key: key, ClientCA: missing}, missing},
	} {
		_, err := Start(testContext(t), ServerOptions{Port: -1, TLS: test.tls})
		require.ErrorContains(t, err, test.want)
		require.ErrorContains(t, err, "embedded NATS server: TLS: ")
		require.NotContains(t, err.Error(), "secret")
	}
}

// Nothing listens beyond this machine without users, however the address is written, nor with passwords that anybody
// on the way can read, unless that is asked for.
func TestListeningBeyondThisMachine(t *testing.T) {
	users := []User{{Name: "u", PasswordFile: writeFile(t, "secret")}}
	a := newAuthority(t)
	cert, key := a.pair("127.0.0.1")
	for _, host := range []string{"0.0.0.0", "::", "::ffff:0.0.0.0", "0:0:0:0:0:0:0:0", "192.0.2.1", "fe80::1", "::ffff:192.0.2.1"} {
		_, err := Start(testContext(t), ServerOptions{Host: host, Port: -1})
		require.ErrorContains(t, err, "does not listen on "+host+" without users")
		_, err = Start(testContext(t), ServerOptions{Host: host, Port: -1, Users: users})
		require.ErrorContains(t, err, "does not listen on "+host+" without TLS: passwords would go over the network in plain text")
		_, err = Start(testContext(t), ServerOptions{Host: host, Port: -1, TLS: ServerTLS{Cert: cert, Key: key}})
		require.ErrorContains(t, err, "without users")
	}
	// Names of hosts and what is no address are refused altogether: they may be anything tomorrow.
	for _, host := range []string{"example.org", "localhost.", "LOCALHOST", "127.1", "0", "0x7f000001", "2130706433", "[::1]", " ", "*", "127.0.0.1 ", "::1%"} {
		_, err := Start(testContext(t), ServerOptions{Host: host, Port: -1, Users: users})
		require.ErrorContains(t, err, "expected localhost or an IP address", host)
	}
	// Empty is this machine, and so is everything of 127.0.0.0/8.
	for _, host := range []string{"", "localhost", "127.0.0.1", "127.8.9.1", "::ffff:127.0.0.1"} {
		s := startServer(t, ServerOptions{Host: host, Port: -1})
		address, err := net.ResolveTCPAddr("tcp", s.ns.Addr().String())
		require.NoError(t, err)
		require.True(t, address.IP.IsLoopback(), "%q listens on %v", host, address)
	}
	var log lockedBuffer
	s := startServer(t, ServerOptions{Host: "0.0.0.0", Port: -1, Users: users, Plaintext: true, Log: slog.New(slog.NewTextHandler(&log, nil))})
	require.True(t, strings.HasPrefix(s.ClientURL(), "nats://"))
	require.Contains(t, log.String(), `msg="passwords and data go over the network in plain text, as the configuration has it" host=0.0.0.0`)
	// Without a port nobody can come at all.
	startServer(t, ServerOptions{Host: "0.0.0.0"})
}
