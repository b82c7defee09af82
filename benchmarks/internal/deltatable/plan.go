package deltatable

import (
	"fmt"

	"github.com/saccade-dev/saccade/features/delta/train"
)

// Plan says what is trained and measured. Two tables of one plan have the same results.
type Plan struct {
	Version int `json:"version"` // of the harness: raised when results become others

	Seeds   int              `json:"seeds"`
	Studies []Study          `json:"studies"` // in the order in which they are made, all seeds of one first
	Sizes   map[string]Sizes `json:"sizes"`   // by data set
	Window  int              `json:"window"`  // steps of the stretches that are trained on
	Batch   int              `json:"batch"`   // stretches

	// Steps say how those of delta activations are learned; the levels that they begin with among it.
	Steps train.Steps `json:"steps"`

	// Begin are the levels up to the largest value that delta activations begin with where they refine.
	Begin Pair `json:"begin"`

	// Settings of the arms.
	L1         []float64 `json:"l1"`         // lambda
	TopK       []float64 `json:"topk"`       // shares that are kept
	Cut        []float64 `json:"cut"`        // p of PPL-p%
	Thresholds []Pair    `json:"thresholds"` // in 127ths of a layer's largest value
	Levels     []Pair    `json:"levels"`     // of quantisation after training, up to a layer's largest value
	Fixed      []int     `json:"fixed"`      // of quantisation-aware training from the start, of all layers
	Refined    []Pair    `json:"refined"`    // of the same where it refines
	Both       []Pair    `json:"both"`       // of fixed steps beside which there is a lambda,
	BothLambda float64   `json:"both_lambda"`
	Lambda     []float64 `json:"lambda"`   // of delta activations from the start,
	Refining   []float64 `json:"refining"` // and where they refine
	Behind     []Pair    `json:"behind"`   // thresholds, in steps, that these are run with afterwards; 0 is a delta activation
	Trained    []Pair    `json:"trained"`  // thresholds that training refines with
}

// Study is a data set and a network.
type Study struct {
	Data   string  `json:"data"`
	Net    string  `json:"net"`
	Epochs int     `json:"epochs"` // the whole budget of an arm
	Rate   float64 `json:"rate"`   // of learning
	Decay  float64 `json:"decay"`  // of weights
}

// Pair is a number for the input and one for the layers behind.
type Pair struct{ Input, Hidden int }

// String is how tables have it.
func (p Pair) String() string { return fmt.Sprintf("%d, %d", p.Input, p.Hidden) }

// base is what all results depend on: with settings, arms or seeds beside them they stay as they are.
func (p *Plan) base() any {
	studies := map[string]Study{}
	for _, s := range p.Studies {
		studies[s.Data+", "+s.Net] = s
	}
	return struct {
		Version       int
		Studies       map[string]Study
		Sizes         map[string]Sizes
		Window, Batch int
		Steps         train.Steps
		Begin         Pair
	}{p.Version, studies, p.Sizes, p.Window, p.Batch, p.Steps, p.Begin}
}

// Whole is the plan of the table. Rates and decay are about those with which the ReLU baseline was best on the
// recordings held out, of rates that were two or three times apart; other arms have the same.
func Whole(seeds int) Plan {
	return Plan{
		Version: 1, Seeds: seeds,
		Studies: []Study{
			{Moving, "mlp", 6, 6e-3, 0.3},
			{Real, "mlp", 12, 6e-3, 0.3},
			{Moving, "conv", 4, 12e-3, 0},
			{Saccades, "mlp", 4, 6e-3, 0.3},
			{Real, "conv", 8, 12e-3, 0},
			{Saccades, "conv", 4, 12e-3, 0},
		},
		Sizes: map[string]Sizes{
			Real:     {Train: 600, Held: 200},
			Saccades: {Train: 2000, Held: 300, Test: 600},
			Moving:   {Train: 2000, Held: 300, Test: 600},
		},
		Window: 9, Batch: 32,
		Steps: train.Steps{Rate: 0.03, Levels: 8},
		Begin: Pair{8, 32},
		L1:    []float64{0.3, 1}, TopK: []float64{0.2}, Cut: []float64{1, 5, 10},
		Thresholds: []Pair{{2, 2}, {4, 4}, {8, 8}, {16, 16}, {16, 4}, {24, 24}, {24, 8}, {32, 32}, {32, 16}, {32, 8}, {48, 16}, {48, 8}},
		Levels:     []Pair{{64, 64}, {32, 32}, {16, 16}, {8, 8}, {8, 32}, {6, 32}, {4, 4}, {4, 16}, {4, 64}, {3, 64}, {2, 2}, {2, 16}, {2, 64}, {1, 16}},
		Fixed:      []int{4, 2}, Refined: []Pair{{4, 16}, {2, 16}},
		Both: []Pair{{4, 16}}, BothLambda: 3,
		Lambda: []float64{2, 4, 5, 6, 8}, Refining: []float64{5, 10},
		Behind:  []Pair{{1, 1}, {0, 1}, {2, 2}},
		Trained: []Pair{{24, 8}, {32, 8}},
	}
}
