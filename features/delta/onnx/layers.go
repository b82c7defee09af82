package onnx

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// topology is that of the layers so far.
func (c *converter) topology(name string) *topology.Topology {
	in := c.options.Input
	return &topology.Topology{
		Name:   identifier(name, "network"),
		Input:  topology.Input{Shape: c.input, Min: in.Min, Max: in.Max},
		Layers: c.layers,
	}
}

// add appends a layer that takes a value, of a node and named like it.
func (c *converter) add(n *node, l topology.Layer, from value) (string, error) {
	return c.addNamed(n, c.nameOf(n), l, from)
}

func (c *converter) addNamed(n *node, name string, l topology.Layer, from value) (string, error) {
	if len(c.layers) == topology.MaxLayers {
		return "", wrong("", fmt.Sprintf("at most %d layers", topology.MaxLayers), "more")
	}
	l.Name = c.unique(name)
	before := topology.InputName
	if len(c.layers) > 0 {
		before = c.layers[len(c.layers)-1].Name
	}
	if from.layer != before {
		l.From = from.layer
	}
	c.fixed = c.fixed || from.layer == topology.InputName || l.With == topology.InputName
	c.layers = append(c.layers, l)
	c.sources[l.Name] = n
	return l.Name, nil
}

// addWeighted appends a layer with weights, whose numbers it keeps.
func (c *converter) addWeighted(n *node, l topology.Layer, from value, p quantise.Layer) (string, error) {
	if c.weights += len(p.Weights); c.weights > topology.MaxWeights {
		return "", wrong("", fmt.Sprintf("at most %d weights in all layers", topology.MaxWeights), "more")
	}
	l.Weights, l.NoBias = c.options.Weights, p.Bias == nil
	from, err := c.quantised(n, from)
	if err != nil {
		return "", err
	}
	name, err := c.add(n, l, from)
	if err == nil {
		c.params[name] = p
	}
	return name, err
}

// quantised puts a delta activation in front of a node that takes sums, where that is wanted.
func (c *converter) quantised(n *node, v value) (value, error) {
	if v.levels || c.options.Deltas != Everywhere {
		return v, nil
	}
	return c.delta(n, v)
}

// delta puts a delta activation behind a value. Whoever takes that again takes the same one.
func (c *converter) delta(n *node, v value) (value, error) {
	name, there := c.deltas[v.layer]
	if !there {
		o := c.options
		l := topology.Layer{Kind: topology.Delta, Step: o.Step, Levels: o.Levels, Threshold: o.Threshold}
		if o.Threshold > 0 {
			l.Kind = topology.Threshold
		}
		var err error
		if name, err = c.addNamed(n, v.layer+".delta", l, v); err != nil {
			return v, err
		}
		c.deltas[v.layer] = name
	}
	v.layer, v.levels, v.shared = name, true, true
	return v, nil
}

var (
	notInNames = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)
	startsWell = regexp.MustCompile(`^[A-Za-z]`)
)

// maxName is what a name of a layer may have, less what is put behind it.
const maxName = 48

// nameOf is the name of a node's layer: exporters that name their nodes do it by where
// they stand in the program, such as /features/0/Conv.
func (c *converter) nameOf(n *node) string {
	if n.name != "" {
		return identifier(n.name, strings.ToLower(n.op))
	}
	return identifier(n.outputs[0], strings.ToLower(n.op))
}

// identifier makes a name of a layer out of any text; those that do not begin with a
// letter get a word in front.
func identifier(text, word string) string {
	text = strings.Trim(notInNames.ReplaceAllString(strings.ReplaceAll(text, "/", "."), "_"), "._-")
	if !startsWell.MatchString(text) {
		text = strings.Trim(notInNames.ReplaceAllString(word, "")+"_"+text, "_")
	}
	if len(text) > maxName {
		text = strings.TrimRight(text[:maxName], "._-")
	}
	return text
}

// unique is the name, with a number behind it where it is taken.
func (c *converter) unique(name string) string {
	const most = 58 // and a number
	base := name[:min(len(name), most)]
	for i := 2; c.names[name] || len(name) > most+6; i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	c.names[name] = true
	return name
}
