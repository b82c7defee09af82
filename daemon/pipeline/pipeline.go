package pipeline

import (
	"errors"
	"fmt"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
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

	place    place
	counters Counters
}

// stages is what is computed, for a known geometry.
type stages struct {
	layer    *feast.Layer
	counts   *pool.Pool
	readout  *readout.Model // nil until one is trained
	vector   []float32
	geometry events.Geometry
}

// Counters count what a pipeline was given besides what its layer counts.
type Counters struct {
	Messages   uint64 `json:"messages"`
	Events     uint64 `json:"events"`
	Rejects    uint64 `json:"rejects"`
	Duplicates uint64 `json:"duplicates"`
	Gaps       uint64 `json:"gaps"` // messages that are missing
	Recordings uint64 `json:"recordings"`
	Labels     uint64 `json:"labels"`
}

// New makes a pipeline.
func New(o Options) (*Pipeline, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	p := &Pipeline{
		options: o, learn: o.Learning,
		packet:  events.NewPacket(o.PacketEvents),
		winners: make([]int16, o.PacketEvents),
	}
	g := o.Geometry
	if o.Model != nil {
		g = o.Model.Feast.Geometry()
	}
	if g.Known() {
		if err := p.build(g); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// build makes the stages for a geometry.
func (p *Pipeline) build(g events.Geometry) error {
	o := p.options
	if o.Model != nil {
		return p.SetModel(o.Model)
	}
	c := o.Feast
	c.Width, c.Height = g.Width, g.Height
	layer, err := feast.New(c, o.Target)
	if err != nil {
		return err
	}
	return p.setStages(layer, o.Pool, nil)
}

func (p *Pipeline) setStages(layer *feast.Layer, pooling pool.Config, read *readout.Model) error {
	c := layer.Config()
	pooling.Geometry, pooling.Features, pooling.Source = c.Geometry(), c.Features(), pool.SourceFeatures
	counts, err := pool.New(pooling)
	if err != nil {
		return err
	}
	layer.SetLearning(p.learn)
	p.stages = &stages{
		layer: layer, counts: counts, readout: read, geometry: c.Geometry(),
		vector: make([]float32, counts.Len()),
	}
	return nil
}

// SetModel replaces what was learned, from the next message on. The surfaces
// start empty.
func (p *Pipeline) SetModel(m *model.Model) error {
	if err := m.Validate(); err != nil {
		return err
	}
	if p.stages != nil && p.stages.geometry != m.Feast.Geometry() {
		return fmt.Errorf("the model is for %dx%d pixels, and the sensor has %dx%d",
			m.Feast.Width, m.Feast.Height, p.stages.geometry.Width, p.stages.geometry.Height)
	}
	layer, err := feast.NewWithWeights(m.Feast, p.options.Target, m.Weights)
	if err != nil {
		return err
	}
	pooling := p.options.Pool
	if m.Readout != nil {
		pooling = m.Pool
	}
	return p.setStages(layer, pooling, m.Readout)
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
		m.Pool, m.Readout = p.stages.counts.Config(), p.stages.readout
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
func (p *Pipeline) Counters() Counters { return p.counters }

// Layer is the FEAST layer, nil until the geometry is known. It is the
// pipeline's own: look, and leave it as it is.
func (p *Pipeline) Layer() *feast.Layer {
	if p.stages == nil {
		return nil
	}
	return p.stages.layer
}

// Target is the name of what the pipeline computes on.
func (p *Pipeline) Target() string { return p.options.Target.Name() }
