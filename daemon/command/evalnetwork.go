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
	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/topology"
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
		Network: newNetworkResult(m.Network, v, recordings, ofGiven),
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

	// Of says which recordings the accuracies and errors of confidence are of.
	Of judgedOn `json:"of"`

	calibrated bool
	recordings int
	sends      map[string]bool // layers that pass on changes
}

// judgedOn is what a network's decisions are of, and so what the error of its confidences is
// worth.
type judgedOn string

// What there is to be judged on.
const (
	ofGiven   judgedOn = "given"        // recordings of which nothing is known
	ofHeldOut judgedOn = "held_out"     // not learned from, but the temperatures were fitted to them
	ofFitted  judgedOn = "fitted_to"    // of which no more is known than that the temperatures were fitted to them
	ofLearned judgedOn = "learned_from" // by the network too
)

// inWords tells how much an error of confidences flatters.
func (o judgedOn) inWords() string {
	switch o {
	case ofHeldOut:
		return "of the recordings held out, which the network has not learned from but its temperatures were fitted to: a little too good"
	case ofFitted:
		return "of the recordings that its temperatures were fitted to: a little too good, and more if the network has learned from them"
	case ofLearned:
		return "of the recordings that the network has learned from: too good"
	default:
		return "of the recordings in this folder: too good if the model has learned from them"
	}
}

func newNetworkResult(n *decide.Network, v *learn.Recognised, recordings []nmnist.Recording, of judgedOn) *networkResult {
	r := &networkResult{
		Counters: v.Counters, State: v.Counters.StateBytes(), Of: of, sends: senders(n.Net, v.Counters.Layers),
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
	fmt.Fprintf(&b, "  trust   confidences %s: their error (ECE) is %.3f for recordings, %.3f for frames,\n          %s\n", by, r.ECE, r.FrameECE, r.Of.inWords())
	fmt.Fprintf(&b, "  work    %s multiply-adds a frame, %s but for the first of a recording; dense %s, %s times as many\n",
		rate(r.MACs), rate(r.LaterMACs), rate(r.DenseMACs), ratio(r.DenseMACs/r.MACs))
	fmt.Fprintf(&b, "          %s changes sent a frame; %s bytes of state\n\n", rate(r.Sent), grouped(r.State))
	rows := [][]string{{"layer", "neurons", "macs a frame", "dense", "sent a frame", "density", "dense form", "state"}}
	for i := range r.Layers {
		rows = append(rows, r.cells(&r.Layers[i]))
	}
	b.WriteString(columns(rows))
	return b.String()
}

// cells are a layer's row: multiply-adds of what has weights, changes of what sends them.
func (r *networkResult) cells(l *decide.LayerCounters) []string {
	frames := float64(max(r.Frames, 1))
	row := []string{shortLayer(l.Layer), grouped(l.Neurons), "", "", "", "", "", grouped(l.StateBytes)}
	if l.Dense > 0 {
		row[2], row[3], row[6] = rate(float64(l.MACs)/frames), rate(float64(l.Dense)/frames), shareOf(float64(l.DenseSteps)/frames)
	}
	if r.sends[l.Layer] {
		row[4], row[5] = ratio(float64(l.Sent)/frames), shareOf(l.Density())
	}
	return row
}

// senders are the layers that pass on changes, the input among them: not those with weights and
// average pools, unless a layer takes their sums as they are, nor a flatten, which hands on what comes.
func senders(n *delta.Network, layers []decide.LayerCounters) map[string]bool {
	kinds := map[string]topology.Kind{}
	for _, l := range n.Topology().Layers {
		kinds[l.Name] = l.Kind
	}
	out := map[string]bool{}
	for i := range layers {
		l := &layers[i]
		switch kind := kinds[l.Layer]; {
		case kind == topology.Flatten:
		case kind.Weighted() || kind == topology.AvgPool:
			out[l.Layer] = l.Sent > 0
		default:
			out[l.Layer] = true
		}
	}
	return out
}

// shareOf writes a share in a column.
func shareOf(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) }

// maxLayerName is as much as is shown of a layer's name.
const maxLayerName = 20

func shortLayer(name string) string { return name[:min(len(name), maxLayerName)] }
