package train

import (
	"math"

	"github.com/saccade-dev/saccade/features/delta/topology"
)

// meter counts the work of a layer with weights.
type meter struct {
	node, from int
	reach      []uint32 // multiply-adds of an input's value, by its pixel
}

// newMeters are those of all layers with weights.
func newMeters(n *network) (out []meter) {
	for i := range n.graph.Nodes {
		if node := &n.graph.Nodes[i]; node.Kind.Weighted() {
			out = append(out, meter{i, n.of[node.From], reach(node)})
		}
	}
	return out
}

// work is that of a step; before are the inputs of the step before it, nil before the first,
// when all is zero.
func (m *meter) work(now, before []float32) Work {
	w := Work{Steps: 1}
	w.Nonzero, w.NonzeroMACs = m.differ(now, nil)
	w.Changed, w.ChangedMACs = w.Nonzero, w.NonzeroMACs
	if before != nil {
		w.Changed, w.ChangedMACs = m.differ(now, before)
	}
	return w
}

// differ counts the inputs that are others than before, nil for all zero, and their
// multiply-adds. Which do is what no branch can be predicted by.
func (m *meter) differ(now, before []float32) (values, macs uint64) {
	for at := 0; at < len(now); at += len(m.reach) {
		row := now[at:][:len(m.reach)]
		old := row
		if before != nil {
			old = before[at:][:len(m.reach)]
		}
		for i, v := range row {
			if before != nil {
				v -= old[i] // zero for nothing but the same
			}
			bits := math.Float32bits(v) << 1
			differs := uint32(int32(bits|-bits) >> 31)
			values += uint64(differs & 1)
			macs += uint64(differs & m.reach[i])
		}
	}
	return values, macs
}

// StateBytes is what a network remembers from step to step when it is run on changes, in 32
// bits a number: the sums of layers with weights and of average pooling, what the input and
// quantising layers have sent last, and the values of every other layer but those that hand
// on what they are given and a ReLU that only quantising layers take, which needs none. The
// engine of package delta tells its own, which is more where it keeps values twice to
// compare by.
func StateBytes(g *topology.Graph) int {
	bytes := 0
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if n.Kind == topology.Flatten || n.Kind == topology.ReLU && onlyQuantised(g, n) {
			continue
		}
		bytes += 4 * n.Out.Len()
	}
	return bytes
}

func onlyQuantised(g *topology.Graph, n *topology.Node) bool {
	for _, i := range n.Takers {
		if !g.Nodes[i].Kind.Quantises() {
			return false
		}
	}
	return len(n.Takers) > 0
}
