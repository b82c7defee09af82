package command

import (
	"fmt"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/config"
)

type configPermissionsCmd struct {
	File    string `arg:"" optional:"" help:"Configuration file whose nats.embedded.users are written; without one, or without users in it, an example is: a sensor cam1, a viewer and an operator."`
	Format  string `help:"nats.conf: the authorization block of a NATS server's configuration, with passwords from the environment; nsc: commands that make users with JWTs." enum:"nats.conf,nsc" default:"nats.conf"`
	Account string `help:"Account of the users, for nsc." default:"A" placeholder:"NAME"`
	Daemon  string `help:"Name of the daemon's own user." default:"saccade" placeholder:"NAME"`
}

// exampleUsers are one of each role.
var exampleUsers = []config.Client{
	{User: "cam1", Role: config.RoleSensor, Sensors: []string{"cam1"}},
	{User: "viewer", Role: config.RoleViewer},
	{User: "operator", Role: config.RoleOperator},
}

func (c *configPermissionsCmd) Run(e *env) error {
	cfg := config.Default()
	if c.File != "" {
		var err error
		if cfg, err = config.Load(c.File); err != nil {
			return err
		}
	}
	users := cfg.NATS.Embedded.Users
	if len(users) == 0 {
		users = exampleUsers
	}
	grants := []bus.NamedGrant{{User: c.Daemon, Grant: bus.Grant{Role: bus.RoleDaemon, Prefix: cfg.NATS.Prefix}}}
	for _, u := range users {
		if u.User == c.Daemon {
			return usageError{fmt.Errorf("--daemon %s: expected another name than that of a user in the file", c.Daemon)}
		}
		grants = append(grants, bus.NamedGrant{User: u.User, Grant: bus.Grant{Role: bus.Role(u.Role), Prefix: cfg.NATS.Prefix, Sensors: u.Sensors}})
	}
	text, err := bus.NATSConf(grants)
	if c.Format == "nsc" {
		text, err = bus.NSC(c.Account, grants)
	}
	if err != nil {
		return err
	}
	return printf(e.stdout, "%s", text)
}
