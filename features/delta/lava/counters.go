package lava

import "github.com/saccade-dev/saccade/features/delta/topology"

// Counters are what a layer has done, since the network was made or reset.
type Counters struct {
	Layer           string // its name; input for the delta of the input
	Neurons         int
	MACs, TotalMACs uint64 // multiply-adds in the last step, and in all
	DenseMACs       uint64 // of a step in which every input is multiplied; 0 for the input
	Sent, TotalSent uint64 // changes passed on: 0 of the last layer, whose values are the output
	StateBytes      int    // what it remembers from step to step
}

// valueBytes is what a value takes that is remembered.
const valueBytes = 4

// send counts the changes of a step.
func (c *Counters) send(n int) {
	c.Sent = uint64(n)
	c.TotalSent += c.Sent
}

// clear forgets what was done.
func (c *Counters) clear() { c.MACs, c.TotalMACs, c.Sent, c.TotalSent = 0, 0, 0, 0 }

// Counters are those of the input and of all layers with weights, in their order.
func (n *Network) Counters() []Counters {
	out := append(make([]Counters, 0, 1+len(n.layers)), n.entered)
	for _, l := range n.layers {
		out = append(out, l.counters)
	}
	return out
}

// inputCounters are those of a delta of the input.
func inputCounters(values int) Counters {
	return Counters{Layer: topology.InputName, Neurons: values, StateBytes: valueBytes * values}
}
