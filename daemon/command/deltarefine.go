package command

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
	framing "github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/features/model"
)

// refinedNet is a network that training goes on from.
type refinedNet struct {
	topology *topology.Topology
	params   quantise.Params
	net      *delta.Network
	frames   *framing.Config // nil where the file does not say them
	labels   []string        // the same
}

// knows tells whether the network's outputs stand for labels, as far as the file says.
func (r *refinedNet) knows(labels []string) bool {
	return r.labels == nil || slices.Equal(r.labels, labels)
}

// loadRefined reads a delta network, or the one of a model.
func loadRefined(path string) (*refinedNet, error) {
	r := new(refinedNet)
	n, err := decide.Load(path)
	switch {
	case errors.Is(err, decide.ErrAlone):
	case err != nil:
		// What is no network is taken for a model, whose errors are more likely to be meant.
		if errors.Is(err, fs.ErrNotExist) || strings.HasSuffix(path, deltaExtension) {
			return nil, err
		}
		m, other := model.Load(path)
		switch {
		case errors.Is(other, model.ErrNetworkAlone):
			return nil, err
		case other != nil:
			return nil, other
		}
		if m.Network == nil {
			return nil, fmt.Errorf("%s: the model has no network to refine", path)
		}
		n = m.Network
		fallthrough
	default:
		r.frames, r.labels = &n.Frames, n.Labels
	}
	r.net = n.Net
	p, err := learn.RealParams(r.net)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	r.topology, r.params = r.net.Topology(), *p
	return r, nil
}

// fit keeps the numbers of layers that a topology has by the same name and type. Layers that training can
// find the numbers of may be new in it, or share their steps otherwise; a threshold keeps the steps of a
// delta activation, and the other way round.
func (r *refinedNet) fit(t *topology.Topology) error {
	g, err := t.Resolve()
	if err != nil {
		return err
	}
	own, err := r.topology.Resolve()
	if err != nil {
		return err
	}
	layers := map[string]quantise.Layer{}
	for i := range g.Nodes[1:] {
		now := &g.Nodes[i+1]
		at := slices.IndexFunc(own.Nodes, func(o topology.Node) bool { return o.Name == now.Name && alike(o.Kind, now.Kind) })
		if at < 1 {
			if now.Kind.Weighted() {
				return fmt.Errorf("layer %s: expected one of the network that is refined, which has none of that name and type", now.Name)
			}
			continue
		}
		was := &own.Nodes[at]
		if now.Kind.Weighted() {
			if want, got := weightSizes(was), weightSizes(now); want != got {
				return fmt.Errorf("layer %s: expected the shape that it has in the network that is refined, %s, found %s", now.Name, want, got)
			}
		}
		numbers, there := r.params.Layers[now.Name]
		if !there || now.Kind.Quantises() && (was.Step != now.Step || now.Step.Of(now.Out) != len(numbers.Steps)) {
			continue // found anew
		}
		layers[now.Name] = numbers
	}
	r.topology, r.params.Layers = t, layers
	return nil
}

// alike tells whether layers of two types have the same numbers.
func alike(a, b topology.Kind) bool { return a == b || a.Quantises() && b.Quantises() }

// weightSizes are the sizes of the weights of a layer that has some, in words.
func weightSizes(n *topology.Node) string {
	bias := "with biases"
	if n.NoBias {
		bias = "without biases"
	}
	if n.Kind == topology.Linear {
		return fmt.Sprintf("%d inputs to %d outputs %s", n.In.Channels, n.Out.Channels, bias)
	}
	return fmt.Sprintf("%d channels to %d by %dx%d pixels in groups of %d %s", n.In.Channels, n.Out.Channels, n.Kernel[0], n.Kernel[1], n.In.Channels/n.Groups, bias)
}
