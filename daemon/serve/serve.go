package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/checkpoint"
	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/control"
	"github.com/saccade-dev/saccade/daemon/metrics"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/daemon/service"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/hw"
)

// Keys of log records.
const (
	logURL    = "url"
	logPrefix = "prefix"
	logDevice = "device"
	logModel  = "model"
	logError  = "error"
)

// Daemon is a daemon that was started.
type Daemon struct {
	Service *service.Service
	// Connect gives further connections to the daemon's NATS server, without
	// going over a network where the server is embedded.
	Connect func(ctx context.Context, name string) (*nats.Conn, error)
	// URL is where clients on this machine reach the server; empty where it does
	// not listen.
	URL string

	// MetricsURL is where clients on this machine find metrics and health; empty where
	// they are not served.
	MetricsURL string

	log     *slog.Logger
	server  *bus.Server // nil where it is not ours
	nc      *nats.Conn
	control *control.Control
	http    *metrics.Server // nil where there is none
	ending  atomic.Bool     // Run's context has ended
}

// Hooks are what an embedding program wants to be told; all may be nil.
type Hooks struct {
	OnRecording func(*pipeline.Pipeline, pipeline.RecordingEnd)
}

// Start starts the server, or connects to one. The context bounds the start; Run
// does the work and ends what was started.
func Start(ctx context.Context, c config.Config, log *slog.Logger, hooks Hooks) (*Daemon, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	options, err := pipelineOptions(c.Pipeline)
	if err != nil {
		return nil, err
	}
	// What no sensor's pipeline can be made of is found out now.
	probe, err := pipeline.New(options)
	if err != nil {
		return nil, err
	}
	if err := probe.Close(); err != nil {
		return nil, fmt.Errorf("device %s: %w", options.Target.Name(), err)
	}
	options.OnRecording = hooks.OnRecording
	subjects, err := bus.NewSubjects(c.NATS.Prefix)
	if err != nil {
		return nil, err
	}
	d := &Daemon{log: log}
	if err := d.connect(ctx, c.NATS); err != nil {
		return nil, errors.Join(err, d.close())
	}
	so := service.Options{
		Subjects: subjects,
		NewPipeline: func(string) (*pipeline.Pipeline, error) {
			return pipeline.New(options)
		},
		Accepts:         c.Ingest.Sensors.Accepts,
		MaxSensors:      c.Ingest.Sensors.Max,
		MaxMessageBytes: int(c.Ingest.MaxMessageBytes),
		PendingMessages: c.Ingest.PendingMessages,
		PendingBytes:    int(c.Ingest.PendingBytes),
		Features:        c.Pipeline.Outputs.Features,
		Missed:          c.Pipeline.Outputs.Missed,
		Labels:          c.Pipeline.Outputs.Labels,
		StatusEvery:     c.Pipeline.Outputs.StatusEvery,
		Log:             log,
	}
	store, err := checkpoint.Open(ctx, d.nc, c.NATS.Prefix)
	switch {
	case err == nil:
		so.Store = store
	case c.NATS.UsesEmbedded() && c.NATS.Embedded.JetStream:
		return nil, errors.Join(err, d.close())
	default:
		log.Warn("states will not outlive the daemon: the server has no JetStream for them", logError, err)
	}
	d.Service = service.New(d.nc, so)
	if err := d.beside(ctx, c, options.Target.Name()); err != nil {
		return nil, errors.Join(err, d.close())
	}
	if m := options.Model; m != nil && m.RestsOnFeatures() && options.Learning {
		log.Warn("labels get worse while features learn on: what labels by them was trained on the features as the model has them, "+
			"which pipeline.feast.learning: auto keeps", logModel, c.Pipeline.Model)
	}
	log.Info("started", logURL, d.URL, logPrefix, c.NATS.Prefix, logDevice, options.Target.Name())
	if d.http != nil {
		log.Info("metrics are served", logURL, d.MetricsURL)
	}
	return d, nil
}

// Run serves until ctx ends, then drains: what was accepted is processed and
// published, what was published reaches those who are connected. Metrics can be read
// until that is done.
func (d *Daemon) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { d.ending.Store(true) })()
	reading, stopReading := context.WithCancel(context.WithoutCancel(ctx))
	defer stopReading()
	var running sync.WaitGroup
	var controlErr, httpErr error
	running.Go(func() { controlErr = d.control.Run(ctx) })
	if d.http != nil {
		running.Go(func() {
			httpErr = d.http.Run(reading)
			cancel() // where it ended by itself: a daemon that cannot be watched says so
		})
	}
	err := d.Service.Run(ctx)
	cancel()
	stopReading()
	running.Wait()
	return errors.Join(err, controlErr, httpErr, d.close())
}

func (d *Daemon) connect(ctx context.Context, c config.NATS) (err error) {
	if c.UsesEmbedded() {
		if d.server, err = startServer(ctx, c.Embedded, d.log); err != nil {
			return err
		}
		d.URL = d.server.ClientURL()
	} else {
		d.URL = c.URL
	}
	d.Connect = func(ctx context.Context, name string) (*nats.Conn, error) {
		return bus.Connect(ctx, bus.ConnectOptions{
			Server: d.server, URL: c.URL, Context: c.Context,
			Creds: c.Creds, NKey: c.NKey, User: c.User, PasswordFile: c.PasswordFile,
			CA: c.TLS.CA, Cert: c.TLS.Cert, Key: c.TLS.Key,
			Name: name, Reconnect: true, Log: d.log,
		})
	}
	d.nc, err = d.Connect(ctx, "saccade")
	return err
}

func startServer(ctx context.Context, e config.Embedded, log *slog.Logger) (*bus.Server, error) {
	o := bus.ServerOptions{
		Host: e.Host, Port: e.Port, JetStream: e.JetStream,
		MaxPayload: int(e.MaxPayload), Log: log,
	}
	if e.JetStream {
		dir, err := e.Folder()
		if err != nil {
			return nil, err
		}
		o.DataDir = filepath.Join(dir, "nats")
	}
	for _, u := range e.Users {
		o.Users = append(o.Users, bus.User{Name: u.User, PasswordFile: u.PasswordFile})
	}
	return bus.Start(ctx, o)
}

// closeTimeout bounds how long clients may take to read what was published
// before the server stops.
const closeTimeout = 10 * time.Second

func (d *Daemon) close() error {
	if d.nc != nil {
		d.nc.Close()
	}
	var err error
	if d.http != nil {
		err = d.http.Close()
	}
	if d.server == nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	return errors.Join(err, d.server.Shutdown(ctx))
}

// pipelineOptions are the options of every sensor's pipeline.
func pipelineOptions(c config.Pipeline) (pipeline.Options, error) {
	target, err := hw.Find(c.Device)
	if err != nil {
		return pipeline.Options{}, err
	}
	workers := c.Workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	f := c.FEAST
	o := pipeline.Options{
		Target:   target,
		Geometry: events.Geometry{Width: c.Geometry.Width, Height: c.Geometry.Height},
		Feast:    c.First(),
		Upper:    c.Upper(),
		Pool: pool.Config{
			CellWidth: c.Pool.Cell, CellHeight: c.Pool.Cell, Spread: pool.Spread(c.Pool.Spread),
			Transform: pool.Transform(c.Pool.Transform), Norm: pool.Norm(c.Pool.Norm),
		},
		Learning:     f.Learning.Is(true),
		LabelEvery:   c.Labels.Every,
		LabelEvents:  int64(c.Labels.EveryEvents),
		LabelMode:    pipeline.LabelMode(c.Labels.Mode),
		PacketEvents: events.DefaultPacketEvents,
		Workers:      workers,

		OnDeviceFailure: feast.OnFailure(c.DeviceFailure),
	}
	if c.Model != "" {
		if o.Model, err = model.Load(c.Model); err != nil {
			return pipeline.Options{}, fmt.Errorf("pipeline.model: %w", err)
		}
		// What labels rest on does not move away under them, unless that is asked for.
		o.Learning = f.Learning.Is(!o.Model.RestsOnFeatures())
		if f.Inference != config.InferAuto {
			infer(o.Model, feast.Inference(f.Inference))
		}
	}
	return o, nil
}

// infer has all layers of a model infer in one way.
func infer(m *model.Model, how feast.Inference) {
	m.Feast.Inference = how
	m.Feast = m.Feast.Canonical() // as complete configurations are
	for i := range m.Upper {
		u := &m.Upper[i].Feast
		u.Inference = how
		*u = u.Canonical()
	}
}
