package serve

import (
	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/service"
)

// secure says who may connect to the embedded server, what for, and how.
func secure(o *bus.ServerOptions, c *config.NATS) {
	e := &c.Embedded
	o.Prefix, o.Plaintext = c.Prefix, e.Plaintext
	o.TLS = bus.ServerTLS{Cert: e.TLS.Cert, Key: e.TLS.Key, ClientCA: e.TLS.ClientCA}
	for _, u := range e.Users {
		o.Users = append(o.Users, bus.User{Name: u.User, PasswordFile: u.PasswordFile, Role: bus.Role(u.Role), Sensors: u.Sensors})
	}
}

// limits are what one sensor may take from the others.
func limits(c *config.Ingest) service.Limits {
	return service.Limits{
		Rate: int64(c.Sensors.MaxRate), TotalPending: int64(c.TotalPending), Rejects: c.Sensors.MaxRejects,
		MaxPixels: int64(c.Sensors.MaxPixels), TotalPixels: int64(c.Sensors.TotalPixels),
	}
}
