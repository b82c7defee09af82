package pipeline

import (
	"errors"
	"fmt"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/monitor"
	"github.com/saccade-dev/saccade/features/pool"
)

// Pipeline processes the messages of one sensor. It is used by one goroutine at
// a time.
type Pipeline struct {
	options Options
	stages  *stages // nil until the geometry is known
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
// Missed, Border, Outside, Noise and Ignored.
type Counters struct {
	Messages uint64 `json:"messages"`
	Events   uint64 `json:"events"`
	Hits     uint64 `json:"hits"`    // a feature won
	Missed   uint64 `json:"missed"`  // no threshold was reached
	Border   uint64 `json:"border"`  // skipped at the border
	Outside  uint64 `json:"outside"` // not on the sensor
	Noise    uint64 `json:"noise"`   // too few pixels around it fired recently
	Ignored  uint64 `json:"ignored"` // of a polarity that the layer does not look at

	Rejects    uint64 `json:"rejects"`
	Duplicates uint64 `json:"duplicates"`
	Gaps       uint64 `json:"gaps"` // messages that are missing, at most 2^63-1
	Recordings uint64 `json:"recordings"`
	Labels     uint64 `json:"labels"`
}

// addLayer adds what a layer has counted.
func (c *Counters) addLayer(l feast.Counters) {
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
	c := o.Feast
	c.Width, c.Height = g.Width, g.Height
	// Pooling is the smaller of the two, and says no where a sensor is too large.
	next := &stages{recipe: pool.Recipe{Pool: featurePool(o.Pool, c)}}
	var err error
	if next.counts, err = next.recipe.New(); err != nil {
		return err
	}
	if next.layer, err = feast.New(c, o.Target); err != nil {
		return err
	}
	return p.setStages(next)
}

// featurePool is a pooling of a layer's features.
func featurePool(c pool.Config, of feast.Config) pool.Config {
	c.Geometry, c.Features, c.Source = of.Geometry(), of.Features(), pool.SourceFeatures
	return c
}

// setStages puts new stages in the place of those there are, if any.
func (p *Pipeline) setStages(next *stages) (err error) {
	config := next.layer.Config()
	// A monitor's history is of the layer that it began with.
	if next.monitor, err = monitor.New(config, p.options.monitoring(config)); err != nil {
		return err
	}
	if p.options.LabelMode == Running && next.readout != nil {
		if err := next.follow(0); err != nil {
			return err
		}
	}
	if p.stages != nil {
		p.counters.addLayer(p.stages.layer.Counters())
	}
	next.layer.SetLearning(p.learn)
	next.layer.SetWorkers(max(1, p.options.Workers))
	next.geometry = config.Geometry()
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
	next := &stages{recipe: pool.Recipe{Pool: featurePool(p.options.Pool, m.Feast)}, readout: m.Readout, schedule: m.Schedule}
	if m.Readout != nil {
		next.recipe = m.Recipe()
	}
	var err error
	if next.counts, err = next.recipe.New(); err != nil {
		return err
	}
	if next.layer, err = feast.NewWithWeights(m.Feast, p.options.Target, m.Weights); err != nil {
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
	m := &model.Model{Feast: p.stages.layer.Config(), Weights: p.stages.layer.Weights()}
	if p.stages.readout != nil {
		recipe := p.stages.recipe.Canonical()
		m.Pool, m.Parts, m.Readout, m.Schedule = recipe.Pool, recipe.Parts, p.stages.readout, p.stages.schedule
	}
	return m, nil
}

// SetLearning turns learning on or off from the next message on.
func (p *Pipeline) SetLearning(on bool) {
	p.learn = on
	if p.stages != nil {
		p.stages.layer.SetLearning(on)
	}
}

// Learning tells whether learning is on.
func (p *Pipeline) Learning() bool { return p.learn }

// Counters is what the pipeline has counted.
func (p *Pipeline) Counters() Counters {
	c := p.counters
	if p.stages != nil {
		c.addLayer(p.stages.layer.Counters())
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

// Layer is the FEAST layer, nil until the geometry is known. It is the
// pipeline's own: look, and leave it as it is.
func (p *Pipeline) Layer() *feast.Layer {
	if p.stages == nil {
		return nil
	}
	return p.stages.layer
}

// Monitor tells how learning goes, nil until the geometry is known. It is the
// pipeline's own: look, and leave it as it is.
func (p *Pipeline) Monitor() *monitor.Monitor {
	if p.stages == nil {
		return nil
	}
	return p.stages.monitor
}

// Target is the name of what the pipeline computes on.
func (p *Pipeline) Target() string { return p.options.Target.Name() }
