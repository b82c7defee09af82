package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// dropTime bounds how long a sensor may take to store a checkpoint that another daemon
// waits for.
const dropTime = 30 * time.Second

// list asks which sensors there are.
func (c *Cluster) list(ctx context.Context) (map[string]uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.Lease/2)
	defer cancel()
	counts, err := c.source.Sensors(ctx)
	if err != nil {
		c.options.Log.Debug("the sensors cannot be listed: trying again", logError, err)
	}
	return counts, err
}

// look finds out which sensors are ours, and sees to it that they are worked on. Those that
// are not any more are dropped one after the other, so that no two of ours are away at once.
func (c *Cluster) look(ctx context.Context, counts map[string]uint64, drop func(sensor string, pass bool)) {
	now := time.Now()
	if !c.members.connected(now) {
		return
	}
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	slices.Sort(names)
	living := c.members.living(now)
	had := 0
	for _, r := range c.records {
		if r.Daemon == c.options.Name {
			had++
		}
	}
	for _, name := range names {
		if name == c.leaving {
			continue
		}
		if !c.options.Accepts(name) {
			c.refuse(name, "its name is not one of those that are served")
			continue
		}
		r := c.records[name]
		if r == nil {
			r = &record{}
			c.records[name] = r
		}
		want := first(living, name)
		switch {
		case r.Daemon == c.options.Name && want != c.options.Name && now.Sub(c.members.since) > c.options.Lease:
			if c.leaving == "" {
				drop(name, true)
			}
		case r.Daemon == c.options.Name:
			c.work(ctx, name, r, counts[name])
		case r.Daemon != "" && c.members.alive(r.Daemon, now):
			r.free = time.Time{}
			if working, _ := c.worker.WorksOn(name); working && c.leaving == "" {
				drop(name, false) // it was taken while we were cut off
			}
		default:
			if r.free.IsZero() {
				r.free = now
			}
			if want != c.options.Name && now.Sub(r.free) <= c.options.Lease {
				continue
			}
			if had >= c.options.Max {
				c.refuse(name, fmt.Sprintf("%d sensors are this daemon's already, which is the limit", had))
				continue
			}
			if c.claim(ctx, name, r) {
				had++
				c.work(ctx, name, r, counts[name])
			}
		}
	}
}

// refuse tells once that a sensor is not worked on.
func (c *Cluster) refuse(name, why string) {
	if !c.refused[name] && len(c.refused) < maxTold {
		c.refused[name] = true
		c.options.Log.Warn("a sensor is not served: "+why, logSensor, name)
	}
}

// maxTold bounds the sensors that are remembered as told of.
const maxTold = 10_000

// work sees to it that a sensor of ours is worked on, unless it was put away and nothing
// came since.
func (c *Cluster) work(ctx context.Context, name string, r *record, count uint64) {
	working, away := c.worker.WorksOn(name)
	if working {
		delete(c.counts, name) // a message may come as it is put away: it is looked at once more then
		return
	}
	if away != nil && c.counts[name] == count {
		return
	}
	c.counts[name] = count
	err := c.worker.Take(name, r.Term)
	if later, is := errors.AsType[*bus.FencedError](err); is {
		err = c.overtake(ctx, name, r, later.Term)
	}
	if err != nil {
		c.options.Log.Warn("a sensor cannot be worked on", logSensor, name, logError, err)
	}
}

// overtake takes a sensor in a later term than that which it was lost to, if its key says that it is ours
// all the same: the one to whom we lost it has gone, or the bucket is a new one that knows of no terms.
func (c *Cluster) overtake(ctx context.Context, name string, r *record, term uint64) error {
	if err := c.write(ctx, name, r, owner{Daemon: c.options.Name, Term: term + 1}); err != nil {
		return err
	}
	c.options.Log.Info("a sensor is this daemon's in a later term", logSensor, name, logTerm, r.Term)
	return c.worker.Take(name, r.Term)
}

// claim makes a sensor ours, unless somebody else was first.
func (c *Cluster) claim(ctx context.Context, name string, r *record) bool {
	before := r.Daemon
	if err := c.write(ctx, name, r, owner{Daemon: c.options.Name, Term: r.Term + 1}); err != nil {
		if !errors.Is(err, jetstream.ErrKeyExists) && !wrongLast(err) {
			c.options.Log.Debug("a sensor cannot be taken: trying again", logSensor, name, logError, err)
		}
		return false
	}
	delete(c.refused, name)
	c.options.Log.Info("a sensor is this daemon's now", logSensor, name, logTerm, r.Term, logBefore, before)
	return true
}

const logBefore = "before"

// drop has the worker stop working on a sensor.
func (c *Cluster) drop(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, dropTime)
	defer cancel()
	return c.worker.Drop(ctx, name)
}

// released lets go of a sensor that was dropped, for the daemon that it is for.
func (c *Cluster) released(ctx context.Context, d dropped) {
	r := c.records[d.sensor]
	switch {
	case errors.Is(d.err, context.DeadlineExceeded) || ctx.Err() != nil:
		c.options.Log.Warn("a sensor does not come to an end: trying again", logSensor, d.sensor, logError, d.err)
		return
	case d.err != nil: // its next owner goes on from the checkpoint before
		c.options.Log.Warn("a sensor was dropped without a checkpoint", logSensor, d.sensor, logError, d.err)
	}
	if !d.pass || r.Daemon != c.options.Name {
		return
	}
	if err := c.write(ctx, d.sensor, r, owner{Term: r.Term}); err != nil {
		c.options.Log.Warn("a sensor cannot be let go of: trying again", logSensor, d.sensor, logError, err)
		return
	}
	c.options.Log.Info("a sensor is let go of", logSensor, d.sensor)
}

// write changes a sensor's key, if nobody else has.
func (c *Cluster) write(ctx context.Context, name string, r *record, o owner) error {
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.options.Lease)
	defer cancel()
	var revision uint64
	if r.revision == 0 {
		revision, err = c.sensors.Create(ctx, name, text)
	} else {
		revision, err = c.sensors.Update(ctx, name, text, r.revision)
	}
	if err != nil {
		return fmt.Errorf("key of sensor %s: %w", name, err)
	}
	r.revision, r.owner, r.free = revision, o, time.Time{}
	return nil
}

// wrongLast tells whether an error is that of a key that somebody else has changed.
func wrongLast(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence
}
