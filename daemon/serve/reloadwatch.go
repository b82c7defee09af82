package serve

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/control"
)

// overBucket is a configuration with what the bucket says over it, where that is configured.
func (d *Daemon) overBucket(ctx context.Context, file config.Config) (config.Config, error) {
	if !file.Reload.KV || d.bucket == nil {
		return file, nil
	}
	e, err := d.bucket.Get(ctx, keyConfig)
	switch {
	case errors.Is(err, jetstream.ErrKeyNotFound):
		return file, nil
	case err != nil:
		return file, fmt.Errorf("key %s of bucket %s: %w", keyConfig, d.bucket.Bucket(), err)
	}
	d.revision.Store(e.Revision())
	c, err := config.Over(file, e.Value(), d.bucket.Bucket()+"/"+keyConfig)
	if err != nil {
		return file, err
	}
	return c, nil
}

// planned decides what the daemon begins with: with JetStream, what is configured in the
// key-value bucket and which pipelines were assigned there counts, too.
func (d *Daemon) planned(ctx context.Context, c config.Config, first *plan, jetStream bool) (config.Config, error) {
	if jetStream {
		var err error
		switch d.bucket, err = openBucket(ctx, d.nc, c.NATS.Prefix, c.Durable.Replicas); {
		case err != nil && c.Reload.KV:
			return c, fmt.Errorf("reload.kv: %w", err)
		case err != nil:
			d.log.Warn("pipelines that are assigned will not outlive the daemon", logError, err)
		}
	} else if c.Reload.KV {
		return c, errors.New("reload.kv needs JetStream, which the server does not have")
	}
	d.plans.assigned = newAssigned(d.bucket, d.log)
	if c.Reload.KV {
		first = d.beginWithBucket(ctx, c, first)
	}
	d.plans.current.Store(first)
	return first.config, nil
}

// beginWithBucket is the configuration to begin with: what the bucket says over the file's.
// What cannot be applied there must not keep a daemon from starting, whose own file is right.
func (d *Daemon) beginWithBucket(ctx context.Context, file config.Config, first *plan) *plan {
	c, err := d.overBucket(ctx, file)
	if err == nil {
		var fixed []config.Difference
		for _, f := range config.Diff(file, c) {
			if !config.Reloadable(f.Path) {
				fixed = append(fixed, f)
			}
		}
		if len(fixed) > 0 {
			err = &FixedError{fixed}
		}
	}
	if err == nil {
		var p *plan
		if p, err = newPlan(&c, d.onRecording); err == nil {
			for _, f := range config.Diff(file, c) {
				d.log.Info("the configuration is another in the key-value bucket", logField, f.Path, logBefore, f.Before, logAfter, f.After)
			}
			return p
		}
	}
	d.log.Error("the configuration in the key-value bucket cannot be applied: going by the file alone", logError, err)
	return first
}

// reloads reloads the configuration on SIGHUP, where it came from somewhere that can be read
// again, and when it is written to the bucket, where that is configured, until ctx ends.
func (d *Daemon) reloads(ctx context.Context) {
	hangup := make(chan os.Signal, 1)
	if d.source != nil {
		signal.Notify(hangup, syscall.SIGHUP)
		defer signal.Stop(hangup)
	}
	written := make(chan uint64, 1)
	if d.follows && d.bucket != nil {
		watching := make(chan struct{})
		defer func() { <-watching }()
		go func() {
			defer close(watching)
			d.watchBucket(ctx, written)
		}()
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			s, err := findSystemd(os.Getenv, os.Getpid())
			if err != nil {
				d.log.Error("systemd cannot be told that the configuration is reloaded", logError, err)
			}
			_ = s.reload(ctx, func() error { return d.reloaded(ctx, "SIGHUP") }) // it was logged
		case revision := <-written:
			_ = d.reloaded(ctx, fmt.Sprintf("key %s, revision %d", keyConfig, revision))
		}
	}
}

// reloaded reloads, and logs how it went.
func (d *Daemon) reloaded(ctx context.Context, from string) error {
	out, err := d.Reload(ctx)
	d.logReload(from, out, err)
	return err
}

func (d *Daemon) logReload(from string, out control.Reloaded, err error) {
	if err != nil {
		d.log.Error("the configuration could not be reloaded: going on as before", logFrom, from, logError, err)
		return
	}
	d.log.Info("the configuration was reloaded", logFrom, from, logFields, len(out.Fields), logCount, len(out.Sensors))
}

const watchAgain = 2 * time.Second

// watchBucket tells when the configuration in the bucket was written, and watches anew where
// that ends. What was there at the start is not told.
func (d *Daemon) watchBucket(ctx context.Context, written chan<- uint64) {
	last := d.revision.Load()
	for ctx.Err() == nil {
		w, err := d.bucket.Watch(ctx, keyConfig)
		if err != nil {
			d.log.Debug("the configuration in the key-value bucket cannot be watched: trying again", logError, err)
		} else {
			for e := range w.Updates() {
				if e == nil || e.Revision() <= last {
					continue
				}
				last = e.Revision()
				select {
				case written <- last:
				case <-ctx.Done():
				}
			}
			_ = w.Stop()
		}
		select {
		case <-ctx.Done():
		case <-time.After(watchAgain):
		}
	}
}
