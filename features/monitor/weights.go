package monitor

import (
	"math"

	"github.com/saccade-dev/saccade/features/feast"
)

// PanicWeights is the panic of WeightChange for weights of another layer.
const PanicWeights = "monitor: WeightChange needs weights of the layer's configuration"

// WeightChange is how far features have turned from one snapshot of a layer to
// another: the mean over all features of 1 - cosine. It is there to be compared with
// the signals: no [Detector] reads weights.
func WeightChange(c feast.Config, before, after feast.Weights) float64 {
	n := c.Elements()
	if len(before.Master) != c.Features()*n || len(after.Master) != c.Features()*n {
		panic(PanicWeights)
	}
	sum := 0.0
	for f := range c.Features() {
		a, b := before.Master[f*n:][:n], after.Master[f*n:][:n]
		var dot, aa, bb float64
		for i, v := range a {
			x, y := float64(v), float64(b[i])
			dot += float64(x * y)
			aa += float64(x * x)
			bb += float64(y * y)
		}
		switch {
		case aa > 0 && bb > 0:
			sum += max(0, 1-dot/math.Sqrt(float64(aa*bb))) // which is 0 of equal ones
		case aa != bb:
			sum++ // a direction from none, or none from a direction
		}
	}
	return sum / float64(c.Features())
}
