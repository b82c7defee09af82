package readout_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/readout"
)

// Without a schedule scores are taken as they are; with one, by its temperature for as
// much as was counted.
func TestScheduleDecides(t *testing.T) {
	var none *readout.Schedule
	scores := []float64{1, 3, 3, -2}
	class, confidence := none.Decide(scores, 5)
	require.Equal(t, 1, class, "the first of equals")
	sum := math.E + 2*math.Exp(3) + math.Exp(-2)
	require.InDelta(t, math.Exp(3)/sum, confidence, 1e-12)
	require.InDelta(t, math.E/sum, scores[0], 1e-12, "the scores become confidences")
	require.InDelta(t, 1, scores[0]+scores[1]+scores[2]+scores[3], 1e-12)

	// What is right at first and wrong later: less and less is to be believed.
	var traces [][][]float64
	var labels []int
	for i := range 40 {
		later := i % 2
		traces, labels = append(traces, [][]float64{{1, 0}, {1, 0}}), append(labels, 0)
		if later == 1 {
			traces[i][1] = []float64{0, 1}
		}
	}
	s, err := readout.Calibrate(traces, labels, 2)
	require.NoError(t, err)
	_, first := s.Decide([]float64{1, 0}, 1)
	_, between := s.Decide([]float64{1, 0}, 2)
	require.Greater(t, first, 0.9)
	require.InDelta(t, 0.5, between, 0.01)
	_, nothing := s.Decide([]float64{1, 0}, 0)
	require.InDelta(t, 0.5, nothing, 1e-12, "nothing was seen")
}
