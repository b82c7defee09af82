package train

import (
	"fmt"
	"slices"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// Insert puts a layer behind each of some layers of a network, or behind its "input": a
// delta activation or a threshold delta, to see what a network does with them that was
// trained without, or a topk or a cut. What took the layer's values takes those of the new
// one, which is called as the layer is, with a dot and its type behind. with gives the
// numbers of each new layer, its steps or its bound, by the name of the layer that it stands
// behind; where steps are nil, or with is, [quantise.Calibrate] or training find them. The
// network given is not changed.
//
// A layer that is not there, or after which a network makes no sense, is an error.
func Insert(t *topology.Topology, p quantise.Params, l topology.Layer, with func(behind string) quantise.Layer, behind ...string) (*topology.Topology, quantise.Params, error) {
	out := topology.Topology{Name: t.Name, Input: t.Input}
	params := quantise.Params{Input: p.Input, Layers: map[string]quantise.Layer{}}
	for name, numbers := range p.Layers {
		params.Layers[name] = numbers
	}
	renamed := map[string]string{}
	found := 0
	add := func(after string) {
		if !slices.Contains(behind, after) {
			return
		}
		found++
		added := l
		added.Name, added.From, added.With = after+"."+string(l.Kind), "", ""
		renamed[after] = added.Name
		out.Layers = append(out.Layers, added)
		if with != nil {
			params.Layers[added.Name] = with(after)
		}
	}
	add(topology.InputName)
	for _, layer := range t.Layers {
		for _, field := range []*string{&layer.From, &layer.With} {
			if name, ok := renamed[*field]; ok {
				*field = name
			}
		}
		out.Layers = append(out.Layers, layer)
		add(layer.Name)
	}
	if found != len(behind) {
		return nil, quantise.Params{}, fmt.Errorf("train: insert: expected the names of layers, each once, found %q", behind)
	}
	n, err := newNetwork(&out)
	if err != nil {
		return nil, quantise.Params{}, fmt.Errorf("train: insert: %w", err)
	}
	if err := checkParams(n, &params); err != nil {
		return nil, quantise.Params{}, fmt.Errorf("train: insert: %w", err)
	}
	return &out, params, nil
}

// Remove takes layers of a type out of a network, such as the delta activations of one that
// is to be the baseline: what took their values takes those of the layer before.
func Remove(t *topology.Topology, p quantise.Params, kind topology.Kind) (*topology.Topology, quantise.Params, error) {
	return remove(t, p, func(l topology.Layer) bool { return l.Kind == kind })
}

func remove(t *topology.Topology, p quantise.Params, of func(l topology.Layer) bool) (*topology.Topology, quantise.Params, error) {
	out := topology.Topology{Name: t.Name, Input: t.Input}
	params := quantise.Params{Input: p.Input, Layers: map[string]quantise.Layer{}}
	renamed := map[string]string{}
	before := topology.InputName
	for _, layer := range t.Layers {
		from := layer.From
		if from == "" {
			from = before
		}
		before = layer.Name
		if name, ok := renamed[from]; ok {
			from = name
		}
		if of(layer) {
			renamed[layer.Name] = from
			continue
		}
		layer.From = from
		if name, ok := renamed[layer.With]; ok {
			layer.With = name
		}
		out.Layers = append(out.Layers, layer)
		if numbers, ok := p.Layers[layer.Name]; ok {
			params.Layers[layer.Name] = numbers
		}
	}
	n, err := newNetwork(&out)
	if err != nil {
		return nil, quantise.Params{}, fmt.Errorf("train: remove: %w", err)
	}
	if len(p.Layers) > 0 {
		if err := checkParams(n, &params); err != nil {
			return nil, quantise.Params{}, fmt.Errorf("train: remove: %w", err)
		}
	}
	return &out, params, nil
}
