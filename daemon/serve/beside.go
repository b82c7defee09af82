package serve

import (
	"context"
	"errors"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/control"
	"github.com/saccade-dev/saccade/daemon/metrics"
)

// beside starts what stands beside the service: control over NATS, and metrics over
// HTTP where they are configured. Run has them work, and ends them.
func (d *Daemon) beside(ctx context.Context, c config.Config, device string) (err error) {
	if c.HTTP.Listen != "" {
		if d.http, err = d.listen(ctx, c.HTTP); err != nil {
			return err
		}
		d.MetricsURL = d.http.URL()
	}
	d.control, err = control.Start(d.nc, d.Service, control.Options{
		Prefix: c.NATS.Prefix, Log: d.log,
		Metadata: map[string]string{
			"prefix": c.NATS.Prefix, "device": device, "sensors": strings.Join(c.Ingest.Sensors.Accept, " "),
		},
	})
	return err
}

func (d *Daemon) listen(ctx context.Context, c config.HTTP) (*metrics.Server, error) {
	registry := prometheus.NewRegistry()
	if err := metrics.Register(registry, d.Service); err != nil {
		return nil, err
	}
	o := metrics.Options{Listen: c.Listen, Gatherer: registry, Healthy: d.healthy, Log: d.log}
	for _, u := range c.Users {
		o.Users = append(o.Users, metrics.User{Name: u.User, PasswordFile: u.PasswordFile})
	}
	return metrics.Listen(ctx, o)
}

// healthy tells why events are not taken at the moment, nil where they are.
func (d *Daemon) healthy() error {
	select {
	case <-d.Service.Ready():
	default:
		return errors.New("starting")
	}
	switch {
	case d.ending.Load():
		return errors.New("draining")
	case !d.nc.IsConnected():
		return errors.New("no connection to NATS")
	}
	return nil
}
