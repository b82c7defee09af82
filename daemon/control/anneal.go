package control

import (
	"context"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/features/feast"
)

// Rates are the learning rates of a layer, under the paper's names, and how they fall.
type Rates struct {
	Layer  int     `json:"layer"` // from 1
	Eta    float64 `json:"eta"`
	DeltaI float64 `json:"delta_i"`
	DeltaE float64 `json:"delta_e"`
	// Schedule multiplies them as learning goes on, nil for never. What they are at the moment
	// is what stands here times [feast.Anneal.Share] of the events that were learned from
	// while there was a schedule.
	Schedule *feast.Anneal `json:"schedule,omitempty"`
}

// Annealed is the answer to an [AnnealRequest].
type Annealed struct {
	Sensor string  `json:"sensor"`
	Before []Rates `json:"before"` // a layer each
	Now    []Rates `json:"now"`
	// Learning tells whether the sensor learns at all.
	Learning bool    `json:"learning"`
	Events   uint64  `json:"events"` // of the sensor before
	Seq      *uint64 `json:"seq,omitempty"`
}

func (c *Control) anneal(ctx context.Context, r AnnealRequest, answer *nats.Msg) error {
	if s, err := c.daemon.Sensor(r.Sensor); err == nil && len(s.Status.Layers) > 0 && r.Layer > len(s.Status.Layers) {
		return refuse(codeBad, "layer: expected 1 to %d, found %d", len(s.Status.Layers), r.Layer)
	}
	done, err := c.daemon.Anneal(ctx, r.Sensor, func(layer int, f *feast.Config) error {
		if r.Layer == 0 || r.Layer == layer+1 {
			r.apply(f)
		}
		return nil
	})
	if err != nil {
		return err
	}
	out := Annealed{Sensor: r.Sensor, Before: ratesOf(done.Before), Now: ratesOf(done.Now), Events: done.Events, Seq: done.Seq}
	if s, err := c.daemon.Sensor(r.Sensor); err == nil {
		out.Learning = s.Status.Learning
	}
	return c.encode(answer, out)
}

// apply changes a layer's rates as is asked for.
func (r *AnnealRequest) apply(f *feast.Config) {
	if r.Factor != nil {
		// The conversions keep each product one rounding, on every machine.
		f.Eta, f.DeltaI, f.DeltaE = float64(f.Eta**r.Factor), float64(f.DeltaI**r.Factor), float64(f.DeltaE**r.Factor)
	}
	for _, set := range []struct{ to, rate *float64 }{{r.Eta, &f.Eta}, {r.DeltaI, &f.DeltaI}, {r.DeltaE, &f.DeltaE}} {
		if set.to != nil {
			*set.rate = *set.to
		}
	}
	if r.Schedule != nil {
		f.Anneal = *r.Schedule
	}
}

func ratesOf(all []feast.Config) (out []Rates) {
	for i, f := range all {
		one := Rates{Layer: i + 1, Eta: f.Eta, DeltaI: f.DeltaI, DeltaE: f.DeltaE}
		if f.Anneal.Every > 0 {
			a := f.Anneal
			one.Schedule = &a
		}
		out = append(out, one)
	}
	return out
}
