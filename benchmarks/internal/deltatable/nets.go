package deltatable

import (
	_ "embed" // of topology files
	"fmt"

	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/frames"
)

// The networks.
var (
	//go:embed mlp.yaml
	mlp []byte
	//go:embed conv.yaml
	conv []byte
)

// Nets are the networks by their names.
func Nets() []string { return []string{"mlp", "conv"} }

// Net is a network without anything that saves multiply-adds, for frames.
func Net(name string, c frames.Config) (*topology.Topology, error) {
	text, ok := map[string][]byte{"mlp": mlp, "conv": conv}[name]
	if !ok {
		return nil, fmt.Errorf("deltatable: network %q: expected one of %q", name, Nets())
	}
	t, err := topology.Parse(text, name+".yaml")
	if err != nil {
		return nil, err
	}
	t.Input.Shape = topology.Shape{Channels: c.Planes(), Height: c.Rows(), Width: c.Columns()}
	t.Input.Max = c.Levels
	return t, nil
}

// InputSlot is the name of what stands in front of the first layer.
const InputSlot = "in"

// With puts layers in front of the first layer and layers behind each ReLU: the places from
// which layers with weights take their inputs. The layers' names are filled in.
func With(t *topology.Topology, input, hidden []topology.Layer) *topology.Topology {
	out := *t
	out.Layers = nil
	put := func(where string, slots []topology.Layer) {
		for i, slot := range slots {
			slot.Name = where
			if i > 0 {
				slot.Name += "-" + string(slot.Kind)
			}
			out.Layers = append(out.Layers, slot)
		}
	}
	put(InputSlot, input)
	for _, l := range t.Layers {
		out.Layers = append(out.Layers, l)
		if l.Kind == topology.ReLU {
			put(SlotOf(l.Name), hidden)
		}
	}
	return &out
}

// Everywhere is With of one layer at all places.
func Everywhere(t *topology.Topology, slot topology.Layer) *topology.Topology {
	return With(t, []topology.Layer{slot}, []topology.Layer{slot})
}

// SlotOf is the name of what With puts behind a ReLU.
func SlotOf(relu string) string { return "behind-" + relu }
