package control

import (
	"context"
	"encoding/json"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/features/monitor"
)

// History is the signals of a sensor's learning, see package monitor. It counts in
// events that the sensor's present layer was given.
type History struct {
	Sensor   string           `json:"sensor"`
	Layer    int              `json:"layer"`  // from 1
	Layers   int              `json:"layers"` // how many the sensor has
	Events   uint64           `json:"events"` // by now
	Learning bool             `json:"learning"`
	Settled  bool             `json:"settled"`
	Change   *monitor.Finding `json:"change,omitempty"` // what was found last
	// Features is how many there are in all banks: usage_entropy_bits is log2 of it
	// where all are used alike.
	Features int `json:"features"`
	// Expected is the misses per hit at which thresholds stand still while learning,
	// dI/(N*dE); 0 where there are none.
	Expected float64 `json:"expected_misses_per_hit"`

	// Interval is how many events an interval has: before so many there is none.
	Interval int `json:"interval_events"`

	// Recent are the latest intervals, Whole the whole stream in steps of Stride
	// intervals, the last of fewer, each the oldest first. Where the server takes no
	// message that large, Merged neighbours of each stand as one.
	Recent []monitor.Interval `json:"recent"`
	Whole  []monitor.Interval `json:"whole"`
	Stride int                `json:"stride_intervals"`
	Merged int                `json:"merged"` // a power of two, 1 as a rule
}

func (c *Control) history(ctx context.Context, r SensorRequest, answer *nats.Msg) error {
	h := History{Sensor: r.Sensor, Merged: 1}
	// The sensor's goroutine only copies: intervals do not change once they are there.
	err := c.daemon.Do(ctx, r.Sensor, func(p *pipeline.Pipeline) error {
		layers, at := p.Stack(), max(r.Layer, 1)
		if layers == nil {
			return pipeline.ErrNoGeometry
		}
		if at > layers.Len() {
			return refuse(codeBad, "layer: expected 1 to %d, found %d", layers.Len(), r.Layer)
		}
		watch, layer := p.MonitorOf(at-1), layers.Layer(at-1)
		series, config := watch.Series(), layer.Config()
		h.Layer, h.Layers, h.Interval = at, layers.Len(), watch.IntervalEvents()
		h.Events, h.Learning, h.Settled = layer.Counters().Events(), p.Learning(), watch.Settled()
		if f := watch.Last(); f.Change != monitor.None {
			h.Change = &f
		}
		h.Features = config.Features()
		if config.DeltaI > 0 && config.DeltaE > 0 {
			h.Expected = config.Balance()
		}
		h.Recent, h.Whole, h.Stride = series.Recent(), series.Whole(), series.Stride()
		return nil
	})
	if err != nil {
		return err
	}
	most := c.nc.MaxPayload()
	for {
		data, err := json.Marshal(h)
		if err != nil {
			return err
		}
		if int64(len(data)) <= most {
			answer.Data = data
			return nil
		}
		if len(h.Recent) <= 1 && len(h.Whole) <= 1 {
			return tooLarge(int64(len(data)), most)
		}
		h.Recent, h.Whole, h.Merged = halve(h.Recent), halve(h.Whole), 2*h.Merged
	}
}

// halve merges each two neighbours; the last stays where it has none.
func halve(in []monitor.Interval) []monitor.Interval {
	out := make([]monitor.Interval, 0, (len(in)+1)/2)
	for ; len(in) > 1; in = in[2:] {
		out = append(out, monitor.Merge(in[0], in[1]))
	}
	return append(out, in...)
}
