package service

import (
	"time"

	"github.com/saccade-dev/saccade/daemon/pipeline"
)

// Outputs is what is published of a sensor.
type Outputs struct {
	Features    bool // feature events
	Missed      bool // and missed events among them
	Labels      bool
	StatusEvery time.Duration // 0: never
}

// Made is a sensor's pipeline with what is published of it.
type Made struct {
	Name     string // of the pipeline, for whoever looks
	Pipeline *pipeline.Pipeline
	Outputs  Outputs
}

// make makes the pipeline of a sensor that appears.
func (s *Service) make(sensor string) (Made, error) {
	o := &s.options
	if o.Make != nil {
		return o.Make(sensor)
	}
	p, err := o.NewPipeline(sensor)
	return Made{Pipeline: p, Outputs: Outputs{Features: o.Features, Missed: o.Missed, Labels: o.Labels, StatusEvery: o.StatusEvery}}, err
}

// have gives the sensor's goroutine a pipeline. A status is due at another pace then.
func (sn *sensor) have(m Made) {
	sn.pipe, sn.outputs, sn.chosen = m.Pipeline, m.Outputs, m.Name
	sn.pace.set(m.Outputs.StatusEvery)
}

// pace is when a status is due.
type pace struct {
	every  time.Duration
	ticker *time.Ticker
}

// set changes how often it is; 0 is never.
func (p *pace) set(every time.Duration) {
	if every == p.every {
		return
	}
	p.stop()
	if p.every = every; every > 0 {
		p.ticker = time.NewTicker(every)
	}
}

// due is where the times come; nil where there are none.
func (p *pace) due() <-chan time.Time {
	if p.ticker == nil {
		return nil
	}
	return p.ticker.C
}

func (p *pace) stop() {
	if p.ticker != nil {
		p.ticker.Stop()
	}
	p.every, p.ticker = 0, nil
}
