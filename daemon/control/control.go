package control

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/daemon/service"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
)

// Name is the service's, by which `nats micro` finds it.
const Name = "saccade"

// Daemon is what is controlled: [service.Service].
type Daemon interface {
	Accepts(sensor string) bool
	Sensors() []service.Snapshot
	Sensor(name string) (service.Snapshot, error)
	SetLearning(ctx context.Context, sensor string, on bool) (service.Switched, error)
	Do(ctx context.Context, sensor string, f func(*pipeline.Pipeline) error) error
	Anneal(ctx context.Context, sensor string, change func(layer int, c *feast.Config) error) (service.Annealed, error)
	LoadModel(ctx context.Context, sensor string, m *model.Model, learning *bool, check func(before *model.Model) error) (service.Loaded, error)
	StoreNow(ctx context.Context, sensor string) (service.Stored, error)
	Drain(ctx context.Context, sensor string) (service.Drained, error)
}

var _ Daemon = (*service.Service)(nil)

// Options configure a control service.
type Options struct {
	Prefix   string            // of the subjects, see [bus.NewSubjects]
	Metadata map[string]string // of the service: what it computes on, and so on
	// Plans are the daemon's pipelines and configuration; nil where neither can change, and
	// there are no endpoints for it.
	Plans Plans
	// Node is the daemon's name among those that share sensors, and Owner tells which of them
	// has a sensor, empty for none; nil where sensors are not shared.
	Node  string
	Owner func(ctx context.Context, sensor string) (string, error)
	// Replicas is on how many servers models are kept that are uploaded; 0 for one.
	Replicas int
	// Timeout is how long a request may wait for its sensor; 0 for [DefaultTimeout].
	Timeout time.Duration
	Log     *slog.Logger // nil for none
}

// DefaultTimeout is how long a request may wait for its sensor, as a rule.
const DefaultTimeout = 10 * time.Second

const (
	// maxWaiting is how many requests may wait at a time.
	maxWaiting = 64
	// flushTimeout bounds the sending of the last answers.
	flushTimeout = 5 * time.Second
)

// Control is the service of one daemon.
type Control struct {
	subjects bus.Subjects

	nc      *nats.Conn
	daemon  Daemon
	log     *slog.Logger
	timeout time.Duration
	micro   micro.Service
	prefix  string
	copies  int // of what it stores, on as many servers
	plans   Plans
	node    string
	owner   func(ctx context.Context, sensor string) (string, error)
	waiting chan struct{} // a slot a request
	loading chan struct{} // a slot a model
	uploads uploads
	ending  context.Context //nolint:containedctx // ends when no upload is to be stored any more
	end     context.CancelFunc
	refused map[string]*atomic.Int64

	mu      sync.Mutex
	stopped bool
	last    map[string]chan struct{} // closed when the latest request of a sensor, or an upload, and all before are done
	running sync.WaitGroup
}

// Start offers the service on a connection, which stays the caller's: the one that
// results go out on. Requests are answered from when it returns. [Control.Run] ends it.
func Start(ctx context.Context, nc *nats.Conn, d Daemon, o Options) (*Control, error) {
	subjects, err := bus.NewSubjects(o.Prefix)
	if err != nil {
		return nil, err
	}
	c := &Control{
		subjects: subjects, nc: nc, daemon: d, log: o.Log, timeout: o.Timeout,
		prefix: o.Prefix, copies: max(1, o.Replicas), plans: o.Plans, node: o.Node, owner: o.Owner,
		loading: make(chan struct{}, loadsAtATime),
		waiting: make(chan struct{}, maxWaiting), refused: map[string]*atomic.Int64{},
		last: map[string]chan struct{}{}, uploads: uploads{open: map[string]*upload{}},
	}
	c.ending, c.end = context.WithCancel(context.WithoutCancel(ctx))
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.timeout == 0 {
		c.timeout = DefaultTimeout
	}
	endpoints := c.endpoints()
	for _, e := range endpoints {
		c.refused[e.name] = new(atomic.Int64)
	}
	c.micro, err = micro.AddService(nc, micro.Config{
		Name: Name, Version: version(), QueueGroupDisabled: true,
		Description:  "saccade: learns features from event-camera streams and labels them.",
		Metadata:     o.Metadata,
		StatsHandler: func(e *micro.Endpoint) any { return map[string]int64{"errors_after_waiting": c.refused[e.Name].Load()} },
		ErrorHandler: func(_ micro.Service, err *micro.NATSError) { c.log.Warn("control service", "error", err) },
	})
	if err != nil {
		return nil, err
	}
	group := c.micro.AddGroup(o.Prefix + ".control")
	for _, e := range endpoints {
		err := group.AddEndpoint(e.name, micro.HandlerFunc(func(r micro.Request) { c.receive(e, r) }),
			micro.WithEndpointSubject(e.subject(c.micro.Info().ID)), micro.WithEndpointMetadata(e.metadata()), micro.WithEndpointPendingLimits(maxPending, maxPending*MaxRequest))
		if err != nil {
			return nil, errors.Join(err, c.micro.Stop())
		}
	}
	if err := bus.Flush(ctx, nc); err != nil {
		return nil, errors.Join(err, c.micro.Stop())
	}
	return c, nil
}

// maxPending bounds the requests that nobody has looked at, which takes microseconds.
const maxPending = 4096

// version is the module's, as far as the build knows it, as semantic versioning has it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		if v, is := strings.CutPrefix(info.Main.Version, "v"); is {
			return v
		}
	}
	return "0.0.0-unknown"
}

// Run waits for ctx to end, then takes no more requests, and returns when those that
// were taken have been answered. The sensors must be drained beside it, or end: a
// request may wait for one. An upload that is being stored is given up.
func (c *Control) Run(ctx context.Context) error {
	c.uploads.run(ctx)
	c.end()
	err := c.micro.Stop()
	c.mu.Lock()
	c.stopped = true
	c.mu.Unlock()
	c.running.Wait()
	if !c.nc.IsConnected() {
		return err
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
	defer cancel()
	return errors.Join(err, bus.Flush(ending, c.nc))
}
