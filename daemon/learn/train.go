package learn

import (
	"context"

	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/stack"
	"github.com/saccade-dev/saccade/hw"
)

// Features learns the features of one layer in one pass over the recordings, in an
// order that the configuration's seed shuffles. done, which may be nil, is called after
// each recording.
func Features(ctx context.Context, c feast.Config, target hw.Target, recordings []nmnist.Recording,
	done func(),
) (*model.Model, feast.Counters, error) {
	m, counters, err := Stack(ctx, stack.Of(c), false, target, recordings, done)
	if err != nil {
		return nil, feast.Counters{}, err
	}
	return m, counters[0], nil
}

// Stack learns the features of layers behind each other: all in one pass, together, or
// each in a pass of its own over the frozen features of those before it. What became of
// the events is told for each layer, of the pass in which it learned.
func Stack(ctx context.Context, layers []stack.Config, together bool, target hw.Target, recordings []nmnist.Recording,
	done func(),
) (_ *model.Model, _ []feast.Counters, err error) {
	layers, err = stack.Complete(layers)
	if err != nil {
		return nil, nil, err
	}
	learn := oneByOne
	if together {
		learn = allTogether
	}
	s, counters, err := learn(layers, target, func(s *stack.Stack) error {
		first := layers[0].Feast
		return Pass(ctx, s, first.Geometry(), Shuffled(recordings, first.Seed), done)
	})
	if err != nil {
		return nil, nil, err
	}
	defer closed(s, &err)
	m := new(model.Model)
	m.SetStack(s)
	return m, counters, nil
}

func allTogether(layers []stack.Config, target hw.Target, pass func(*stack.Stack) error) (*stack.Stack, []feast.Counters, error) {
	s, err := stack.New(layers, target)
	if err != nil {
		return nil, nil, err
	}
	if err := pass(s); err != nil {
		closed(s, &err)
		return nil, nil, err
	}
	counters := make([]feast.Counters, s.Len())
	for i := range counters {
		counters[i] = s.Layer(i).Counters()
	}
	return s, counters, nil
}

// oneByOne leaves out of a pass the layers above the one that learns: nobody asks them.
func oneByOne(layers []stack.Config, target hw.Target, pass func(*stack.Stack) error) (s *stack.Stack, counters []feast.Counters, err error) {
	var learned []feast.Weights
	for i := range layers {
		s, err = stack.NewWithWeights(layers[:i+1], target, append(learned, feast.RandomWeights(layers[i].Feast)))
		if err != nil {
			return nil, nil, err
		}
		s.SetLearning(false)
		s.SetLearningOf(i, true)
		if err := pass(s); err != nil {
			closed(s, &err)
			return nil, nil, err
		}
		counters = append(counters, s.Layer(i).Counters())
		if learned = s.Weights(); i < len(layers)-1 {
			if err := s.Close(); err != nil {
				return nil, nil, err
			}
		}
	}
	return s, counters, nil
}

// Passes is how often [Stack] goes over the recordings.
func Passes(layers int, together bool) int {
	if together {
		return 1
	}
	return layers
}

// PoolConfig is the pooling of a layer's features with the given cells.
func PoolConfig(c feast.Config, like pool.Config) pool.Config {
	like.Geometry, like.Features, like.Source = c.Geometry(), c.Features(), pool.SourceFeatures
	return like
}

// ModelVectors pools recordings with a model's frozen features into vectors of
// counts, on all cores.
func ModelVectors(ctx context.Context, m *model.Model, target hw.Target, pooling pool.Config,
	recordings []nmnist.Recording, done func(),
) (Vectors, error) {
	return RecipeVectors(ctx, m, target, pool.Recipe{Pool: pooling}, recordings, done)
}

// RecipeVectors describes recordings with a model's frozen features, on all cores, as
// a recipe says.
func RecipeVectors(ctx context.Context, m *model.Model, target hw.Target, recipe pool.Recipe,
	recordings []nmnist.Recording, done func(),
) (Vectors, error) {
	return Described(ctx, func() (*stack.Stack, error) { return m.Stack(target) }, recipe, recordings, done)
}
