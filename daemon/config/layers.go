package config

import (
	"cmp"
	"fmt"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/stack"
)

// First is the first FEAST layer; its geometry is 0x0 where it comes with the sensor.
func (p Pipeline) First() feast.Config {
	f := p.FEAST
	c := feast.Config{
		Width: p.Geometry.Width, Height: p.Geometry.Height,
		Mode: feast.Mode(f.Mode), Border: feast.Border(f.Border), Neurons: f.Neurons, Radius: f.Radius,
		Tau: f.Tau, Eta: f.Eta, DeltaI: f.DeltaI, DeltaE: f.DeltaE,
		InitialThreshold: f.InitialThreshold, Seed: f.Seed,
		Decay: feast.Decay(f.Decay), Last: f.LastEvents, MinRecent: f.MinRecent, Recent: f.Recent,
		Inference: f.inference(),
	}
	if f.AnnealEvents > 0 {
		c.Anneal = feast.Anneal{Every: uint64(f.AnnealEvents), Factor: f.AnnealFactor, Floor: f.AnnealFloor}
	}
	return c.Canonical()
}

// inference is how the layers of the file infer: there is no model to have it otherwise.
func (f FEAST) inference() feast.Inference {
	if f.Inference == InferAuto {
		return feast.Nearest
	}
	return feast.Inference(f.Inference)
}

// Upper are the layers behind the first, which what they do not say is like, but for
// noise: that is left out before the first.
func (p Pipeline) Upper() (out []stack.Config) {
	for _, l := range p.Layers {
		next := stack.Config{Feast: p.First(), Pool: max(l.Pool, 1)}
		f := &next.Feast
		f.Width, f.Height = 0, 0
		f.MinRecent, f.Recent = l.MinRecent, 0
		f.Neurons, f.Radius, f.Tau = cmp.Or(l.Neurons, f.Neurons), cmp.Or(l.Radius, f.Radius), cmp.Or(l.Tau, f.Tau)
		f.Eta, f.DeltaI, f.DeltaE = cmp.Or(l.Eta, f.Eta), cmp.Or(l.DeltaI, f.DeltaI), cmp.Or(l.DeltaE, f.DeltaE)
		f.InitialThreshold = cmp.Or(l.InitialThreshold, f.InitialThreshold)
		f.Border = cmp.Or(feast.Border(l.Border), f.Border)
		if f.Decay == feast.DecayIndex {
			f.Last = cmp.Or(l.LastEvents, f.Last)
		}
		out = append(out, next)
	}
	return out
}

// layers tells what is wrong with the layers as a whole, after each field has been
// checked on its own.
func (k *check) layers(p *Pipeline) {
	first := p.First()
	if err := stack.Check(stack.Of(first)); err != nil {
		k.fail("pipeline.feast", "a layer that there can be", err.Error())
		return
	}
	// A model brings its own layers: what feast says of them is not used.
	if g := first.Geometry(); p.Model == "" && g.Known() && !stack.Fits(first) {
		k.fail("pipeline.feast.radius", fmt.Sprintf("a patch that fits on the %dx%d pixels of pipeline.geometry, or border %s", g.Width, g.Height, BorderZero),
			fmt.Sprintf("%d, a patch of %dx%d", first.Radius, first.Side(), first.Side()))
		return
	}
	if err := stack.Check(stack.Of(first, p.Upper()...)); err != nil {
		k.fail("pipeline.layers", "layers that fit each other", err.Error())
	}
}
