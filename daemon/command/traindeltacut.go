package command

import (
	"fmt"
	"strings"

	"github.com/saccade-dev/saccade/features/delta/train"
)

// cutResult is what `train delta --cut` found.
type cutResult struct {
	P        float64    `json:"p"`
	Relative float64    `json:"relative_error"`
	Uncut    float64    `json:"cross_entropy_uncut"` // of the recordings held out, in float32
	Cut      float64    `json:"cross_entropy_cut"`
	Layers   []cutLayer `json:"layers"`
}

type cutLayer struct {
	Layer  string  `json:"layer"`
	Bound  float64 `json:"bound"`
	Zeroed float64 `json:"zeroed"` // share of the values in front of it that were not zero
}

func newCutResult(p float64, c *train.Cuts) *cutResult {
	if c == nil {
		return nil
	}
	r := &cutResult{P: p, Relative: c.Relative, Uncut: c.Uncut, Cut: c.Cut, Layers: []cutLayer{}}
	for _, l := range c.Layers {
		r.Layers = append(r.Layers, cutLayer{l.Layer, l.Bound, l.Zeroed})
	}
	return r
}

// String is the result for people.
func (r *cutResult) String() string {
	var b strings.Builder
	if len(r.Layers) == 0 {
		fmt.Fprintf(&b, "  cut     nothing: the cross-entropy of what was held out is %.4f, and p = %s %% more would be that of guessing\n", r.Uncut, plainly(r.P))
		return b.String()
	}
	fmt.Fprintf(&b, "  cut     p = %s %%: cross-entropy %.4f, %.4f before it; a relative error of %.4f behind each cut, chosen by what was held out\n", plainly(r.P), r.Cut, r.Uncut, r.Relative)
	for _, l := range r.Layers {
		if l.Zeroed == 0 {
			fmt.Fprintf(&b, "          %s: nothing would be cut, and it was left out\n", shortLayer(l.Layer))
			continue
		}
		fmt.Fprintf(&b, "          %s: below %s, %s of the values that were not zero\n", shortLayer(l.Layer), ratio(l.Bound), shareOf(l.Zeroed))
	}
	return b.String()
}
