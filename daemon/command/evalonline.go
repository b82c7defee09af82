package command

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
)

// onlineShares are the shares of a recording's time at which there is a decision.
var onlineShares = []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1}

// onlineResult is what decisions within recordings are worth.
type onlineResult struct {
	Scheduled bool          `json:"scheduled"` // confidences are calibrated by how much has been seen
	Shares    []onlineShare `json:"shares"`
	// SettledMS is the median time from a recording's first event to the share from
	// which on all decisions were that of its end.
	SettledMS   float64                  `json:"settled_ms"`
	ECE         float64                  `json:"ece"`         // of all decisions
	Reliability []readout.ReliabilityBin `json:"reliability"` // of all decisions
	table       string
}

// onlineShare is what decisions after a share of the time are worth.
type onlineShare struct {
	Share      float64 `json:"share"`
	TimeMS     float64 `json:"time_ms"` // since the first event, the mean
	Events     float64 `json:"events"`  // seen by then, the mean
	Accuracy   float64 `json:"accuracy"`
	Confidence float64 `json:"confidence"` // the mean
	ECE        float64 `json:"ece"`
}

// evalOnline follows recordings whose labels the model knows.
func evalOnline(ctx context.Context, m *model.Model, target hw.Target, recordings []nmnist.Recording, done func()) (*onlineResult, error) {
	decisions, err := learn.Decisions(ctx, m, target, recordings, onlineShares, done)
	if err != nil {
		return nil, err
	}
	return onlineOf(decisions, m.Readout.Classes(), m.Schedule != nil, recordings), nil
}

// onlineOf sums up decisions on recordings, one at each of the shares.
func onlineOf(decisions [][]learn.Decision, classes []string, scheduled bool, recordings []nmnist.Recording) *onlineResult {
	r := &onlineResult{Scheduled: scheduled}
	var all readout.Reliability
	n := float64(len(recordings))
	for k, share := range onlineShares {
		var at readout.Reliability
		s := onlineShare{Share: share}
		for i, row := range decisions {
			d := row[k]
			right := classes[d.Class] == recordings[i].Label
			at.Add(d.Confidence, right)
			all.Add(d.Confidence, right)
			s.TimeMS += float64(d.Time) / 1000 / n
			s.Events += float64(d.Events) / n
		}
		s.Accuracy, s.Confidence, s.ECE = at.Accuracy(), at.Confidence(), at.ECE()
		r.Shares = append(r.Shares, s)
	}
	r.ECE, r.Reliability, r.table = all.ECE(), all.Bins(), all.String()
	r.SettledMS = float64(median(settled(decisions))) / 1000
	return r
}

// settled is, for each recording, the time from which on decisions did not change.
func settled(decisions [][]learn.Decision) []int64 {
	out := make([]int64, len(decisions))
	for i, row := range decisions {
		k := len(row) - 1
		for k > 0 && row[k-1].Class == row[k].Class {
			k--
		}
		out[i] = row[k].Time
	}
	return out
}

// median is the lower one of an even number; there is at least one.
func median(v []int64) int64 {
	slices.Sort(v)
	return v[(len(v)-1)/2]
}

// calibratedECE is the error from which on confidences cannot be called calibrated.
const calibratedECE = 0.1

// String is the result for people.
func (r *onlineResult) String() string {
	var b strings.Builder
	b.WriteString("  seen     time  events    right  confidence    ECE\n")
	for _, s := range r.Shares {
		fmt.Fprintf(&b, "  %3.0f %%  %4.0f ms  %6.0f  %7s  %10.3f  %.3f\n",
			100*s.Share, s.TimeMS, s.Events, percent(s.Accuracy), s.Confidence, s.ECE)
	}
	are := "are not calibrated, though scaled"
	if r.ECE < calibratedECE {
		are = "are calibrated"
	}
	by := "by how much has been seen"
	if !r.Scheduled {
		by = "for whole recordings only: the model has no schedule"
	}
	fmt.Fprintf(&b, "\n%s\n  half of the recordings kept their final label from %.0f ms on (looked at every 10 %%)\n"+
		"  confidences %s %s; their error (ECE) over all shares is %.3f,\n  %s\n", r.table, r.SettledMS, are, by, r.ECE, ofGiven.inWords())
	return b.String()
}
