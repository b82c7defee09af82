package pool

import (
	"fmt"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/events"
)

// Join makes what several layers answered to a packet into one stream of feature events,
// so that a descriptor of one layer's features counts those of all: an event is in it once
// for each layer, one behind the other, and the features of each layer are numbered behind
// those of the one before. An event that a layer did not answer with a feature is there with
// what it answered, and is not counted.
//
// Counts of several layers together recognise better than those of the last alone where
// that has left something out; the construction is ours.
type Join struct {
	layers []int   // from 0
	first  []int16 // the number of each layer's first feature
	in     []events.Event
	joined []int16
}

// NewJoin makes a join of some of the layers of a stack, numbered from 1 in ascending
// order, by how many features each layer of the stack has.
func NewJoin(layers, features []int) (*Join, error) {
	if err := checkLayers(layers); err != nil {
		return nil, err
	}
	j := &Join{}
	sum := 0
	for _, n := range layers {
		if n > len(features) {
			return nil, fmt.Errorf("pool: layer %d: expected one of %d", n, len(features))
		}
		j.layers, j.first = append(j.layers, n-1), append(j.first, int16(sum))
		if sum += features[n-1]; features[n-1] < 1 || sum > math.MaxInt16 {
			return nil, fmt.Errorf("pool: layers %v: expected 1 to %d features in all", layers, math.MaxInt16)
		}
	}
	return j, nil
}

// JoinedFeatures is how many features the layers have together that a join is of; the
// numbers are valid.
func JoinedFeatures(layers, features []int) (sum int) {
	for _, n := range layers {
		sum += features[n-1]
	}
	return sum
}

// MaxLayers is the most layers that can be counted together.
const MaxLayers = 8

// checkLayers checks numbers of layers, from 1.
func checkLayers(layers []int) error {
	if len(layers) > MaxLayers {
		return fmt.Errorf("pool: %d layers: expected %d at most", len(layers), MaxLayers)
	}
	for i, n := range layers {
		if n < 1 || i > 0 && n <= layers[i-1] {
			return fmt.Errorf("pool: layers %v: expected numbers from 1 in ascending order", layers)
		}
	}
	return nil
}

// Packet joins the answers to a packet's events, which answers gives by layer, from 0, one
// an event. What it returns is the join's own until the next call.
func (j *Join) Packet(in []events.Event, answers func(layer int) []int16) Answers {
	each := len(j.layers)
	n := each * len(in)
	j.in, j.joined = slices.Grow(j.in[:0], n)[:n], slices.Grow(j.joined[:0], n)[:n]
	for k, layer := range j.layers {
		winners := answers(layer)
		if len(winners) != len(in) {
			panic(PanicAnswers)
		}
		for i, w := range winners {
			if w >= 0 {
				w += j.first[k]
			}
			j.in[i*each+k], j.joined[i*each+k] = in[i], w
		}
	}
	return Answers{j.in, j.joined, each}
}

// PanicAnswers is the panic of Packet for another number of answers than events.
const PanicAnswers = "pool: a layer's answers are not one an event"

// Answers are what is counted of a packet: the events, as often as there are layers that
// answer, and the features that won them.
type Answers struct {
	In      []events.Event
	Winners []int16
	Each    int // entries an event
}

// Single are the answers of one layer.
func Single(in []events.Event, winners []int16) Answers { return Answers{in, winners, 1} }

// Part are the answers to events from one up to another of the packet.
func (a Answers) Part(from, to int) Answers {
	return Answers{a.In[a.Each*from : a.Each*to], a.Winners[a.Each*from : a.Each*to], a.Each}
}

// Won is how many of the answers are features.
func (a Answers) Won() (n uint64) {
	for _, w := range a.Winners {
		if w >= 0 {
			n++
		}
	}
	return n
}
