package serve

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/control"
	"github.com/saccade-dev/saccade/daemon/service"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
)

// Assign gives a sensor the pipeline of a name, or with [config.AnyPipeline] the one that
// the patterns choose: see [control.Plans].
func (d *Daemon) Assign(ctx context.Context, sensor, name string) (control.Assigned, error) {
	d.changing.Lock()
	defer d.changing.Unlock()
	p := d.plans.current.Load()
	if _, there := p.recipes[name]; !there && name != config.AnyPipeline {
		return control.Assigned{}, fmt.Errorf("%w %q: expected %s or %s", control.ErrNoPipeline, name, strings.Join(p.config.PipelineNames(), ", "), config.AnyPipeline)
	}
	if name == config.AnyPipeline {
		name = ""
	}
	seen, err := d.Service.Sensor(sensor)
	if err != nil {
		return control.Assigned{}, err
	}
	before := d.plans.assigned.of(ctx, sensor)
	_, r := p.choose(sensor, before)
	to, next := p.choose(sensor, name)
	out := control.Assigned{Sensor: sensor, Pipeline: to, Before: seen.Pipeline, Chosen: name == "", Learned: true}
	if g := sizeOf(&seen); g.Known() {
		if err := next.probe(g); err != nil { // before anything is written
			return control.Assigned{}, err
		}
	}
	if out.Kept, err = d.plans.assigned.set(ctx, sensor, name); err != nil {
		return control.Assigned{}, err
	}
	if seen.Pipeline == to && next.same(&r) && seen.Broken == nil {
		return out, nil // only why it is so has changed
	}
	done, err := d.Service.Replace(ctx, sensor, func(g events.Geometry) (service.Made, error) { return next.make(to, g) })
	if err != nil {
		_, back := d.plans.assigned.set(context.WithoutCancel(ctx), sensor, before)
		return control.Assigned{}, errors.Join(err, back)
	}
	out.Changed, out.Learned, out.Aside, out.Events, out.Seq = true, done.Learned, done.Aside, done.Events, done.Seq
	return out, nil
}

// sizeOf is the size of a sensor, zero where it is not known.
func sizeOf(s *service.Snapshot) events.Geometry {
	return events.Geometry{Width: s.Status.Width, Height: s.Status.Height}
}

// Pipelines are the names of the pipelines that there are.
func (d *Daemon) Pipelines() []string {
	return slices.Clone(d.plans.current.Load().config.PipelineNames())
}

// Adapt has a model infer as the pipeline of a sensor is configured to: see [control.Plans].
func (d *Daemon) Adapt(sensor string, m *model.Model) {
	p := d.plans.current.Load()
	ctx, cancel := context.WithTimeout(context.Background(), assignmentTime)
	defer cancel()
	_, r := p.choose(sensor, d.plans.assigned.of(ctx, sensor))
	if how := r.section.FEAST.Inference; how != config.InferAuto {
		infer(m, feast.Inference(how))
	}
}
