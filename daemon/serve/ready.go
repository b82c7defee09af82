package serve

import "errors"

// Why a daemon takes no messages.
var (
	errStarting = errors.New("starting")
	errDraining = errors.New("draining")
	errNoNATS   = errors.New("no connection to NATS")
)

// ready tells why messages are not taken at the moment, nil where they are. It does not wait. What a restart would mend
// is another question, which [service.Service.Working] answers: a daemon whose server is away is not ready, and works.
func (d *Daemon) ready() error {
	select {
	case <-d.Service.Ready():
	default:
		return errStarting
	}
	switch {
	case d.ending.Load():
		return errDraining
	case !d.nc.IsConnected():
		return errNoNATS
	}
	return nil
}
