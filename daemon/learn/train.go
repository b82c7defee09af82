package learn

import (
	"context"

	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/hw"
)

// Features learns features in one pass over the recordings, in an order that the
// configuration's seed shuffles. done, which may be nil, is called after each
// recording.
func Features(ctx context.Context, c feast.Config, target hw.Target, recordings []nmnist.Recording,
	done func(),
) (*model.Model, feast.Counters, error) {
	layer, err := feast.New(c, target)
	if err != nil {
		return nil, feast.Counters{}, err
	}
	if err := Pass(ctx, layer, Shuffled(recordings, c.Seed), done); err != nil {
		return nil, feast.Counters{}, err
	}
	return &model.Model{Feast: c, Weights: layer.Weights()}, layer.Counters(), nil
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
	return Described(ctx, func() (*feast.Layer, error) { return m.Layer(target) }, recipe, recordings, done)
}
