package decide

import (
	"fmt"
	"slices"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
)

// Trial is a recording's frames, [frame][plane][row][column], with the class that it is
// of, an index into the labels.
type Trial struct {
	Frames [][]int32
	Class  int
}

// Calibrate finds the temperatures of confidences over recordings, which have to be
// others than those that the network was trained on; see [readout.Calibrate]. The network is
// as it was, and the result has them.
func Calibrate(n *Network, target hw.Target, trials []Trial) (*Network, error) {
	if err := n.Validate(); err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	engine, err := delta.NewEngine(n.Net, target)
	if err != nil {
		return nil, err
	}
	var single, whole [][][]float64
	var singleOf, wholeOf []int
	for i, trial := range trials {
		engine.Reset()
		sums := make([]float64, len(n.Labels))
		var trace [][]float64
		for k, values := range trial.Frames {
			output, err := engine.Step(values)
			if err != nil {
				return nil, fmt.Errorf("recording %d, frame %d: %w", i, k, err)
			}
			scores := n.Net.Real(nil, output)
			single, singleOf = append(single, [][]float64{scores}), append(singleOf, trial.Class)
			for c, s := range scores {
				sums[c] += s
			}
			if k+1 == 1<<len(trace) {
				mean := slices.Clone(sums)
				for c := range mean {
					mean[c] /= float64(k + 1)
				}
				trace = append(trace, mean)
			}
		}
		whole, wholeOf = append(whole, trace), append(wholeOf, trial.Class)
	}
	out := *n
	if out.Interval, err = readout.Calibrate(single, singleOf, len(n.Labels)); err != nil {
		return nil, err
	}
	if out.Whole, err = readout.Calibrate(whole, wholeOf, len(n.Labels)); err != nil {
		return nil, err
	}
	return &out, nil
}
