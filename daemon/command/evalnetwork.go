package command

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
)

// network judges recordings by a network over frames.
func (c *evalCmd) network(e *env, m *model.Model, target hw.Target, recordings []nmnist.Recording) error {
	bars := e.bars()
	stage := bars.Stage("recognising")
	start := time.Now()
	v, err := learn.Recognise(e.ctx, m, target, recordings, stage.Steps(len(recordings)))
	seconds := time.Since(start).Seconds()
	stage.End()
	bars.Close()
	if err != nil {
		return err
	}
	labels := m.Network.Labels
	confusion := readout.NewConfusion(labels)
	for i, course := range v.Recordings {
		confusion.Add(slices.Index(labels, recordings[i].Label), course.Final.Class)
	}
	r := evalResult{
		Accuracy: confusion.Accuracy(), Recordings: len(recordings), Events: v.Events,
		EventsPerS: float64(v.Events) / seconds, Device: target.Name(), Confusion: confusion,
		Network: newNetworkResult(m.Network, v, recordings),
	}
	if c.Online {
		r.Online = onlineOf(shared(v.Recordings), labels, m.Network.Whole != nil, recordings)
	}
	return c.print(e, r)
}

// shared are the decisions after the shares of each recording's frames.
func shared(courses []learn.Course) [][]learn.Decision {
	out := make([][]learn.Decision, len(courses))
	for i, course := range courses {
		for _, share := range onlineShares {
			// A share such as 0.3 is a little more or less than what it is meant to be.
			k := int(math.Ceil(share*float64(len(course.Soon)) - 1e-9))
			out[i] = append(out[i], course.Soon[k-1])
		}
	}
	return out
}

// networkResult is what a network took to judge recordings, and what its frames alone
// are worth.
type networkResult struct {
	decide.Counters
	// FrameAccuracy and FrameECE are of decisions from single frames that have an event,
	// ECE is of those on whole recordings.
	FrameAccuracy float64 `json:"frame_accuracy"`
	FrameECE      float64 `json:"frame_ece"`
	ECE           float64 `json:"ece"`
	// Multiply-adds a frame: done, done in frames that are not the first of a recording,
	// and those of a network that computes everything in every frame.
	MACs      float64 `json:"macs_per_frame"`
	LaterMACs float64 `json:"later_macs_per_frame"`
	DenseMACs float64 `json:"dense_macs_per_frame"`
	Sent      float64 `json:"sent_per_frame"`
	State     int     `json:"state_bytes"`

	calibrated bool
	recordings int
}

func newNetworkResult(n *decide.Network, v *learn.Recognised, recordings []nmnist.Recording) *networkResult {
	r := &networkResult{
		Counters: v.Counters, State: v.Counters.StateBytes(),
		calibrated: n.Interval != nil && n.Whole != nil, recordings: len(recordings),
	}
	r.MACs, r.DenseMACs, r.LaterMACs = v.Counters.PerFrame()
	r.Sent = float64(v.Counters.Sent()) / float64(max(v.Counters.Frames, 1))
	var single, whole readout.Reliability
	for i, course := range v.Recordings {
		right := func(d learn.Decision) bool { return n.Labels[d.Class] == recordings[i].Label }
		for _, d := range course.Singles {
			if d.Events > 0 {
				single.Add(d.Confidence, right(d))
			}
		}
		whole.Add(course.Final.Confidence, right(course.Final))
	}
	r.FrameAccuracy, r.FrameECE, r.ECE = single.Accuracy(), single.ECE(), whole.ECE()
	return r
}

// String is the result for people.
func (r *networkResult) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "  frames  %s, %.1f a recording, %s of them without an event; by one alone %s are right\n",
		grouped(r.Frames), float64(r.Frames)/float64(max(r.recordings, 1)), grouped(r.Empty), percent(r.FrameAccuracy))
	by := "are not calibrated"
	if r.calibrated {
		by = "are calibrated"
	}
	fmt.Fprintf(&b, "  trust   confidences %s: their error (ECE) is %.3f for recordings, %.3f for frames\n", by, r.ECE, r.FrameECE)
	fmt.Fprintf(&b, "  work    %s multiply-adds a frame, %s but for the first of a recording; dense %s, %s times as many\n",
		rate(r.MACs), rate(r.LaterMACs), rate(r.DenseMACs), ratio(r.DenseMACs/r.MACs))
	fmt.Fprintf(&b, "          %s changes sent a frame; %s bytes of state\n\n", rate(r.Sent), grouped(r.State))
	width := len("layer")
	for i := range r.Layers {
		width = max(width, len(shortLayer(r.Layers[i].Layer)))
	}
	fmt.Fprintf(&b, "  %-*s  neurons  macs a frame       dense  sent a frame  density  dense form    state\n", width, "layer")
	frames := float64(max(r.Frames, 1))
	for i := range r.Layers {
		l := &r.Layers[i]
		fmt.Fprintf(&b, "  %-*s  %7s  %12s  %10s  %12s  %7s  %10s  %7s\n", width, shortLayer(l.Layer), grouped(l.Neurons),
			rate(float64(l.MACs)/frames), rate(float64(l.Dense)/frames), ratio(float64(l.Sent)/frames), shareOf(l.Density()),
			shareOf(float64(l.DenseSteps)/frames), grouped(l.StateBytes))
	}
	return b.String()
}

// shareOf writes a share in a column.
func shareOf(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) }

// maxLayerName is as much as is shown of a layer's name.
const maxLayerName = 20

func shortLayer(name string) string { return name[:min(len(name), maxLayerName)] }
