package fpgaserve

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/saccade-dev/saccade/daemon/metrics"
)

// Options say where a server listens.
type Options struct {
	// Registers is where hosts reach the registers over TCP, host:port, the host localhost or an IP address; port 0 is
	// any that is free and has a free one behind it.
	Registers string
	// Stream is where they reach the streams; empty for the port behind that of the registers, where hosts look for them
	// if they are told nothing else.
	Stream string
	// UDP is where they reach the registers over UDP; empty for nowhere.
	UDP string
	// Insecure allows addresses that other machines can reach: any of them can then do with the device what it likes.
	Insecure bool
	// Log is told of hosts that come and go; nil for nobody.
	Log *slog.Logger
}

// Keys of what is logged.
const (
	keyRemote = "remote"
	keyError  = "error"
)

// check makes sure of the addresses.
func (o *Options) check() error {
	if o.Registers == "" {
		return errors.New("registers: expected an address to listen on, found none")
	}
	for _, a := range []struct{ what, address string }{{"registers", o.Registers}, {"streams", o.Stream}, {"registers over UDP", o.UDP}} {
		if a.address == "" {
			continue
		}
		loopback, err := metrics.Loopback(a.address)
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", a.what, err)
		case !loopback && !o.Insecure:
			return fmt.Errorf("%s: it does not listen on %s: other machines could reach it, and the protocol has no credentials", a.what, a.address)
		}
	}
	return nil
}
