package command

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/daemon/progress"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/train"
	framing "github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/hw"
)

type trainDeltaCmd struct {
	Model      string          `arg:"" help:"Model file with features. A folder of recordings alone, without a model before it, trains on raw events."`
	Dir        string          `arg:"" optional:"" help:"Folder with recordings as <label>/<name>.bin."`
	Out        string          `short:"o" help:"File to write: the model with its network, or, as NAME.delta, the network alone." placeholder:"MODEL|NET.delta"`
	Checkpoint string          `help:"File to go on from where it is there, written after every epoch and when interrupted." placeholder:"FILE"`
	Device     string          `help:"What to compute features and the integer network on, as 'saccade devices' lists." default:"auto"`
	JSON       bool            `name:"json" help:"Print one JSON object."`
	Network    networkFlags    `embed:""`
	HoldOut    holdOutFlags    `embed:""`
	Frames     frameFlags      `embed:"" group:"What the network is given:"`
	Training   deltaTrainFlags `embed:"" group:"How it is trained:"`
	Form       formFlags       `embed:"" group:"What becomes of it when it has been trained:"`
}

// deltaJob is what a command line asks for, with what its files hold.
type deltaJob struct {
	model      *model.Model // nil for raw events alone
	frames     framing.Config
	refined    *refinedNet // nil where nothing is refined
	options    train.Options
	target     hw.Target
	recordings []nmnist.Recording
}

// deltaExtension is that of networks alone.
const deltaExtension = ".delta"

func (c *trainDeltaCmd) Run(e *env) error {
	j, err := c.job(e.given)
	if err != nil {
		return err
	}
	labels := labelsOf(j.recordings)
	if c.Training.Epochs == 0 && !j.refined.knows(labels) {
		return fmt.Errorf("%s: the network's labels: expected those of the recordings, %q, found %q", c.Network.Refine, labels, j.refined.labels)
	}
	t, err := c.topology(j, len(labels))
	if err != nil {
		return err
	}
	if c.Network.Show {
		return printf(e.stdout, "%s", t)
	}
	bars := e.bars()
	r, err := c.train(e, bars, j, t)
	bars.Close()
	if err != nil {
		if c.Model == "" { // which would say the sensor's size
			err = sizeHint(err)
		}
		return err
	}
	if c.JSON {
		return printJSON(e.stdout, r)
	}
	return printf(e.stdout, "%s", r)
}

// job reads the command line, and the files that it names.
func (c *trainDeltaCmd) job(g given) (*deltaJob, error) {
	if c.Dir == "" {
		c.Model, c.Dir = "", c.Model
		if st, err := os.Stat(c.Dir); err == nil && !st.IsDir() {
			return nil, usageError{fmt.Errorf("%s: expected a folder of recordings, alone or behind a model, found a file", c.Dir)}
		}
	}
	if err := firstOf(c.Network.check(g), c.Network.stepsFit(), c.HoldOut.check(), c.Form.check(&c.HoldOut), c.asItIs(g), c.checkOut(g)); err != nil {
		return nil, err
	}
	j := new(deltaJob)
	var err error
	if j.frames, err = c.Frames.config(g, c.Model != ""); err != nil {
		return nil, err
	}
	if j.options, err = c.Training.options(g); err != nil {
		return nil, err
	}
	if j.target, err = hw.Find(c.Device); err != nil {
		return nil, usageError{err}
	}
	for _, path := range []string{c.Out, c.Checkpoint} {
		if path != "" {
			if err := writable(path); err != nil {
				return nil, err
			}
		}
	}
	if c.Model != "" {
		if j.model, err = model.Load(c.Model); err != nil {
			return nil, err
		}
	}
	if c.Network.Refine != "" {
		if j.refined, err = loadRefined(c.Network.Refine); err != nil {
			return nil, err
		}
		if err := c.refinedFrames(g, j); err != nil {
			return nil, err
		}
	}
	if j.model != nil {
		if j.frames, err = decide.Complete(j.frames, j.model.Layers()); err != nil {
			return nil, err
		}
	} else if j.frames = j.frames.Canonical(); j.frames.Source == framing.Features {
		return nil, usageError{fmt.Errorf("--refine %s: its frames are of features: expected a model with it, whose features are drawn", c.Network.Refine)}
	} else if err := j.frames.Validate(); err != nil {
		return nil, usageError{err}
	}
	j.recordings, err = labelled(c.Dir)
	return j, err
}

// refinedFrames are those that the network to refine was trained on: with others it would
// begin from much less than it has learned, and nothing would say so.
func (c *trainDeltaCmd) refinedFrames(g given, j *deltaJob) error {
	if j.refined.frames == nil {
		if !g.anyOf(c.Frames.names()) {
			return usageError{fmt.Errorf("--refine %s: the file has no frames: say those that the network was trained on, with --interval, --kind and the like", c.Network.Refine)}
		}
		return nil
	}
	j.frames = *j.refined.frames
	return g.unused("no --refine of a file with it whose network has frames of its own", c.Frames.names()...)
}

// checkOut refuses what cannot be written, or would not be.
func (c *trainDeltaCmd) checkOut(g given) error {
	switch {
	case c.Network.Show:
		return firstOf(
			g.unused("no --show with it, which trains nothing", "out", "checkpoint", "again"),
			g.unused("no --show with it, which has one to print already", "topology", "refine"),
		)
	case c.Out == "":
		return usageError{errors.New("expected -o: the file to write")}
	case c.Out == c.Checkpoint:
		return usageError{fmt.Errorf("--checkpoint %s: expected another file than that of -o", c.Out)}
	case c.Model == "" && !strings.HasSuffix(c.Out, deltaExtension):
		return usageError{fmt.Errorf("-o %s: expected a name that ends in %s: without a model with features before the folder, the network is written alone", c.Out, deltaExtension)}
	}
	return nil
}

// topology is that of the network to train.
func (c *trainDeltaCmd) topology(j *deltaJob, labels int) (*topology.Topology, error) {
	switch {
	case c.Network.Topology != "":
		t, err := topology.Load(c.Network.Topology)
		if err == nil {
			err = withoutCuts(t, j.refined)
		}
		if err == nil && j.refined != nil {
			err = j.refined.fit(t)
		}
		return t, err
	case j.refined != nil:
		return j.refined.topology, nil
	}
	t := c.Network.build(j.frames, labels)
	if _, err := t.Resolve(); err != nil {
		return nil, usageError{fmt.Errorf("--network %s: %w", c.Network.Network, err)}
	}
	return t, nil
}

// withoutCuts refuses layers that training has no bounds for, and that would cut nothing.
func withoutCuts(t *topology.Topology, refined *refinedNet) error {
	for _, l := range t.Layers {
		if l.Kind == topology.Cut && (refined == nil || refined.params.Layers[l.Name].Bound == 0) {
			return fmt.Errorf("layer %s: expected no layer of type cut, whose bound is not learned: --cut finds where to cut, and puts such layers in", l.Name)
		}
	}
	return nil
}

// train trains, judges and writes.
func (c *trainDeltaCmd) train(e *env, bars *progress.Display, j *deltaJob, t *topology.Topology) (*deltaResult, error) {
	stage := bars.Stage("making frames")
	set, err := learn.Frames(e.ctx, j.model, j.target, j.frames, j.recordings, stage.Steps(len(j.recordings)))
	stage.End()
	if err != nil {
		return nil, err
	}
	var others []*learn.FrameSet
	if n := learn.Shifts(c.Training.Shift); n > 0 {
		stage = bars.Stage("shifting")
		others, err = learn.ShiftedFrames(e.ctx, j.model, j.target, j.frames, j.recordings, c.Training.Shift, stage.Steps(n*len(j.recordings)))
		stage.End()
		if err != nil {
			return nil, err
		}
	}
	d := learn.DeltaTraining{
		Shifted:  others,
		Topology: t, Options: j.options, HoldOut: c.HoldOut.HoldOut, Again: c.HoldOut.Again, Checkpoint: c.Checkpoint,
	}
	d.Cut, d.Threshold, d.Untrained = c.Form.Cut, c.Form.Threshold, c.Training.Epochs == 0
	if j.refined != nil {
		d.Refined, d.Kept = &j.refined.params, j.refined.net
	}
	start := time.Now()
	shown := trainingBars{bars: bars}
	d.Progress, d.Cutting = shown.update, shown.cutting
	trained, err := learn.TrainDelta(e.ctx, set, j.target, d)
	shown.end()
	if err != nil {
		return nil, inFlags(err)
	}
	r := &deltaResult{
		Model: c.Out, Frames: set.Config, Topology: trained.Topology.String(), Recordings: len(j.recordings), HeldOut: len(trained.Held), Again: c.HoldOut.Again,
		Shift: c.Training.Shift, Updates: trained.Updates, Seconds: time.Since(start).Seconds(), Device: j.target.Name(), Steps: trained.Steps,
		Seen: judgedBy(trained.Seen), Unseen: judgedBy(trained.Unseen), Uncut: judgedBy(trained.Uncut), density: set.Density(),
		Threshold: c.Form.Threshold, Cut: newCutResult(c.Form.Cut, trained.Cuts), asItIs: d.Untrained,
	}
	if err := r.judge(e, bars, j, trained); err != nil {
		return nil, err
	}
	if strings.HasSuffix(c.Out, deltaExtension) {
		return r, trained.Network.Save(c.Out)
	}
	j.model.Network = trained.Network
	return r, j.model.Save(c.Out)
}

// labelsOf are all labels of recordings, which are sorted by them.
func labelsOf(recordings []nmnist.Recording) (out []string) {
	for _, r := range recordings {
		if len(out) == 0 || out[len(out)-1] != r.Label {
			out = append(out, r.Label)
		}
	}
	return out
}
