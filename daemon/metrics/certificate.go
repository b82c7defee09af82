package metrics

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificate is the server's, from two files. They are looked at again for every connection, as certificates are
// renewed while a daemon runs.
type certificate struct {
	cert, key string // files
	log       *slog.Logger

	mu     sync.Mutex
	now    *tls.Certificate
	stamps [2]stamp // of the files at the last try
}

// logError is a key of log records.
const logError = "error"

// stamp tells whether a file is the one that it was.
type stamp struct {
	at   time.Time
	size int64
}

func loadCertificate(cert, key string, log *slog.Logger) (*certificate, error) {
	c := &certificate{cert: cert, key: key, log: log}
	stamps, err := c.look()
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return c, c.load(stamps)
}

func (c *certificate) look() (out [2]stamp, err error) {
	for i, file := range []string{c.cert, c.key} {
		info, err := os.Stat(file)
		if err != nil {
			return out, err
		}
		out[i] = stamp{info.ModTime(), info.Size()}
	}
	return out, nil
}

func (c *certificate) load(stamps [2]stamp) error {
	c.stamps = stamps
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fmt.Errorf("certificate %s: %w", c.cert, err)
	}
	c.now = &pair
	return nil
}

// get is of [tls.Config]. Where the files have changed and cannot be used, perhaps as one of them is not written yet,
// the certificate stays as it was.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	stamps, err := c.look()
	if err == nil && stamps != c.stamps {
		err = c.load(stamps)
	}
	if err != nil {
		c.log.Warn("the certificate of metrics over HTTP stays as it was: the files cannot be used", logError, err)
	}
	return c.now, nil
}

func (c *certificate) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}
}
