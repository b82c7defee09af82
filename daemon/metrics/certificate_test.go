package metrics_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/metrics"
)

// certify writes a certificate of this machine with a serial number, and its key.
func certify(t testing.TB, dir string, serial int64) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	require.NoError(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	cert, key, pool = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), x509.NewCertPool()
	pemCert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	require.NoError(t, os.WriteFile(cert, pemCert, 0o600))
	require.NoError(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), 0o600))
	require.True(t, pool.AppendCertsFromPEM(pemCert))
	for _, file := range []string{cert, key} { // files' times may be coarse
		at := time.Unix(1_000_000+serial, 0)
		require.NoError(t, os.Chtimes(file, at, at))
	}
	return cert, key, pool
}

// With a certificate nothing is told in plain text, and one that was renewed is used from then on.
func TestHTTPS(t *testing.T) {
	dir := t.TempDir()
	o := options(t)
	var pool *x509.CertPool
	o.Cert, o.Key, pool = certify(t, dir, 1)
	url, _ := serve(t, o)
	require.True(t, strings.HasPrefix(url, "https://127.0.0.1:"), url)
	serial := func(pool *x509.CertPool) (int64, error) {
		client := &http.Client{Transport: &http.Transport{
			DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
		}}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/metrics", http.NoBody)
		require.NoError(t, err)
		answer, err := client.Do(r)
		if err != nil {
			return 0, err
		}
		require.Equal(t, 200, answer.StatusCode)
		require.NoError(t, answer.Body.Close())
		return answer.TLS.PeerCertificates[0].SerialNumber.Int64(), nil
	}
	n, err := serial(pool)
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	code, body, _ := ask(t, "GET", strings.Replace(url, "https:", "http:", 1)+"/metrics", "", "")
	require.Equal(t, 400, code)
	require.NotContains(t, body, "saccade_")

	_, _, renewed := certify(t, dir, 2)
	n, err = serial(renewed)
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
	_, err = serial(pool)
	require.Error(t, err)

	// Half written: the one before stays.
	require.NoError(t, os.WriteFile(o.Key, []byte("-----BEGIN"), 0o600))
	n, err = serial(renewed)
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
	require.NoError(t, os.Remove(o.Cert))
	n, err = serial(renewed)
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
}

// A certificate that cannot be used ends the start.
func TestNoCertificate(t *testing.T) {
	dir := t.TempDir()
	cert, key, _ := certify(t, dir, 1)
	other, _, _ := certify(t, t.TempDir(), 2)
	for _, c := range []struct{ cert, key string }{{cert, "/nowhere"}, {"/nowhere", key}, {cert, cert}, {other, key}, {cert, ""}, {"", key}} {
		o := options(t)
		o.Cert, o.Key = c.cert, c.key
		_, err := metrics.Listen(t.Context(), o)
		require.ErrorContains(t, err, "metrics over HTTP: certificate")
	}
}
