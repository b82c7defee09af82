package model

import (
	"fmt"

	"github.com/saccade-dev/saccade/features/pool"
)

// sectionCounted is the section of the layers that are counted.
const sectionCounted = "counted"

// features is how many features each layer has.
func (m *Model) features() (out []int) {
	for _, c := range m.Layers() {
		out = append(out, c.Feast.Features())
	}
	return out
}

// pooled is how many features the layers of these numbers have together, the last where
// there are none. The layers are valid.
func (m *Model) pooled(layers []int) (int, error) {
	if len(layers) == 0 {
		return m.Top().Features(), nil
	}
	if _, err := pool.NewJoin(layers, m.features()); err != nil {
		return 0, err
	}
	return pool.JoinedFeatures(layers, m.features()), nil
}

// Pooling is the recipe of counts of the features of some layers, from 1 in ascending
// order, none for the last alone; like gives its cells and parts. The error names a layer
// that the model does not have.
func (m *Model) Pooling(like pool.Recipe, layers []int) (pool.Recipe, error) {
	if len(layers) == 1 && layers[0] == 1+len(m.Upper) {
		layers = nil
	}
	n, err := m.pooled(layers)
	if err != nil {
		return pool.Recipe{}, fmt.Errorf("model: %w", err)
	}
	like.Layers = layers
	// Events keep their pixels, whatever was pooled between layers.
	like.Pool.Geometry, like.Pool.Features, like.Pool.Source = m.Feast.Geometry(), n, pool.SourceFeatures
	return like, nil
}

// Join joins the layers that a recipe counts, nil where that is the last alone.
func (m *Model) Join(r pool.Recipe) (*pool.Join, error) {
	if len(r.Layers) == 0 {
		return nil, nil
	}
	return pool.NewJoin(r.Layers, m.features())
}
