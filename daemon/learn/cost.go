package learn

import (
	"slices"
	"time"

	"github.com/saccade-dev/saccade/features/readout"
)

// Cost is what a readout takes.
type Cost struct {
	FileBytes   int64         // in a model's file
	MemoryBytes int64         // when it is used
	Decision    time.Duration // of one vector, on one core, the median of many
}

// measured is how long decisions are made for a median, which, unlike a mean, does not
// tell of whatever else the machine does.
const measured = 50 * time.Millisecond

// CostOf measures a readout on vectors that it can judge.
func CostOf(c readout.Classifier, rows [][]float32) (Cost, error) {
	b, err := c.MarshalBinary()
	if err != nil {
		return Cost{}, err
	}
	out := Cost{FileBytes: int64(len(b)), MemoryBytes: c.Bytes()}
	var each []time.Duration
	for start := time.Now(); len(rows) > 0 && (len(each) == 0 || time.Since(start) < measured); {
		before := time.Now()
		if _, _, err := c.Predict(rows[len(each)%len(rows)]); err != nil {
			return Cost{}, err
		}
		each = append(each, time.Since(before))
	}
	if n := len(each); n > 0 {
		slices.Sort(each)
		out.Decision = each[(n-1)/2]
	}
	return out, nil
}
