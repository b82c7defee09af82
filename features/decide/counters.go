package decide

import (
	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// LayerCounters say what a layer of the network has done in all frames.
type LayerCounters struct {
	Layer   string `json:"layer"`
	Neurons int    `json:"neurons"`
	// MACs are multiply-adds done, Dense those of a network that computes everything in
	// every frame. Both are 0 of layers without weights.
	MACs  uint64 `json:"macs"`
	Dense uint64 `json:"dense_macs"`
	// Sent is how many changes the layer passed on, Values how many there could have
	// been: its neurons, times the frames. Both are 0 of a flatten, which hands on what it
	// was sent.
	Sent   uint64 `json:"sent"`
	Values uint64 `json:"values"`
	// DenseSteps is how many frames the layer computed in dense form.
	DenseSteps uint64 `json:"dense_steps"`
	// StateBytes is what the layer remembers from frame to frame.
	StateBytes int `json:"state_bytes"`
}

// Density is the share of a layer's values that it passed on, 0 before the first frame.
func (c *LayerCounters) Density() float64 { return share(c.Sent, c.Values) }

// Counters say what a decider has done since it was made.
type Counters struct {
	// Frames are those that were given to the network, Empty those among them without an
	// event; Skipped are the empty intervals that were left out.
	Frames  uint64 `json:"frames"`
	Empty   uint64 `json:"empty_frames"`
	Skipped uint64 `json:"skipped_intervals"`
	// First is how many of the frames were the first of their recording, which are
	// computed whole, and FirstMACs what they took.
	First     uint64 `json:"first_frames"`
	FirstMACs uint64 `json:"first_frame_macs"`

	Layers []LayerCounters `json:"layers"`
}

// MACs are the multiply-adds of all layers, done and dense.
func (c *Counters) MACs() (done, dense uint64) {
	for i := range c.Layers {
		done += c.Layers[i].MACs
		dense += c.Layers[i].Dense
	}
	return done, dense
}

// Sent is how many changes all layers passed on.
func (c *Counters) Sent() (n uint64) {
	for i := range c.Layers {
		n += c.Layers[i].Sent
	}
	return n
}

// StateBytes is what all layers remember from frame to frame.
func (c *Counters) StateBytes() (n int) {
	for i := range c.Layers {
		n += c.Layers[i].StateBytes
	}
	return n
}

// PerFrame are the multiply-adds a frame, 0 without frames: done, those of a dense
// network, and those done in frames that are not the first of a recording.
func (c *Counters) PerFrame() (done, dense, later float64) {
	d, all := c.MACs()
	return share(d, c.Frames), share(all, c.Frames), share(d-c.FirstMACs, c.Frames-c.First)
}

// Add adds what a decider of the same network has done.
func (c *Counters) Add(other *Counters) {
	c.Frames += other.Frames
	c.Empty += other.Empty
	c.Skipped += other.Skipped
	c.First += other.First
	c.FirstMACs += other.FirstMACs
	if c.Layers == nil {
		c.Layers = append(c.Layers, other.Layers...)
		return
	}
	for i := range c.Layers {
		l, o := &c.Layers[i], &other.Layers[i]
		l.MACs += o.MACs
		l.Dense += o.Dense
		l.Sent += o.Sent
		l.Values += o.Values
		l.DenseSteps += o.DenseSteps
	}
}

// layersOf is what an engine has counted.
func layersOf(e *delta.Engine) []LayerCounters {
	c, kinds := e.Counters(), e.Network().Topology().Layers
	out := make([]LayerCounters, len(c.Layers))
	for i, l := range c.Layers {
		out[i] = LayerCounters{
			Layer: l.Layer, Neurons: l.Neurons, MACs: l.TotalMACs, Dense: l.DenseMACs * c.Steps,
			Sent: l.TotalSent, Values: uint64(l.Neurons) * c.Steps, DenseSteps: l.DenseSteps, StateBytes: l.StateBytes,
		}
		// The engine's layers are some of the topology's, in their order.
		for len(kinds) > 0 && i > 0 {
			kind := kinds[0]
			kinds = kinds[1:]
			if kind.Name == l.Layer {
				if kind.Kind == topology.Flatten {
					out[i].Sent, out[i].Values = 0, 0
				}
				break
			}
		}
	}
	return out
}

func share(part, of uint64) float64 {
	if of == 0 {
		return 0
	}
	return float64(part) / float64(of)
}
