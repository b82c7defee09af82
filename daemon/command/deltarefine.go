package command

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/saccade-dev/saccade/daemon/learn"
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
	frames   *framing.Config // of a model's; nil of a network alone
}

// loadRefined reads a delta network, or the one of a model.
func loadRefined(path string) (*refinedNet, error) {
	r := new(refinedNet)
	net, err := delta.Load(path)
	if err != nil {
		// What is no network is taken for a model, whose errors are more likely to be meant.
		if errors.Is(err, fs.ErrNotExist) || strings.HasSuffix(path, deltaExtension) {
			return nil, err
		}
		m, err := model.Load(path)
		if err != nil {
			return nil, err
		}
		if m.Network == nil {
			return nil, fmt.Errorf("%s: the model has no network to refine", path)
		}
		net, r.frames = m.Network.Net, &m.Network.Frames
	}
	p, err := learn.RealParams(net)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	r.topology, r.params = net.Topology(), *p
	return r, nil
}

// fit keeps the numbers of layers that a topology has by the same name and type. Layers that training can
// find the numbers of may be new in it, or share their steps otherwise.
func (r *refinedNet) fit(t *topology.Topology) error {
	g, err := t.Resolve()
	if err != nil {
		return err
	}
	layers := map[string]quantise.Layer{}
	for _, l := range g.Topology.Layers {
		i := slices.IndexFunc(r.topology.Layers, func(o topology.Layer) bool { return o.Name == l.Name && o.Kind == l.Kind })
		own, there := r.params.Layers[l.Name]
		switch {
		case i < 0 && l.Kind.Weighted():
			return fmt.Errorf("layer %s: expected one of the network that is refined, which has none of that name and type", l.Name)
		case i >= 0 && there && (!l.Kind.Quantises() || r.topology.Layers[i].Step == l.Step):
			layers[l.Name] = own
		}
	}
	r.topology, r.params.Layers = t, layers
	return nil
}
