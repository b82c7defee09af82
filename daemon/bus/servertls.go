package bus

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// ServerTLS names the files of the embedded server's side of TLS, all PEM. Without Cert and Key
// the server speaks plain text.
type ServerTLS struct {
	Cert, Key string // the server's certificate, with those between it and its authority, and its key
	ClientCA  string // the authorities of clients: only those with a certificate of one are let in
}

// tlsTimeout bounds a handshake: NATS' own 2 s are little for a camera on a slow network.
const tlsTimeout = 10 * time.Second

// set has a server speak TLS and nothing else with clients that come over the network.
func (t ServerTLS) set(opts *server.Options, log *slog.Logger) error {
	switch {
	case t == ServerTLS{}:
		return nil
	case t.Cert == "" || t.Key == "":
		return errors.New("TLS: expected a certificate and its key, found only one of them, or authorities of clients alone")
	}
	pair := &certFiles{cert: t.Cert, key: t.Key, log: log}
	if err := pair.load(); err != nil {
		return fmt.Errorf("TLS: %w", err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: pair.get}
	if t.ClientCA != "" {
		data, err := readBounded(t.ClientCA)
		if err != nil {
			return fmt.Errorf("TLS: authorities of clients: %w", err)
		}
		config.ClientCAs = x509.NewCertPool()
		if !config.ClientCAs.AppendCertsFromPEM(data) {
			return fmt.Errorf("TLS: authorities of clients: %s: expected certificates in PEM, found none", t.ClientCA)
		}
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	opts.TLS, opts.TLSVerify, opts.TLSConfig = true, t.ClientCA != "", config
	opts.TLSTimeout = tlsTimeout.Seconds()
	return nil
}

// certFiles are a certificate and its key, in files that may be renewed while the server runs, as
// those of ACME's authorities are every few weeks: a new handshake has the new one.
type certFiles struct {
	cert, key string
	log       *slog.Logger

	mu      sync.Mutex
	loaded  *tls.Certificate
	stamps  [2]stamp // of the files, as they were when they were last looked at
	checked time.Time
}

// stamp tells one version of a file from another.
type stamp struct {
	time time.Time
	size int64
}

// certificateEvery is how long a certificate is used without looking at its files.
const certificateEvery = time.Second

// get implements [tls.Config].GetCertificate. Files that cannot be used leave the certificate as it was.
func (c *certFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.checked) >= certificateEvery {
		c.checked = now
		if before := c.stamps; c.changed() && before != c.stamps {
			if err := c.read(); err != nil {
				c.log.Warn("the TLS certificate was changed and cannot be read: the one before stays", keyError, err)
			} else {
				c.log.Info("the TLS certificate was changed")
			}
		}
	}
	return c.loaded, nil
}

// load reads the files for the first time.
func (c *certFiles) load() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changed()
	c.checked = time.Now()
	return c.read()
}

// changed takes the stamps of the files, and tells whether both are there.
func (c *certFiles) changed() bool {
	var now [2]stamp
	for i, path := range []string{c.cert, c.key} {
		info, err := os.Stat(path)
		if err != nil {
			return false
		}
		now[i] = stamp{info.ModTime(), info.Size()}
	}
	c.stamps = now
	return true
}

// read reads the pair. Where one of the files is not yet the other's, that is an error, and the next change
// is the end of it.
func (c *certFiles) read() error {
	cert, err := readBounded(c.cert)
	if err != nil {
		return err
	}
	key, err := readBounded(c.key)
	if err != nil {
		return err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return fmt.Errorf("%s and %s: %w", c.cert, c.key, err)
	}
	c.loaded = &pair
	return nil
}
