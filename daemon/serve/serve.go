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
	"github.com/nats-io/nats.go/jetstream"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/checkpoint"
	"github.com/saccade-dev/saccade/daemon/cluster"
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
	cluster *cluster.Cluster // nil where sensors are not shared
	http    *metrics.Server  // nil where there is none
	ending  atomic.Bool      // Run's context has ended

	bucket      jetstream.KeyValue // of what is configured meanwhile; nil without JetStream
	source      func() (config.Config, error)
	onRecording func(*pipeline.Pipeline, pipeline.RecordingEnd)
	plans       plans
	changing    sync.Mutex    // held while pipelines are assigned, or the configuration changes
	file        config.Config // as it came from its source; of whoever reloads
	follows     bool          // the bucket is watched, which no reload changes
	revision    atomic.Uint64 // of the bucket's configuration, as read last
}

// Hooks are what an embedding program wants to be told; all may be nil.
type Hooks struct {
	// At is called between the steps of a message that comes from a stream, see [service.Streams].
	At func(sensor string, step service.Step, seq uint64)

	OnRecording func(*pipeline.Pipeline, pipeline.RecordingEnd)

	// Reload gives the configuration anew, as it was given to Start: on SIGHUP, and when the
	// control service is asked. nil where it cannot be read again; SIGHUP is then left alone.
	Reload func() (config.Config, error)
}

// Start starts the server, or connects to one. The context bounds the start; Run
// does the work and ends what was started.
func Start(ctx context.Context, c config.Config, log *slog.Logger, hooks Hooks) (*Daemon, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	// What no sensor's pipeline can be made of is found out now.
	first, err := newPlan(&c, hooks.OnRecording)
	if err != nil {
		return nil, err
	}
	subjects, err := bus.NewSubjects(c.NATS.Prefix)
	if err != nil {
		return nil, err
	}
	d := &Daemon{log: log, source: hooks.Reload, onRecording: hooks.OnRecording, file: c, follows: c.Reload.KV}
	if err := d.connect(ctx, c.NATS); err != nil {
		return nil, errors.Join(err, d.close())
	}
	so := service.Options{
		Subjects:        subjects,
		Make:            d.plans.make,
		Accepts:         d.plans.accepts,
		Idle:            c.Ingest.Sensors.Idle,
		MaxSensors:      c.Ingest.Sensors.Max,
		MaxMessageBytes: int(c.Ingest.MaxMessageBytes),
		PendingMessages: c.Ingest.PendingMessages,
		PendingBytes:    int(c.Ingest.PendingBytes),
		Limits:          limits(&c.Ingest),
		Log:             log,
	}
	trying, tried := bus.UntilRefused(ctx, d.nc)
	var store *checkpoint.Store
	open := func() (err error) {
		store, err = checkpoint.Open(trying, d.nc, c.NATS.Prefix, c.Durable.Replicas)
		return err
	}
	if c.Ingest.Mode == config.IngestStream && !c.NATS.UsesEmbedded() {
		open = d.patiently(trying, open)
	}
	err = open()
	err = tried(err)
	streamed := c.Ingest.Mode == config.IngestStream
	switch {
	case err == nil && streamed:
		if so.Streams, err = d.streams(ctx, &c, subjects, store); err != nil {
			return nil, errors.Join(err, d.close())
		}
		so.Streams.At = hooks.At
	case err == nil:
		so.Store = store
	case streamed:
		return nil, errors.Join(fmt.Errorf("ingest.mode %s needs JetStream: %w", config.IngestStream, err), d.close())
	case c.NATS.UsesEmbedded() && c.NATS.Embedded.JetStream:
		return nil, errors.Join(err, d.close())
	default:
		log.Warn("states will not outlive the daemon: the server has no JetStream for them", logError, err)
	}
	if c, err = d.planned(ctx, c, first, store != nil); err != nil {
		return nil, errors.Join(err, d.close())
	}
	d.Service = service.New(d.nc, so)
	if streamed {
		if err := d.share(ctx, &c, so.Streams.Streams); err != nil {
			return nil, errors.Join(err, d.close())
		}
	}
	options := d.plans.current.Load().recipes[config.DefaultPipeline].options
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
	var controlErr, httpErr, clusterErr, serverErr error
	if d.server != nil {
		running.Go(func() {
			serverErr = d.server.Watch(ctx)
			cancel() // whoever starts it again gives it its storage back
		})
	}
	if d.cluster != nil {
		running.Go(func() {
			clusterErr = d.cluster.Run(ctx)
			cancel()
		})
	}
	running.Go(func() { controlErr = d.control.Run(ctx) })
	running.Go(func() { d.reloads(ctx) })
	running.Go(func() { d.notify(ctx, reading) })
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
	if d.cluster != nil && d.nc.IsConnected() {
		// Others take over at once what is stored now.
		leaving, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
		clusterErr = errors.Join(clusterErr, d.cluster.Leave(leaving))
		cancel()
	}
	return errors.Join(err, controlErr, httpErr, clusterErr, serverErr, d.close())
}

func (d *Daemon) connect(ctx context.Context, c config.NATS) (err error) {
	if c.UsesEmbedded() {
		if d.server, err = startServer(ctx, &c, d.log); err != nil {
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
			CA: c.TLS.CA, Cert: c.TLS.Cert, Key: c.TLS.Key, Inbox: c.InboxPrefix,
			Name: name, Reconnect: true, Log: d.log,
		})
	}
	d.nc, err = d.Connect(ctx, "saccade")
	return err
}

func startServer(ctx context.Context, c *config.NATS, log *slog.Logger) (*bus.Server, error) {
	e := &c.Embedded
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
	secure(&o, c)
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
		Filters:  pipeline.Filters{Refractory: c.Filters.Refractory, Background: c.Filters.Background},
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
