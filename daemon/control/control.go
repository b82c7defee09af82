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
}

var _ Daemon = (*service.Service)(nil)

// Options configure a control service.
type Options struct {
	Prefix   string            // of the subjects, see [bus.NewSubjects]
	Metadata map[string]string // of the service: what it computes on, and so on
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
	nc      *nats.Conn
	daemon  Daemon
	log     *slog.Logger
	timeout time.Duration
	micro   micro.Service
	waiting chan struct{} // a slot a request
	refused map[string]*atomic.Int64

	mu      sync.Mutex
	stopped bool
	last    map[string]chan struct{} // closed when a sensor's latest request and all before are done
	running sync.WaitGroup
}

// Start offers the service on a connection, which stays the caller's: the one that
// results go out on. [Control.Run] ends it.
func Start(nc *nats.Conn, d Daemon, o Options) (*Control, error) {
	if _, err := bus.NewSubjects(o.Prefix); err != nil {
		return nil, err
	}
	c := &Control{
		nc: nc, daemon: d, log: o.Log, timeout: o.Timeout,
		waiting: make(chan struct{}, maxWaiting), refused: map[string]*atomic.Int64{},
		last: map[string]chan struct{}{},
	}
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
	var err error
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
			micro.WithEndpointMetadata(e.metadata()), micro.WithEndpointPendingLimits(maxPending, maxPending*MaxRequest))
		if err != nil {
			return nil, errors.Join(err, c.micro.Stop())
		}
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
// request may wait for one.
func (c *Control) Run(ctx context.Context) error {
	<-ctx.Done()
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
