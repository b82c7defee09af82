package serve

import (
	"context"
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
	o := control.Options{
		Prefix: c.NATS.Prefix, Log: d.log, Plans: d, Replicas: c.Durable.Replicas,
		Metadata: map[string]string{
			"prefix": c.NATS.Prefix, "device": device, "sensors": strings.Join(c.Ingest.Sensors.Accept, " "),
		},
	}
	if d.cluster != nil {
		if err := d.shared(ctx, &c, &o); err != nil {
			return err
		}
	}
	d.control, err = control.Start(ctx, d.nc, d.Service, o)
	return err
}

func (d *Daemon) listen(ctx context.Context, c config.HTTP) (*metrics.Server, error) {
	registry := prometheus.NewRegistry()
	if err := metrics.Register(registry, metrics.Watched{Source: d.Service, SensorLabels: c.SensorLabels, Ready: d.ready}); err != nil {
		return nil, err
	}
	o := metrics.Options{
		Listen: c.Listen, Cert: c.Cert, Key: c.Key, Gatherer: registry,
		Healthy: d.Service.Working, Ready: d.ready, Profiles: c.Pprof, Log: d.log,
	}
	if local, err := metrics.Loopback(c.Listen); err == nil && !local && c.Cert == "" {
		d.log.Warn("passwords of metrics over HTTP go over the network in plain text: http.cert and http.key are for TLS", logURL, c.Listen)
	}
	for _, u := range c.Users {
		o.Users = append(o.Users, metrics.User{Name: u.User, PasswordFile: u.PasswordFile})
	}
	return metrics.Listen(ctx, o)
}
