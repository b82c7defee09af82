package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/daemon/progress"
	"github.com/saccade-dev/saccade/features/delta/train"
	framing "github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/readout"
)

// deltaResult is what `train delta --json` prints.
type deltaResult struct {
	Model      string         `json:"model"`
	Frames     framing.Config `json:"frames"`
	Topology   string         `json:"topology"`
	Recordings int            `json:"recordings"`
	HeldOut    int            `json:"held_out"`
	Again      bool           `json:"again"` // what was judged is not what was written, which has learned from all
	Updates    int            `json:"updates"`
	Shift      int            `json:"shift"`   // pixels that recordings were shifted by, to be learned from elsewhere too
	Seconds    float64        `json:"seconds"` // of training
	Device     string         `json:"device"`

	// Accuracy is of the integer network that was judged, on the recordings held out, and
	// so is what follows; where none were held out, on those that it has learned from.
	Accuracy  float64            `json:"accuracy"`
	Network   *networkResult     `json:"network"`
	Confusion *readout.Confusion `json:"confusion"`
	// Before it was made integers, in float32: of what was learned from, and of what was held out.
	Seen   *floatResult `json:"float_seen"`
	Unseen *floatResult `json:"float_held_out,omitempty"`
	// Before it was cut, or sent less, of what was held out.
	Uncut     *floatResult       `json:"float_uncut,omitempty"`
	Cut       *cutResult         `json:"cut,omitempty"`
	Threshold int                `json:"threshold,omitempty"` // in steps
	Steps     []train.LayerSteps `json:"steps"`

	density float64
	asItIs  bool
}

// floatResult is of a network before it is made integers.
type floatResult struct {
	Accuracy      float64 `json:"accuracy"`
	FrameAccuracy float64 `json:"frame_accuracy"`
	Loss          float64 `json:"loss"`
	LaterMACs     float64 `json:"later_macs_per_frame"` // of what changed
}

func judgedBy(r *train.Report) *floatResult {
	if r == nil {
		return nil
	}
	_, later := r.Changed()
	return &floatResult{Accuracy: r.Accuracy, FrameAccuracy: r.StepAccuracy, Loss: r.Loss, LaterMACs: later}
}

// judge runs the integer network over recordings as a daemon would.
func (r *deltaResult) judge(e *env, bars *progress.Display, j *deltaJob, trained *learn.DeltaTrained) error {
	m, network, recordings, of := new(model.Model), trained.Network, j.recordings, ofLearned
	if j.model != nil {
		copied := *j.model
		m = &copied
	}
	if trained.Judged != nil {
		network, recordings, of = trained.Judged, nil, ofHeldOut
		for _, i := range trained.Held {
			recordings = append(recordings, j.recordings[i])
		}
	}
	if r.asItIs {
		of = map[judgedOn]judgedOn{ofHeldOut: ofFitted, ofLearned: ofGiven}[of]
	}
	m.Network = network
	stage := bars.Stage("recognising")
	v, err := learn.Recognise(e.ctx, m, j.target, recordings, stage.Steps(len(recordings)))
	stage.End()
	if err != nil {
		return err
	}
	r.Confusion = readout.NewConfusion(network.Labels)
	for i, course := range v.Recordings {
		r.Confusion.Add(slices.Index(network.Labels, recordings[i].Label), course.Final.Class)
	}
	r.Accuracy = r.Confusion.Accuracy()
	r.Network = newNetworkResult(network, v, recordings, of)
	return nil
}

// String is the result for people.
func (r *deltaResult) String() string {
	var b strings.Builder
	switch {
	case r.asItIs && r.HeldOut > 0:
		fmt.Fprintf(&b, "nothing learned; of %s %s judged by (temperatures were fitted to them; where the network had learned from them, the figures flatter):\n\n", plural(r.Recordings, "recording"), grouped(r.HeldOut))
	case r.asItIs:
		fmt.Fprintf(&b, "nothing learned; judged by all %s (where the network had learned from them, the figures flatter):\n\n", plural(r.Recordings, "recording"))
	case r.HeldOut > 0:
		fmt.Fprintf(&b, "%s learned from, %s held out, which the network had not seen (its temperatures were fitted to them, so that confidences are a little flattered):\n\n", plural(r.Recordings-r.HeldOut, "recording"), grouped(r.HeldOut))
	default:
		fmt.Fprintf(&b, "%s learned from, and none held out: the figures are of what it has seen, and flatter\n\n", plural(r.Recordings, "recording"))
	}
	fmt.Fprintf(&b, "%s\n", matrix(r.Confusion))
	fmt.Fprintf(&b, "  right   %s: %d of %d recordings", percent(r.Accuracy), r.Confusion.Correct(), r.Confusion.Total())
	float := r.Seen
	if r.Unseen != nil {
		float = r.Unseen
	}
	fmt.Fprintf(&b, "; %s before it was made integers", percent(float.Accuracy))
	if r.Unseen != nil {
		fmt.Fprintf(&b, ", %s of what it learned from", percent(r.Seen.Accuracy))
	}
	fmt.Fprintf(&b, "\n  float   %s of all frames right, loss %.3f", percent(float.FrameAccuracy), float.Loss)
	if r.Unseen != nil {
		fmt.Fprintf(&b, "; %s and %.3f of what it learned from", percent(r.Seen.FrameAccuracy), r.Seen.Loss)
	}
	fmt.Fprintf(&b, "\n  input   %s; %s of the values are not zero\n", framesInWords(r.Frames), shareOf(r.density))
	b.WriteString(r.Network.String())
	b.WriteByte('\n')
	for _, s := range r.Steps {
		fmt.Fprintf(&b, "  steps   %s: %s", shortLayer(s.Layer), ratio(s.Mean))
		if s.Least < s.Largest {
			fmt.Fprintf(&b, " on average, %s to %s", ratio(s.Least), ratio(s.Largest))
		}
		b.WriteByte('\n')
	}
	if r.Threshold > 0 {
		fmt.Fprintf(&b, "  send    a change of more than %s\n", plural(r.Threshold, "step"))
	}
	if r.Cut != nil {
		b.WriteString(r.Cut.String())
	}
	if r.Uncut != nil {
		fmt.Fprintf(&b, "  before  %s right in float32, %s of all frames; multiply-adds of what changed in later frames %s, now %s\n",
			percent(r.Uncut.Accuracy), percent(r.Uncut.FrameAccuracy), rate(r.Uncut.LaterMACs), rate(float.LaterMACs))
	}
	if r.asItIs {
		fmt.Fprintf(&b, "  model   %s\n", r.Model)
		return b.String()
	}
	fmt.Fprintf(&b, "  trained %s in %.1f s", plural(r.Updates, "update"), r.Seconds)
	if n := learn.Shifts(r.Shift); n > 0 {
		fmt.Fprintf(&b, "; every recording in %d places", n+1)
	}
	b.WriteByte('\n')
	if r.Again {
		fmt.Fprintf(&b, "  note    what is written was trained again, on all %d recordings\n", r.Recordings)
	}
	fmt.Fprintf(&b, "  model   %s\n", r.Model)
	return b.String()
}
