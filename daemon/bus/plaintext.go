package bus

import (
	"log/slog"
	"net/netip"

	"github.com/nats-io/nats.go"
)

// warnPlaintext says that a password has gone over a network in plain text. NKEYs and credentials
// answer a challenge, and do not.
func warnPlaintext(nc *nats.Conn, target string, log *slog.Logger) {
	if nc.Opts.User == "" && nc.Opts.Token == "" && shown(target) == target {
		return // no password, in options or address
	}
	if _, err := nc.TLSConnectionState(); err == nil {
		return
	}
	address, err := netip.ParseAddrPort(nc.ConnectedAddr())
	if err != nil || address.Addr().Unmap().IsLoopback() {
		return // within the process, or on this machine
	}
	log.Warn("the password went to the NATS server in plain text, as it does not speak TLS", keyServer, nc.ConnectedUrlRedacted())
}
