package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// Keys of log records.
const (
	logSensor = "sensor"
	logTerm   = "term"
	logError  = "error"
)

// Worker works on sensors: the service.
type Worker interface {
	// Take has it work on a sensor.
	Take(sensor string, term uint64) error
	// Drop has it stop, and returns when what it did is stored.
	Drop(ctx context.Context, sensor string) error
	// WorksOn tells whether it works on a sensor; of one that it has put away, behind which
	// message of the stream.
	WorksOn(sensor string) (working bool, away *uint64)
}

// Source knows of sensors: the stream of events.
type Source interface {
	// Sensors gives how many messages of each sensor there are.
	Sensors(ctx context.Context) (map[string]uint64, error)
}

// Options configure a cluster.
type Options struct {
	Prefix   string
	Name     string        // of this daemon, another one for each
	Lease    time.Duration // see the package's comment
	Replicas int
	// Accepts tells whether a sensor is served, by its name; Max is how many may be.
	Accepts func(sensor string) bool
	Max     int
	Log     *slog.Logger
}

// MinLease is the shortest lease.
const MinLease = 100 * time.Millisecond

// owner is the value of a sensor's key.
type owner struct {
	Daemon string `json:"daemon"` // empty: nobody
	Term   uint64 `json:"term"`
}

// record is a sensor's key as it was seen last.
type record struct {
	owner
	revision uint64
	// free is from when on it was seen without a living owner.
	free time.Time
}

// Cluster shares sensors.
type Cluster struct {
	options Options
	worker  Worker
	source  Source
	daemons jetstream.KeyValue
	sensors jetstream.KeyValue

	// The rest is of Run's goroutine.
	members *members
	records map[string]*record
	counts  map[string]uint64 // messages of each sensor when it was looked at last
	refused map[string]bool   // that were told of
	leaving string            // the sensor that is being dropped, if any
	nonce   string            // tells this daemon from another one of its name
	begun   uint64            // revision of our own key when we wrote it first
}

// heard is what changed in a bucket, and when we heard of it.
type heard struct {
	entry jetstream.KeyValueEntry
	at    time.Time
}

// dropped is how it went with a sensor that was dropped.
type dropped struct {
	sensor string
	pass   bool // to let go of it
	err    error
}

// New makes the buckets where they are not there.
func New(ctx context.Context, nc *nats.Conn, o Options, w Worker, s Source) (*Cluster, error) {
	if err := CheckName(o.Name); err != nil {
		return nil, err
	}
	if o.Lease < MinLease {
		return nil, fmt.Errorf("lease: expected %v or longer, found %v", MinLease, o.Lease)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, err
	}
	c := &Cluster{
		options: o, worker: w, source: s, members: newMembers(o.Name, o.Lease),
		records: map[string]*record{}, counts: map[string]uint64{}, refused: map[string]bool{},
		nonce: nuid.Next(),
	}
	bucket := strings.ReplaceAll(o.Prefix, ".", "-")
	if c.daemons, err = open(ctx, js, bucket+"-daemons", "saccade's daemons, while they live", o.Replicas); err != nil {
		return nil, err
	}
	if c.sensors, err = open(ctx, js, bucket+"-sensors", "which of saccade's daemons has a sensor", o.Replicas); err != nil {
		return nil, err
	}
	return c, nil
}

// CheckName tells what is wrong with a daemon's name, if anything.
func CheckName(name string) error {
	ok := name != "" && len(name) <= 128
	for i := range len(name) {
		ch := name[i]
		ok = ok && (ch == '-' || ch == '_' || ch >= '0' && ch <= '9' || ch >= 'a' && ch <= 'z' || ch >= 'A' && ch <= 'Z')
	}
	if !ok {
		return fmt.Errorf("name of the daemon: expected 1 to 128 of A-Z, a-z, 0-9, - and _, found %q", name[:min(len(name), 130)])
	}
	return nil
}

func open(ctx context.Context, js jetstream.JetStream, bucket, description string, replicas int) (jetstream.KeyValue, error) {
	kv, err := js.KeyValue(ctx, bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		kv, err = js.CreateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: bucket, Description: description, Replicas: max(1, replicas)})
		if errors.Is(err, jetstream.ErrBucketExists) || errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
			kv, err = js.KeyValue(ctx, bucket)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("key-value bucket %s: %w", bucket, err)
	}
	return kv, nil
}

// Run shares until ctx ends, then lets go of what it has: the worker must have stopped by
// then, or stop by itself.
func (c *Cluster) Run(ctx context.Context) error {
	changes, begun, drops := make(chan heard, 256), make(chan uint64, 1), make(chan dropped, 1)
	var running sync.WaitGroup
	defer running.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	anew := make([]chan struct{}, 0, 2)
	for _, kv := range []jetstream.KeyValue{c.daemons, c.sensors} {
		again := make(chan struct{}, 1)
		anew = append(anew, again)
		running.Go(func() { c.watch(ctx, kv, changes, again) })
	}
	running.Go(func() { c.beat(ctx, begun) })
	drop := func(sensor string, pass bool) {
		c.leaving = sensor
		running.Go(func() { drops <- dropped{sensor, pass, c.drop(ctx, sensor)} })
	}
	tick := time.NewTicker(c.options.Lease / 5)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case h := <-changes:
			if err := c.changed(h); err != nil {
				return err
			}
		case b := <-begun:
			c.begun = b
		case d := <-drops:
			c.leaving = ""
			c.released(ctx, d)
		case <-tick.C:
			if c.members.deaf(time.Now()) {
				for _, again := range anew {
					select {
					case again <- struct{}{}:
					default:
					}
				}
			}
			counts, err := c.list(ctx)
			if err != nil {
				continue
			}
			// Listing takes its time: what was heard meanwhile counts.
			for len(changes) > 0 {
				if err := c.changed(<-changes); err != nil {
					return err
				}
			}
			c.look(ctx, counts, drop)
		}
	}
}

// Leave lets go of all sensors, and says goodbye: others need not wait for a lease. It is to
// be called when Run has ended and the worker has stored what it did.
func (c *Cluster) Leave(ctx context.Context) error {
	var err error
	for name, r := range c.records {
		if r.Daemon == c.options.Name {
			err = errors.Join(err, c.write(ctx, name, r, owner{Term: r.Term}))
		}
	}
	return errors.Join(err, c.daemons.Delete(ctx, c.options.Name))
}

// watch hands on what changes in a bucket, and watches anew where that ends, or where it is told to:
// what watches in a server that has ended is found out by its silence alone.
func (c *Cluster) watch(ctx context.Context, kv jetstream.KeyValue, changes chan<- heard, again <-chan struct{}) {
	for ctx.Err() == nil {
		w, err := kv.WatchAll(ctx)
		if err != nil {
			c.options.Log.Debug("a bucket cannot be watched: trying again", logError, err)
			select {
			case <-ctx.Done():
			case <-time.After(c.options.Lease / 5):
			}
			continue
		}
		for open := true; open; {
			select {
			case e, more := <-w.Updates():
				if open = more; e == nil {
					continue // all that was there has been seen, or it has ended
				}
				select {
				case changes <- heard{e, time.Now()}:
				case <-ctx.Done():
				}
			case <-again:
				open = false
			case <-ctx.Done():
				open = false
			}
		}
		_ = w.Stop()
	}
}

// changed notes what a key says.
func (c *Cluster) changed(h heard) error {
	e := h.entry
	gone := e.Operation() != jetstream.KeyValuePut
	if e.Bucket() == c.daemons.Bucket() {
		switch {
		case gone:
			c.members.gone(e.Key())
		case e.Key() != c.options.Name:
			c.members.hear(e.Key(), h.at)
		case string(e.Value()) == c.nonce:
			// Who hears itself can write and hear.
			c.members.beat(h.at)
		case c.begun != 0 && e.Revision() > c.begun && string(e.Value()) > c.nonce:
			// Of two, one stays. What is there from before we wrote is an earlier life's.
			return fmt.Errorf("another daemon is named %s: expected a cluster.name of its own for each", c.options.Name)
		}
		return nil
	}
	r := c.records[e.Key()]
	if r == nil {
		r = &record{}
		c.records[e.Key()] = r
	}
	if e.Revision() < r.revision {
		return nil // ours is newer
	}
	was := r.owner
	r.revision, r.owner = e.Revision(), owner{}
	if !gone && json.Unmarshal(e.Value(), &r.owner) != nil {
		r.owner = owner{Term: was.Term} // nobody's
	}
	if r.Daemon != was.Daemon {
		r.free = time.Time{}
	}
	return nil
}

// beat writes our own key again and again, and tells its first revision.
func (c *Cluster) beat(ctx context.Context, begun chan<- uint64) {
	told := false
	tick := time.NewTicker(c.options.Lease / 5)
	defer tick.Stop()
	for {
		asking, cancel := context.WithTimeout(ctx, c.options.Lease/2)
		revision, err := c.daemons.PutString(asking, c.options.Name, c.nonce)
		cancel()
		if err == nil && !told {
			told = true
			begun <- revision // has room for it
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
