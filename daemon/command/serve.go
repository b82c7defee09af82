package command

import (
	"context"
	"errors"
	"log/slog"

	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/serve"
	"github.com/saccade-dev/saccade/hw"
)

type serveCmd struct {
	Config  string `help:"Configuration file; 'saccade config print' shows every field." placeholder:"FILE"`
	NATS    string `name:"nats" help:"Address of a NATS server to use in place of the embedded one." placeholder:"URL"`
	Port    *int   `help:"Port of the embedded server: -1 for any that is free, which the log then tells." placeholder:"PORT"`
	DataDir string `help:"Folder for the embedded server's data." placeholder:"DIR"`
	Device  string `help:"What to compute on, as 'saccade devices' lists." placeholder:"NAME"`
	Model   string `help:"Model to start from." placeholder:"FILE"`
	Freeze  bool   `help:"Do not learn: weights and thresholds stay as the model has them. One with a readout does not learn by itself."`
}

func (c *serveCmd) Run(e *env) error {
	cfg, err := c.configuration()
	if err != nil {
		return err
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Log.Level)); err != nil {
		return usageError{err}
	}
	d, err := serve.Start(e.ctx, cfg, newLogger(e.stderr, level, cfg.Log.Format), serve.Hooks{Reload: c.configuration})
	switch {
	case err == nil:
		return d.Run(e.ctx)
	case e.ctx.Err() != nil && errors.Is(err, context.Canceled):
		return nil // told to stop before it had started: that is no failure
	default:
		return err
	}
}

// configuration is what the file says, with what the flags say over it.
func (c *serveCmd) configuration() (config.Config, error) {
	cfg := config.Default()
	if c.Config != "" {
		var err error
		if cfg, err = config.Load(c.Config); err != nil {
			return cfg, err
		}
	}
	if c.NATS != "" {
		cfg.NATS.URL, cfg.NATS.Context = c.NATS, ""
	}
	if c.Port != nil {
		cfg.NATS.Embedded.Port = *c.Port
	}
	if c.DataDir != "" {
		cfg.NATS.Embedded.DataDir = c.DataDir
	}
	if c.Device != "" {
		if _, err := hw.Find(c.Device); err != nil {
			return cfg, usageError{err}
		}
		cfg.Pipeline.Device = c.Device
	}
	if c.Model != "" {
		cfg.Pipeline.Model = c.Model
	}
	if c.Freeze {
		cfg.Pipeline.FEAST.Learning = config.Off
	}
	if err := cfg.Validate(); err != nil {
		return cfg, usageError{err}
	}
	return cfg, nil
}
