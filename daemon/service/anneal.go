package service

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/features/feast"
)

// Annealed says what a sensor's learning rates were and are, a layer each.
type Annealed struct {
	Stand
	Before, Now []feast.Config
}

// Anneal changes the learning rates of a sensor's layers, between two of its messages and
// behind all that were received before: change is given each layer, from 0, and may set Eta,
// DeltaI, DeltaE and Anneal of it. Weights, thresholds, surfaces and what is pooled stay
// as they are, bit for bit; only the history of what was learned begins anew, as its signals
// rest on the rates. Where the rates cannot be, nothing changes.
func (s *Service) Anneal(ctx context.Context, name string, change func(layer int, c *feast.Config) error) (Annealed, error) {
	var done Annealed
	at, err := s.ChangeAt(ctx, name, func(p *pipeline.Pipeline) error {
		if p.Stack() == nil {
			return pipeline.ErrNoGeometry
		}
		before, now := configsOf(p), configsOf(p)
		for i := range now {
			if err := change(i, &now[i]); err != nil {
				return err
			}
			if same := withRates(before[i], now[i]); same != now[i] {
				return fmt.Errorf("layer %d: %w", i+1, errRatesAlone)
			}
		}
		done.Before, done.Now = before, now
		if slices.Equal(before, now) {
			return nil
		}
		if err := p.SetConfigs(now); err != nil {
			return err
		}
		if sn := s.find(name); sn != nil { // the same layers, with the same counts
			sn.look.of, sn.network.of = p.Stack(), p.Network()
			for i := range sn.look.layers {
				sn.look.layers[i].config = now[i]
			}
		}
		s.options.Log.Info("learning rates were changed", logSensor, name, logEvents, p.Counters().Events)
		return nil
	})
	done.Stand = at
	return done, err
}

var errRatesAlone = errors.New("expected a change of its learning rates alone")

func withRates(c, of feast.Config) feast.Config {
	c.Eta, c.DeltaI, c.DeltaE, c.Anneal = of.Eta, of.DeltaI, of.DeltaE, of.Anneal
	return c
}

func configsOf(p *pipeline.Pipeline) []feast.Config {
	var out []feast.Config
	for _, c := range p.Stack().Configs() {
		out = append(out, c.Feast)
	}
	return out
}
