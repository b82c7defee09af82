package stack

import (
	"errors"
	"fmt"
	"slices"

	"github.com/saccade-dev/saccade/features/feast"
)

// Config is a layer of a stack.
type Config struct {
	// Feast is the layer. Behind the first, its mode, geometry and planes follow from
	// the layer before; see [Complete].
	Feast feast.Config `json:"feast" yaml:"feast"`
	// Pool is how many pixels along x and y of the layer before are one pixel of this
	// one; the first layer has 1.
	Pool int `json:"pool" yaml:"pool"`
}

// Of is a layer with others behind it.
func Of(first feast.Config, behind ...Config) []Config {
	return append([]Config{{Feast: first, Pool: 1}}, behind...)
}

// unknownSide is nearly that of a camera of 1280x720: whatever fits there fits somewhere.
const unknownSide = 960

// Check tells whether layers fit each other, those of a sensor whose geometry is not
// known yet among them: that of the first layer is then 0x0.
func Check(layers []Config) error {
	if len(layers) > 0 && !layers[0].Feast.Geometry().Known() {
		layers = slices.Clone(layers)
		layers[0].Feast.Width, layers[0].Feast.Height = unknownSide, unknownSide
	}
	_, err := Complete(layers)
	return err
}

// The bounds of a stack.
const (
	MaxLayers = 8
	MaxPool   = 64
)

// Complete gives the layers with what follows from those before them filled in: mode
// [feast.Planes], a plane for each feature of the layer before, and its geometry,
// pooled. Fields that follow are ignored as they are given.
func Complete(layers []Config) ([]Config, error) {
	if len(layers) == 0 || len(layers) > MaxLayers {
		return nil, fmt.Errorf("stack: expected 1 to %d layers, found %d", MaxLayers, len(layers))
	}
	out := make([]Config, len(layers))
	for i, c := range layers {
		if c.Pool < 1 || c.Pool > MaxPool {
			return nil, fmt.Errorf("stack: layer %d: pool %d: expected 1 to %d", i+1, c.Pool, MaxPool)
		}
		switch {
		case i > 0:
			before := out[i-1].Feast
			c.Feast.Mode, c.Feast.Planes = feast.Planes, before.Features()
			c.Feast.Width, c.Feast.Height = pooled(before.Width, c.Pool), pooled(before.Height, c.Pool)
			if side := c.Feast.Side(); !Fits(c.Feast) {
				return nil, fmt.Errorf("stack: layer %d: no patch of %dx%d fits on its %dx%d pixels: expected a smaller radius or pool, or border %q",
					i+1, side, side, c.Feast.Width, c.Feast.Height, feast.BorderZero)
			}
		case c.Pool != 1:
			return nil, errors.New("stack: layer 1: pool: expected 1, as events come from the sensor's own pixels")
		}
		c.Feast = c.Feast.Canonical()
		if err := c.Feast.Validate(); err != nil {
			return nil, fmt.Errorf("stack: layer %d: %w", i+1, err)
		}
		out[i] = c
	}
	return out, nil
}

// Fits tells whether a layer has a pixel whose events are not left out at the border.
// Behind the first, [Complete] refuses what does not fit; of the first only whoever sets
// it up knows whether the sensor is all there is.
func Fits(c feast.Config) bool {
	side := c.Side()
	return c.Border == feast.BorderZero || c.Width >= side && c.Height >= side
}

// pooled is how many pixels a side has where each is made of n; the last may be made
// of fewer.
func pooled(side, n int) int { return (side + n - 1) / n }
