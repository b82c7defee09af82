package deltatable

import (
	"fmt"
	"regexp"
	"strings"
)

// Key says of what a result is.
type Key struct {
	Data    string `json:"data"`
	Net     string `json:"net"`
	Seed    uint64 `json:"seed"`
	Arm     string `json:"arm"`
	Setting string `json:"setting"`
}

// file is a name for what is kept beside a result.
func (k Key) file() string {
	name := fmt.Sprintf("%s_%s_%d_%s_%s", k.Data, k.Net, k.Seed, k.Arm, k.Setting)
	return strings.Trim(regexp.MustCompile(`[^A-Za-z0-9.]+`).ReplaceAllString(name, "-"), "-")
}

// Result is what was measured of one trained network.
type Result struct {
	Key
	Temporal bool    `json:"temporal"` // it computes on changes, and not on what is not zero
	Held     Figures `json:"held"`     // of the recordings that settings are chosen by
	Test     Figures `json:"test"`     // of those that are reported
	// Dense are the multiply-adds of a frame without any sparsity.
	Dense float64 `json:"dense"`
	// State is what is remembered from frame to frame, bytes.
	State int `json:"state"`
	// Integer is the accuracy by recording of the integer network on some of the recordings that are
	// reported, Real that of the network of real numbers on the same.
	Integer float64 `json:"integer"`
	Real    float64 `json:"real"`
	// Counted are the multiply-adds a frame on these that the integer network's engine counts, first
	// frames apart, Measured what train.Measure says of them; of arms that compute on changes.
	Counted  float64 `json:"counted,omitempty"`
	Measured float64 `json:"measured,omitempty"`
	Seconds  float64 `json:"seconds"` // of training, of this result alone
}

// Figures are of one set of recordings.
type Figures struct {
	Frames     float64 `json:"frames"`     // accuracy by frame, 0 to 1
	Recordings float64 `json:"recordings"` // by the sum of a recording's outputs
	Loss       float64 `json:"loss"`       // cross-entropy, nats a frame
	// Spatial is the share of the inputs of layers with weights that is zero, Temporal that is
	// what it was in the frame before, each weighted by fan-out: the share of multiply-adds that there is no need for.
	Spatial  float64 `json:"spatial"`
	Temporal float64 `json:"temporal"`
	// MACs are the effective multiply-adds of a frame that is not the first; FirstMACs
	// those of the first.
	MACs      float64 `json:"macs"`
	FirstMACs float64 `json:"first_macs"`
	// Layers are those of each layer with weights, of a frame that is not the first.
	Layers []LayerFigures `json:"layers"`
}

// LayerFigures are of a layer with weights.
type LayerFigures struct {
	Name    string  `json:"name"`
	Dense   float64 `json:"dense"`
	Nonzero float64 `json:"nonzero"` // multiply-adds of inputs that are not zero
	Changed float64 `json:"changed"` // of inputs that changed
}
