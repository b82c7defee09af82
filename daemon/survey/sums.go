package survey

import (
	"fmt"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/stack"
)

// Bounds of what the pictures of features of features may take; layers beyond them have
// none.
const (
	maxSurfaces = 16
	maxSumSide  = 512
	maxSums     = 1 << 24 // pixels of all of a layer
	maxSummed   = 1 << 32 // products
)

// pictures are what features look like on the surfaces of the sensor.
type pictures struct {
	surfaces []string
	side     int         // pixels
	of       [][]float64 // [feature][surface, row, column]
}

// sums gives the pictures of every layer's features: of the first layer's their weights,
// of the others sums of the layer before. Layers whose pictures would be too large have
// none, nor have those behind them.
func sums(layers []stack.Config, weights []feast.Weights) []pictures {
	out := make([]pictures, len(layers))
	step := 1 // pixels of the sensor along x and y that are one of the layer
	for i, c := range layers {
		step *= c.Pool
		w, _ := weights[i].Float()
		if i == 0 {
			out[i] = firstPictures(c.Feast, w)
		} else {
			out[i] = out[i-1].summed(c.Feast, w, step)
		}
		if out[i].of == nil {
			break
		}
	}
	return out
}

// firstPictures are the weights themselves, each on the surface of its bank.
func firstPictures(c feast.Config, weights []float64) pictures {
	p := pictures{surfaces: BankNames(c.Mode), side: c.Side()}
	if c.Mode == feast.Planes {
		p.surfaces = nil
		for i := range c.Planes {
			p.surfaces = append(p.surfaces, fmt.Sprintf("plane %d", i))
		}
	}
	patch := p.side * p.side
	if len(p.surfaces) > maxSurfaces || c.Features()*len(p.surfaces)*patch > maxSums {
		return pictures{}
	}
	for f := range c.Features() {
		picture := make([]float64, len(p.surfaces)*patch)
		own := 0 // where the weights begin
		if c.Mode != feast.Planes {
			own = f / c.Neurons * patch
		}
		copy(picture[own:], weights[f*c.Elements():(f+1)*c.Elements()])
		p.of = append(p.of, picture)
	}
	return p
}

// summed lays these pictures over one another for each feature of the layer behind,
// whose pixels are so many of the sensor apart.
func (p pictures) summed(c feast.Config, weights []float64, step int) pictures {
	side, n := c.Side(), c.Elements()
	out := pictures{surfaces: p.surfaces, side: p.side + (side-1)*step}
	pixels := len(p.surfaces) * out.side * out.side
	products := float64(c.Features()) * float64(n) * float64(len(p.surfaces)*p.side*p.side)
	if out.side > maxSumSide || c.Features()*pixels > maxSums || products > maxSummed {
		return pictures{}
	}
	for f := range c.Features() {
		picture := make([]float64, pixels)
		for i, w := range weights[f*n : (f+1)*n] {
			plane, at := i/(side*side), i%(side*side)
			p.lay(picture, out.side, p.of[plane], w, at%side*step, at/side*step)
		}
		out.of = append(out.of, picture)
	}
	return out
}

// lay adds a picture, times a weight, to a larger one, where x and y are its left and
// top.
func (p pictures) lay(dst []float64, dstSide int, picture []float64, w float64, x, y int) {
	for s := range p.surfaces {
		for row := range p.side {
			from := picture[(s*p.side+row)*p.side:][:p.side]
			to := dst[(s*dstSide+y+row)*dstSide+x:][:p.side]
			for k, v := range from {
				to[k] += float64(w * v) // rounded before it is added, on every machine
			}
		}
	}
}
