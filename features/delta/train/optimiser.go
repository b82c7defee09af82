package train

import (
	"fmt"
	"math"
)

// Optimiser says how a gradient changes weights.
type Optimiser struct {
	// Kind is adam or sgd; Adam.
	Kind OptimiserKind `json:"kind"`
	// Momentum is that of SGD, the share of the last change that goes on; 0.9, and below 0
	// for none.
	Momentum float64 `json:"momentum"`
	// Beta1, Beta2 and Epsilon are Adam's (Kingma & Ba 2015, arXiv:1412.6980); 0.9, 0.999, 1e-8.
	Beta1   float64 `json:"beta1"`
	Beta2   float64 `json:"beta2"`
	Epsilon float64 `json:"epsilon"`
	// Decay is the weights' decay, the share that they lose in an update times the learning
	// rate, apart from the gradient (Loshchilov & Hutter 2019, arXiv:1711.05101). Biases
	// and steps do not decay.
	Decay float64 `json:"decay"`
}

// OptimiserKind is an optimiser's.
type OptimiserKind string

// The optimisers.
const (
	Adam OptimiserKind = "adam"
	SGD  OptimiserKind = "sgd"
)

func (o Optimiser) complete() Optimiser {
	if o.Kind == "" {
		o.Kind = Adam
	}
	o.Momentum = max(or(o.Momentum, 0.9), -1)
	o.Beta1, o.Beta2, o.Epsilon = or(o.Beta1, 0.9), or(o.Beta2, 0.999), or(o.Epsilon, 1e-8)
	return o
}

func (o *Optimiser) check() error {
	for _, c := range []struct {
		name         string
		v, low, high float64
	}{
		{"momentum", o.Momentum, -1, 0.99999},
		{"beta1", o.Beta1, 0, 0.99999},
		{"beta2", o.Beta2, 0, 0.9999999},
		{"epsilon", o.Epsilon, 1e-30, 1},
		{"decay", o.Decay, 0, 1e6},
	} {
		if !(c.v >= c.low && c.v <= c.high) {
			return fmt.Errorf("%s: expected %v to %v, found %v", c.name, c.low, c.high, c.v)
		}
	}
	if o.Kind != Adam && o.Kind != SGD {
		return fmt.Errorf("kind: expected %s or %s, found %q", Adam, SGD, o.Kind)
	}
	return nil
}

// moments is how many numbers the optimiser keeps for each that it changes.
func (o *Optimiser) moments() int {
	if o.Kind == Adam {
		return 2
	}
	return 1
}

// apply changes numbers by their gradient times scale, at a rate, in the update of that number
// from 1. Numbers of which some decay and others do not are given apart.
func (o *Optimiser) apply(w, gradient []float32, moments [][]float32, scale, rate, decay float64, update int) {
	if o.Kind == SGD {
		sgd(w, gradient, moments[0], float32(scale), float32(rate), float32(max(o.Momentum, 0)), float32(1-float64(rate*decay)))
		return
	}
	// The corrections of both moments for their beginning at zero go into rate and epsilon.
	correct1, correct2 := 1-power(o.Beta1, update), math.Sqrt(1-power(o.Beta2, update))
	adam(w, gradient, moments[0], moments[1], float32(scale), float32(o.Beta1), float32(o.Beta2),
		float32(rate*correct2/correct1), float32(o.Epsilon*correct2), float32(1-float64(rate*decay)))
}

// power is x^n by squaring.
func power(x float64, n int) float64 {
	p := 1.0
	for ; n > 0; n >>= 1 {
		if n&1 != 0 {
			p = float64(p * x)
		}
		x = float64(x * x)
	}
	return p
}

func sgd(w, gradient, speed []float32, scale, rate, momentum, keep float32) {
	gradient, speed = gradient[:len(w)], speed[:len(w)]
	for i, x := range w {
		v := float32(momentum*speed[i]) + float32(scale*gradient[i])
		speed[i] = v
		w[i] = float32(keep*x) - float32(rate*v)
	}
}

func adam(w, gradient, first, second []float32, scale, beta1, beta2, rate, epsilon, keep float32) {
	gradient, first, second = gradient[:len(w)], first[:len(w)], second[:len(w)]
	rest1, rest2 := 1-beta1, 1-beta2
	for i, x := range w {
		g := scale * gradient[i]
		m := float32(beta1*first[i]) + float32(rest1*g)
		v := float32(beta2*second[i]) + float32(rest2*float32(g*g))
		first[i], second[i] = m, v
		w[i] = float32(keep*x) - float32(rate*m)/(float32(math.Sqrt(float64(v)))+epsilon)
	}
}
