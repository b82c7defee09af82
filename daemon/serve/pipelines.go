package serve

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/daemon/service"
	"github.com/saccade-dev/saccade/events"
)

// plan is a configuration with what its pipelines are made of.
type plan struct {
	config  config.Config
	recipes map[string]recipe // by the pipeline's name
}

// recipe is what one pipeline is made of.
type recipe struct {
	section config.Pipeline
	options pipeline.Options
	model   [sha256.Size]byte // of the model, zero without one: the file may be another by now
}

// newPlan reads the models of a configuration's pipelines, and finds out what no sensor's
// pipeline can be made of.
func newPlan(c *config.Config, onRecording func(*pipeline.Pipeline, pipeline.RecordingEnd)) (*plan, error) {
	p := &plan{config: *c, recipes: map[string]recipe{}}
	add := func(name, place string, section config.Pipeline) error {
		r := recipe{section: section}
		err := r.prepare(onRecording)
		if err != nil && place != "" {
			err = fmt.Errorf("%s: %w", place, err)
		}
		p.recipes[name] = r
		return err
	}
	err := add(config.DefaultPipeline, "", c.Pipeline)
	for i := range c.Pipelines {
		n := &c.Pipelines[i]
		err = errors.Join(err, add(n.Name, fmt.Sprintf("pipelines[%d], %s", i, n.Name), n.Pipeline))
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (r *recipe) prepare(onRecording func(*pipeline.Pipeline, pipeline.RecordingEnd)) (err error) {
	if r.options, err = pipelineOptions(r.section); err != nil {
		return err
	}
	if m := r.options.Model; m != nil {
		b, err := m.MarshalBinary()
		if err != nil {
			return err
		}
		r.model = sha256.Sum256(b)
	}
	if err := r.probe(events.Geometry{}); err != nil {
		return err
	}
	r.options.OnRecording = onRecording
	return nil
}

// probe makes a pipeline for a sensor of a size, 0x0 for one that is not known, and gives
// it back.
func (r *recipe) probe(g events.Geometry) error {
	made, err := r.make("", g)
	if err != nil {
		return err
	}
	if err := made.Pipeline.Close(); err != nil {
		return fmt.Errorf("device %s: %w", r.options.Target.Name(), err)
	}
	return nil
}

// make makes a pipeline for a sensor of a size, 0x0 for one that is not known.
func (r *recipe) make(name string, g events.Geometry) (service.Made, error) {
	o := r.options
	want := o.Geometry
	if o.Model != nil {
		want = o.Model.Feast.Geometry()
	}
	if g.Known() && want.Known() && want != g {
		return service.Made{}, fmt.Errorf("%w: it is for %dx%d pixels, and the sensor has %dx%d", service.ErrUnfit, want.Width, want.Height, g.Width, g.Height)
	}
	if o.Model == nil && g.Known() {
		o.Geometry = g
	}
	p, err := pipeline.New(o)
	if err != nil {
		return service.Made{}, err
	}
	out := r.section.Outputs
	return service.Made{Name: name, Pipeline: p, Outputs: service.Outputs{
		Features: out.Features, Missed: out.Missed, Labels: out.Labels, StatusEvery: out.StatusEvery,
	}}, nil
}

// same tells whether two recipes give the same pipeline.
func (r *recipe) same(as *recipe) bool {
	return r.model == as.model && reflect.DeepEqual(r.section, as.section)
}

// choose gives the pipeline of a sensor to which one of this name was assigned, empty for
// none: where there is none of that name, too, the patterns choose.
func (p *plan) choose(sensor, assigned string) (name string, r recipe) {
	if r, there := p.recipes[assigned]; there && assigned != "" {
		return assigned, r
	}
	name, _ = p.config.PipelineFor(sensor)
	return name, p.recipes[name]
}

// plans is the plan that holds, and which pipelines were assigned.
type plans struct {
	current  atomic.Pointer[plan]
	assigned *assigned
}

// assignmentTime bounds how long a sensor that appears waits to learn which pipeline was
// assigned to it.
const assignmentTime = 5 * time.Second

// make makes the pipeline of a sensor that appears.
func (p *plans) make(sensor string) (service.Made, error) {
	ctx, cancel := context.WithTimeout(context.Background(), assignmentTime)
	defer cancel()
	name, r := p.current.Load().choose(sensor, p.assigned.of(ctx, sensor))
	return r.make(name, events.Geometry{})
}

// accepts tells whether a sensor is served.
func (p *plans) accepts(sensor string) bool {
	return p.current.Load().config.Ingest.Sensors.Accepts(sensor)
}
