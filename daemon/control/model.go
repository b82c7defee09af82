package control

import (
	"context"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/pipeline"
)

// model answers with a model file. One that is larger than the server's messages is
// refused, before it is made where that can be told from its weights: to put it
// together would hold the sensor up for nothing.
func (c *Control) model(ctx context.Context, r SensorRequest, answer *nats.Msg) error {
	most := c.nc.MaxPayload()
	return c.daemon.Do(ctx, r.Sensor, func(p *pipeline.Pipeline) error {
		layer := p.Layer()
		if layer == nil {
			return pipeline.ErrNoGeometry
		}
		const bytesOfWeight = 4
		config := layer.Config()
		if least := bytesOfWeight * int64(config.Features()) * int64(config.Elements()); least > most {
			return modelTooLarge(least, most)
		}
		m, err := p.Model()
		if err != nil {
			return err
		}
		data, err := m.MarshalBinary()
		if err != nil {
			return err
		}
		if int64(len(data)) > most {
			return modelTooLarge(int64(len(data)), most)
		}
		answer.Data = data
		return nil
	})
}

func modelTooLarge(found, most int64) error {
	return refuse(codeLarge, "the model has %d bytes or more, and the server takes messages of %d: raise nats.embedded.max_payload, or the server's max_payload", found, most)
}
