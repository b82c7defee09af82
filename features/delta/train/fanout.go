package train

import "github.com/saccade-dev/saccade/features/delta/topology"

// shares gives each layer whose values are to be sparse its share of the multiply-adds that such
// layers cause: those of each layer with weights are put down to the layers whose values reach
// it without passing another such layer. of tells which are to be sparse.
func shares(g *topology.Graph, of func(n *topology.Node) bool) []float64 {
	out := make([]float64, len(g.Nodes))
	total := 0.0
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if !n.Kind.Weighted() {
			continue
		}
		seen := make([]bool, len(g.Nodes))
		macs := float64(n.DenseMACs())
		var visit func(i int)
		visit = func(i int) {
			if i <= 0 || seen[i] {
				return
			}
			seen[i] = true
			switch before := &g.Nodes[i]; {
			case of(before):
				out[i] += macs
				total += macs
			case !before.Kind.Weighted():
				visit(before.From)
				visit(before.With)
			}
		}
		visit(n.From)
	}
	for i := range out {
		if total > 0 {
			out[i] /= total
		}
	}
	return out
}

// quantises tells which layers the sparsity loss is about.
func quantises(n *topology.Node) bool { return n.Kind.Quantises() }

// activates tells which layers the spatial loss is about: those that values come from, not
// those that only hand them on or pool them.
func activates(n *topology.Node) bool {
	switch n.Kind {
	case topology.Flatten, topology.Sigma, topology.AvgPool, topology.MaxPool:
		return false
	default:
		return true
	}
}

// reach is how many multiply-adds an input value of a layer with weights takes part in, by its
// pixel: as a channel's pixels have it.
func reach(n *topology.Node) []uint32 {
	out := make([]uint32, n.In.Height*n.In.Width)
	for i := range out {
		if out[i] = uint32(n.Out.Channels); n.Kind == topology.Conv2D {
			out[i] = uint32(len(n.Window.Y.Of(i/n.In.Width)) * len(n.Window.X.Of(i%n.In.Width)) * (n.Out.Channels / n.Groups))
		}
	}
	return out
}
