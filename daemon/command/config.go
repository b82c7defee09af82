package command

import (
	"github.com/saccade-dev/saccade/daemon/config"
)

type configCmd struct {
	Check       configCheckCmd       `cmd:"" help:"Check a configuration file."`
	Permissions configPermissionsCmd `cmd:"" help:"Write who may do what as permissions of a NATS server of your own: users with the roles of the configuration, and the daemon."`
	Print       configPrintCmd       `cmd:"" help:"Print the configuration, every field with its meaning: the defaults, or a file's."`
}

type configCheckCmd struct {
	File string `arg:"" help:"Configuration file."`
}

func (c *configCheckCmd) Run(e *env) error {
	if _, err := config.Load(c.File); err != nil {
		return err
	}
	return printf(e.stdout, "%s: correct\n", c.File)
}

type configPrintCmd struct {
	File string `arg:"" optional:"" help:"Configuration file; without one the defaults are printed."`
}

func (c *configPrintCmd) Run(e *env) error {
	cfg := config.Default()
	if c.File != "" {
		var err error
		if cfg, err = config.Load(c.File); err != nil {
			return err
		}
	}
	return config.Print(e.stdout, cfg)
}
