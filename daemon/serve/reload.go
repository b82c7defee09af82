package serve

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/control"
	"github.com/saccade-dev/saccade/daemon/service"
	"github.com/saccade-dev/saccade/events"
)

// Keys of what is logged of a reload.
const (
	logSensor = "sensor"
	logField  = "field"
	logBefore = "before"
	logAfter  = "after"
	logFields = "fields"
	logFrom   = "from"
	logCount  = "sensors_changed"
)

// FixedError says that a new configuration differs in fields that cannot change while the
// daemon runs.
type FixedError struct{ Fields []config.Difference }

func (e *FixedError) Error() string {
	lines := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		lines[i] = f.String()
	}
	return "what can change only by a restart has changed, and nothing was applied:\n" + strings.Join(lines, "\n")
}

// Reload reads the configuration again from where it came, and the key-value bucket where
// that is configured, and applies it, all or nothing: see [control.Plans].
func (d *Daemon) Reload(ctx context.Context) (control.Reloaded, error) {
	d.changing.Lock()
	defer d.changing.Unlock()
	file := d.file
	switch {
	case d.source == nil && !file.Reload.KV:
		return control.Reloaded{}, errNoSource
	case d.source != nil:
		var err error
		if file, err = d.source(); err != nil {
			return control.Reloaded{}, err
		}
		if err := file.Validate(); err != nil {
			return control.Reloaded{}, err
		}
	}
	next, err := d.overBucket(ctx, file)
	if err != nil {
		return control.Reloaded{}, err
	}
	out, err := d.apply(ctx, &next)
	if err == nil {
		d.file = file
	}
	return out, err
}

// errNoSource says that there is nothing to reload, which must not look as if nothing had changed.
var errNoSource = errors.New("the daemon's configuration did not come from where it can be read again")

// apply changes to another configuration, or changes nothing. An error of a sensor that
// could not follow is one of [control.Reloaded], as the others have.
func (d *Daemon) apply(ctx context.Context, next *config.Config) (control.Reloaded, error) {
	now := d.plans.current.Load()
	out := control.Reloaded{Fields: config.Diff(now.config, *next)}
	var fixed []config.Difference
	for _, f := range out.Fields {
		if !config.Reloadable(f.Path) {
			fixed = append(fixed, f)
		}
	}
	if len(fixed) > 0 {
		return control.Reloaded{}, &FixedError{fixed}
	}
	p, err := newPlan(next, d.onRecording)
	if err != nil {
		return control.Reloaded{}, fmt.Errorf("nothing was applied: %w", err)
	}
	moves, err := d.moves(ctx, now, p)
	if err != nil {
		return control.Reloaded{}, fmt.Errorf("nothing was applied: %w", err)
	}
	d.plans.current.Store(p)
	for _, f := range out.Fields {
		d.log.Info("the configuration has changed", logField, f.Path, logBefore, f.Before, logAfter, f.After)
	}
	// Sensors that appeared since have the former plan's pipelines, some of them.
	if late, err := d.moves(ctx, now, p); err == nil {
		moves = late
	}
	out.Sensors, out.Failed = d.move(ctx, moves)
	return out, nil
}

// move is a sensor that gets another pipeline, or none any more.
type move struct {
	sensor string
	to     string
	recipe recipe
	leaves bool // it is not accepted any more
}

// moves finds out which sensors a plan changes, and whether each can have what it is to have.
func (d *Daemon) moves(ctx context.Context, from, to *plan) ([]move, error) {
	var out []move
	type probe struct {
		pipeline string
		size     events.Geometry
	}
	probed := map[probe]bool{}
	var err error
	for _, s := range d.Service.Sensors() {
		if s.Away {
			continue
		}
		name := s.Status.Sensor
		if !to.config.Ingest.Sensors.Accepts(name) {
			out = append(out, move{sensor: name, leaves: true})
			continue
		}
		assigned := d.plans.assigned.of(ctx, name)
		was, before := from.choose(name, assigned)
		is, after := to.choose(name, assigned)
		if was == is && before.same(&after) && s.Broken == nil {
			continue
		}
		key := probe{is, sizeOf(&s)}
		if key.size.Known() && !probed[key] {
			probed[key] = true
			if bad := after.probe(key.size); bad != nil {
				err = errors.Join(err, fmt.Errorf("sensor %s cannot have pipeline %s: %w", name, is, bad))
			}
		}
		out = append(out, move{sensor: name, to: is, recipe: after})
	}
	return out, err
}

const (
	// moveTime bounds how long a sensor may take that gets another pipeline: what waits for it is processed before.
	moveTime = 30 * time.Second
	// movesAtATime is how many do at a time.
	movesAtATime = 8
)

// move gives sensors their pipelines. It gives those that have them, and why others do not.
func (d *Daemon) move(ctx context.Context, moves []move) (moved, failed []string) {
	results := make([]error, len(moves))
	slots := make(chan struct{}, movesAtATime)
	var running sync.WaitGroup
	for i := range moves {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			// The plan holds already: it is too late to turn back.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), moveTime)
			defer cancel()
			results[i] = d.moveOne(ctx, &moves[i])
		})
	}
	running.Wait()
	for i, m := range moves {
		switch err := results[i]; {
		case err == nil:
			moved = append(moved, m.sensor)
		case errors.Is(err, service.ErrNoSensor): // it has gone, and comes back with what is configured now
		default:
			failed = append(failed, fmt.Sprintf("%s: %v", m.sensor, err))
			d.log.Error("a sensor could not follow a change of the configuration: it goes on as before until it is drained, or the daemon restarts", logSensor, m.sensor, logError, err)
		}
	}
	return moved, failed
}

func (d *Daemon) moveOne(ctx context.Context, m *move) error {
	switch {
	case m.leaves && d.cluster != nil:
		return d.Service.Drop(ctx, m.sensor)
	case m.leaves:
		_, err := d.Service.Drain(ctx, m.sensor)
		return err
	default:
		_, err := d.Service.Replace(ctx, m.sensor, func(g events.Geometry) (service.Made, error) { return m.recipe.make(m.to, g) })
		return err
	}
}
