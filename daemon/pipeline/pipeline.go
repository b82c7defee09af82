package pipeline

import (
	"errors"
	"fmt"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/monitor"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/stack"
)

// Pipeline processes the messages of one sensor. It is used by one goroutine at
// a time.
type Pipeline struct {
	options Options
	stages  *stages  // nil until the geometry is known
	filters *filters // likewise, and where there is none
	learn   bool

	decoder  events.Decoder
	encoding string
	packet   *events.Packet
	winners  []int16
	labels   []Label // due in the packet that is being processed

	place    place
	counters Counters // of layers, what those before the present one counted
	origin   origin
}

// Counters count what a pipeline was given and what became of it. Messages that
// were Early are not in them, as they come again. Events is the sum of Hits,
// Missed, Border, Outside, Noise, Ignored and Filtered.
type Counters struct {
	Messages uint64 `json:"messages"`
	Events   uint64 `json:"events"`
	Hits     uint64 `json:"hits"`    // a feature won
	Missed   uint64 `json:"missed"`  // no threshold was reached
	Border   uint64 `json:"border"`  // skipped at the border
	Outside  uint64 `json:"outside"` // not on the sensor
	Noise    uint64 `json:"noise"`   // too few pixels around it fired recently
	Ignored  uint64 `json:"ignored"` // of a polarity that the layer does not look at
	// Filtered were dropped before the first layer.
	Filtered Filtered `json:"filtered,omitzero"`

	Rejects    uint64 `json:"rejects"`
	Duplicates uint64 `json:"duplicates"`
	Gaps       uint64 `json:"gaps"` // messages that are missing, at most 2^63-1
	Recordings uint64 `json:"recordings"`
	Labels     uint64 `json:"labels"`
}

// addLayers adds what layers have counted.
func (c *Counters) addLayers(l feast.Counters) {
	c.Hits += l.Hits
	c.Missed += l.Missed
	c.Border += l.Border
	c.Outside += l.Outside
	c.Noise += l.Noise
	c.Ignored += l.Ignored
}

// New makes a pipeline.
func New(o Options) (*Pipeline, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	from, err := originOf(&o)
	if err != nil {
		return nil, err
	}
	p := &Pipeline{
		options: o, learn: o.Learning, origin: from,
		packet:  events.NewPacket(o.PacketEvents),
		winners: make([]int16, o.PacketEvents),
	}
	if g := p.geometry(); g.Known() {
		if err := p.build(g); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// geometry is what the options say of it, the zero value where they do not.
func (p *Pipeline) geometry() events.Geometry {
	if p.options.Model != nil {
		return p.options.Model.Feast.Geometry()
	}
	return p.options.Geometry
}

// build makes the stages for a geometry.
func (p *Pipeline) build(g events.Geometry) error {
	o := p.options
	if o.Model != nil {
		return p.SetModel(o.Model)
	}
	layers, err := stack.Complete(o.layers(g))
	if err != nil {
		return err
	}
	// Pooling is the smaller of the two, and says no where a sensor is too large.
	next := &stages{recipe: pool.Recipe{Pool: featurePool(o.Pool, g, layers[len(layers)-1].Feast)}}
	if next.counts, err = next.recipe.New(); err != nil {
		return err
	}
	if next.layers, err = stack.New(layers, o.Target); err != nil {
		return err
	}
	return p.setStages(next)
}

// featurePool is a pooling of the last layer's features over a sensor: an event keeps
// its pixel, whatever was pooled between layers.
func featurePool(c pool.Config, g events.Geometry, top feast.Config) pool.Config {
	c.Geometry, c.Features, c.Source = g, top.Features(), pool.SourceFeatures
	return c
}

// setStages puts new stages in the place of those there are, if any.
func (p *Pipeline) setStages(next *stages) (err error) {
	for i, c := range next.layers.Configs() {
		// A monitor's history is of the layer that it began with.
		m, err := monitor.New(c.Feast, p.options.monitoring(c.Feast))
		if err != nil {
			return err
		}
		next.monitors = append(next.monitors, m)
		next.layers.Watch(i, func(l *feast.Layer, in []events.Event, winners []int16) error {
			_, err := m.Process(l, in, winners)
			return err
		})
	}
	if p.options.LabelMode == Running && next.readout != nil && next.network == nil {
		if err := next.follow(0); err != nil {
			return err
		}
	}
	geometry := next.layers.Layer(0).Config().Geometry()
	if p.filters == nil { // otherwise they go on: what they know is of the sensor, and not of a model
		if p.filters, err = newFilters(p.options.Filters, geometry, p.options.PacketEvents); err != nil {
			return err
		}
	}
	if p.stages != nil {
		p.counters.addLayers(p.stages.layers.Counters())
		_ = p.stages.layers.Close() // nobody asks any more what became of its device
	}
	next.layers.SetLearning(p.learn)
	next.layers.SetWorkers(max(1, p.options.Workers))
	next.geometry = geometry
	p.stages = next
	p.place.restart() // nothing is pooled now
	return nil
}

// SetModel replaces what was learned, from the next message on. Surfaces and
// pooled counts start empty: a label at the end of a recording that is under way
// rests on what comes from here on. Learning stays on or off as it was.
func (p *Pipeline) SetModel(m *model.Model) error {
	if err := m.Validate(); err != nil {
		return err
	}
	if p.stages != nil && p.stages.geometry != m.Feast.Geometry() {
		return fmt.Errorf("the model is for %dx%d pixels, and the sensor has %dx%d",
			m.Feast.Width, m.Feast.Height, p.stages.geometry.Width, p.stages.geometry.Height)
	}
	next := &stages{recipe: pool.Recipe{Pool: featurePool(p.options.Pool, m.Feast.Geometry(), m.Top())}, readout: m.Readout, schedule: m.Schedule}
	if m.Readout != nil {
		next.recipe = m.Recipe()
	}
	var err error
	if next.counts, err = next.recipe.New(); err != nil {
		return err
	}
	if next.layers, err = m.Stack(p.options.Target); err != nil {
		return err
	}
	if next.join, err = m.Join(next.recipe); err != nil {
		return err
	}
	if err := next.setNetwork(m, &p.options); err != nil {
		return err
	}
	return p.setStages(next)
}

// ErrNoGeometry says that a pipeline has seen no event yet and was told no geometry.
var ErrNoGeometry = errors.New("the sensor's geometry is not known yet: no message has come")

// Model is a copy of what was learned.
func (p *Pipeline) Model() (*model.Model, error) {
	if p.stages == nil {
		return nil, ErrNoGeometry
	}
	m := new(model.Model)
	m.SetStack(p.stages.layers)
	if p.stages.readout != nil {
		recipe := p.stages.recipe.Canonical()
		m.Pool, m.Parts, m.Counted = recipe.Pool, recipe.Parts, recipe.Layers
		m.Readout, m.Schedule = p.stages.readout, p.stages.schedule
	}
	if p.stages.network != nil {
		m.Network = p.stages.network.Network()
	}
	return m, nil
}

// SetLearning turns learning on or off from the next message on.
func (p *Pipeline) SetLearning(on bool) {
	p.learn = on
	if p.stages != nil {
		p.stages.layers.SetLearning(on)
	}
}

// Learning tells whether learning is on.
func (p *Pipeline) Learning() bool { return p.learn }

// Counters is what the pipeline has counted.
func (p *Pipeline) Counters() Counters {
	c := p.counters
	if p.stages != nil {
		c.addLayers(p.stages.layers.Counters())
	}
	return c
}

// Recording is the name of the recording that is under way, empty where there is
// none or it has no name.
func (p *Pipeline) Recording() string {
	if !p.place.Open {
		return ""
	}
	return p.place.Recording
}

// Latest is the time of the last event that was processed, in microseconds.
func (p *Pipeline) Latest() int64 { return p.place.Latest }

// Layer is the first FEAST layer, nil until the geometry is known. It is the
// pipeline's own: look, and leave it as it is.
func (p *Pipeline) Layer() *feast.Layer {
	if p.stages == nil {
		return nil
	}
	return p.stages.layers.Layer(0)
}

// Stack is all layers, nil until the geometry is known; look, and leave it as it is.
func (p *Pipeline) Stack() *stack.Stack {
	if p.stages == nil {
		return nil
	}
	return p.stages.layers
}

// Monitor tells how the first layer's learning goes, nil until the geometry is known.
// It is the pipeline's own: look, and leave it as it is.
func (p *Pipeline) Monitor() *monitor.Monitor { return p.MonitorOf(0) }

// MonitorOf is the monitor of a layer, from 0, nil until the geometry is known.
func (p *Pipeline) MonitorOf(layer int) *monitor.Monitor {
	if p.stages == nil {
		return nil
	}
	return p.stages.monitors[layer]
}

// Target is the name of what the pipeline computes on.
func (p *Pipeline) Target() string { return p.options.Target.Name() }
