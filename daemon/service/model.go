package service

import (
	"context"
	"fmt"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/features/model"
)

// Loaded is what became of a model that was put in.
type Loaded struct {
	Stand
	// Before is what the sensor had learned by then; nil where no event had come and nothing
	// was configured.
	Before   *model.Model
	Learning bool // from here on
}

// LoadModel puts a model in the place of what a sensor has learned, between two of its messages
// and behind all that were received before; none is lost. check looks at what would be
// replaced, which is nil where there is nothing, and may refuse. Where anything does not
// fit, nothing changes. Surfaces and pooled counts begin empty, as [pipeline.Pipeline.SetModel]
// says, and learning stays as it was unless it is given.
func (s *Service) LoadModel(ctx context.Context, name string, m *model.Model, learning *bool, check func(before *model.Model) error) (Loaded, error) {
	var done Loaded
	at, err := s.ChangeAt(ctx, name, func(p *pipeline.Pipeline) error {
		if was, is := geometryOf(p), m.Feast.Geometry(); was.Known() && is != was {
			return fmt.Errorf("%w: the model is for %dx%d pixels, and the sensor has %dx%d", ErrUnfit, is.Width, is.Height, was.Width, was.Height)
		}
		if p.Layer() != nil {
			var err error
			if done.Before, err = p.Model(); err != nil {
				return err
			}
		}
		if err := check(done.Before); err != nil {
			return err
		}
		if err := p.SetModel(m); err != nil {
			return fmt.Errorf("%w: %w", ErrUnfit, err)
		}
		if learning != nil {
			p.SetLearning(*learning)
		}
		done.Learning = p.Learning()
		s.options.Log.Info("a model was loaded", logSensor, name, logEvents, p.Counters().Events)
		return nil
	})
	done.Stand = at
	return done, err
}
