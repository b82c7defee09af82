package size

import (
	"context"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
)

// Stream hands events to do, some at a time and in their order; noise has their number
// and says which are known to be noise. Fresh is called before each recording, for
// surfaces to be cleared. An error of do ends the stream and is returned.
type Stream func(ctx context.Context, fresh func(), do func(in []events.Event, noise []bool) error) error

// Trial is what one layer did.
type Trial struct {
	Neurons int     // of each bank
	Banks   []Tally // as the layer numbers them
	// Untaken counts, by kind, the measured events that no feature took: at the border,
	// or as the layer's own filter or thresholds would not have them.
	Untaken [kinds]uint64
}

// Try lets a layer learn from one stream and, frozen, measures it on another. The result
// is the same on every target, but for the last bits of cosines.
func Try(ctx context.Context, c feast.Config, target hw.Target, learn, measure Stream) (Trial, error) {
	layer, err := feast.New(c, target)
	if err != nil {
		return Trial{}, err
	}
	var winners []int16
	err = learn(ctx, layer.Reset, func(in []events.Event, _ []bool) error {
		if len(winners) < len(in) {
			winners = make([]int16, len(in))
		}
		return layer.Process(in, winners[:len(in)])
	})
	if err != nil {
		return Trial{}, err
	}
	return measureLayer(ctx, layer, target, measure)
}

// measureLayer tallies what a layer's features, frozen, do with a stream.
func measureLayer(ctx context.Context, learned *feast.Layer, target hw.Target, measure Stream) (Trial, error) {
	c := learned.Config()
	weights := learned.Weights()
	g := newGauge(target, len(weights.Master)/c.Features())
	layer, err := feast.NewWithWeights(c, g, weights)
	if err != nil {
		return Trial{}, err
	}
	layer.SetLearning(false)
	t := Trial{Neurons: c.Neurons}
	for range c.Banks() {
		t.Banks = append(t.Banks, newTally(c.Neurons))
	}
	var winner [1]int16
	err = measure(ctx, layer.Reset, func(in []events.Event, noise []bool) error {
		for i := range in {
			if err := layer.Process(in[i:i+1], winner[:]); err != nil {
				return err
			}
			kind := Structure
			if noise[i] {
				kind = Noise
			}
			if feature := int(winner[0]); feature >= 0 {
				t.Banks[feature/c.Neurons].add(feature%c.Neurons, kind, g.cosine)
			} else {
				t.Untaken[kind]++
			}
		}
		return nil
	})
	return t, err
}
