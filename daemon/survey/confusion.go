package survey

import (
	"github.com/saccade-dev/saccade/daemon/report"
	"github.com/saccade-dev/saccade/features/readout"
)

// Confusion gives a readout's confusion as the report draws it.
func Confusion(of *readout.Confusion) report.Confusion {
	labels := of.Classes()
	c := report.Confusion{Labels: labels, Counts: make([][]int, len(labels))}
	for want := range labels {
		for got := range labels {
			c.Counts[want] = append(c.Counts[want], of.Count(want, got))
		}
	}
	return c
}
