package train

import (
	"slices"

	"github.com/saccade-dev/saccade/features/delta/topology"
)

// lane computes some sequences of a batch, one chunk after the other, on one goroutine. What it
// gives depends on its sequences only.
type lane struct {
	net    *network
	task   *task
	rows   int
	starts []int // of each sequence of the chunk among its rows, and one more for the end
	chunk  []Sequence

	values  [][]float32 // of each node that holds values, [row][channel][row][column]
	grads   [][]float32 // of the loss by them
	written []bool      // whether a layer has put its share into a gradient

	gradient []float32 // by the network's numbers
	steps    []float64 // by the logarithms of its steps
	columns  []float32 // of a convolution under its kernels
	back     []float32 // the same for the gradient

	own    []float32 // the gradient of a layer's own sparsity loss
	shares []float64 // of outputs in the softmax
	order  []int32   // of values by magnitude

	sums sums
}

// common is what layers have.
type common struct {
	index, from int
	node        *topology.Node
}

// layer computes its values from those of the layers before it, and, in a backward
// pass, the gradient of those from its own.
type layer interface {
	forward(l *lane)
	backward(l *lane)
}

// How many steps of all sequences are computed at once: enough to load weights seldom, few
// enough for values to stay in the cache, and so few of a large network that a lane's
// values, and as many gradients, take 128 MiB.
const (
	chunkRows   = 128
	chunkValues = 1 << 24
)

func newLane(n *network, t *task) *lane {
	nodes := len(n.graph.Nodes)
	return &lane{
		net: n, task: t, values: make([][]float32, nodes), grads: make([][]float32, nodes), written: make([]bool, nodes),
		gradient: make([]float32, len(n.numbers)), steps: make([]float64, len(n.steps)),
	}
}

// eachChunk goes through sequences, as many at a time as fit a chunk.
func (l *lane) eachChunk(list []Sequence, f func()) {
	for len(list) > 0 {
		count, rows := 0, 0
		for count < len(list) && (count == 0 || rows+list[count].Steps <= l.net.chunk) {
			rows += list[count].Steps
			count++
		}
		l.take(list[:count], rows)
		f()
		list = list[count:]
	}
}

// take puts the inputs of a chunk in place.
func (l *lane) take(chunk []Sequence, rows int) {
	l.chunk, l.rows, l.starts = chunk, rows, l.starts[:0]
	in := l.room(&l.values[0], l.net.graph.Nodes[0].Out.Len())
	worth := float32(l.net.input)
	at := 0
	for i := range chunk {
		l.starts = append(l.starts, at)
		for k, v := range chunk[i].Levels {
			in[k] = float32(v) * worth
		}
		in = in[len(chunk[i].Levels):]
		at += chunk[i].Steps
	}
	l.starts = append(l.starts, at)
}

// room makes a slice of so many values a row.
func (l *lane) room(s *[]float32, values int) []float32 {
	if need := l.rows * values; cap(*s) < need {
		*s = make([]float32, need)
	} else {
		*s = (*s)[:need]
	}
	return *s
}

// forward computes all layers.
func (l *lane) forward() {
	for i, layer := range l.net.layers {
		if layer != nil {
			l.room(&l.values[i], l.net.graph.Nodes[i].Out.Len())
			layer.forward(l)
		}
	}
}

// output are the values of the last layer.
func (l *lane) output() []float32 { return l.values[l.net.of[len(l.net.of)-1]] }

// backward computes the gradients of all numbers and steps; that of the outputs is there.
func (l *lane) backward() {
	for i, layer := range slices.Backward(l.net.layers) {
		if layer != nil && l.net.needs[i] {
			l.spatial(i)
			layer.backward(l)
		}
	}
}

// into is where a layer puts its share of the gradient of a node's values, and whether there is
// another's share to add to. Nil where nobody asks for it.
func (l *lane) into(node int) (g []float32, add bool) {
	if !l.net.needs[node] {
		return nil, false
	}
	add = l.written[node]
	l.written[node] = true
	return l.room(&l.grads[node], l.net.graph.Nodes[node].Out.Len()), add
}
