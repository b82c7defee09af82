package command

import (
	"errors"
	"fmt"
	"time"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/daemon/progress"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
)

type trainReadoutCmd struct {
	Model      string          `arg:"" help:"Model file with features."`
	Dir        string          `arg:"" help:"Folder with recordings as <label>/<name>.bin."`
	Out        string          `short:"o" required:"" help:"Model file to write: the features with the readout." placeholder:"MODEL"`
	Folds      int             `help:"Folds of cross-validation, the same for every method." default:"5"`
	Seed       uint64          `help:"Seed of the folds, and of a hidden layer." default:"1"`
	Schedule   bool            `help:"Calibrate confidences in decisions within a recording, by how much of it has been seen." default:"true" negatable:""`
	Device     string          `help:"What to compute on, as 'saccade devices' lists." default:"auto"`
	JSON       bool            `name:"json" help:"Print one JSON object."`
	Readout    readoutFlags    `embed:""`
	Descriptor descriptorFlags `embed:""`
	Layers     countedFlag     `default:"top" help:"Which layers' features are counted: top, the last; all; or their numbers from 1, comma separated." placeholder:"WHICH"`
	Pool       poolFlags       `embed:""`
	Drop       bool            `name:"drop-network" help:"Leave out the network of a model that has one, so that the readout labels. If nothing is said, the network goes on labelling."`
}

func (c *trainReadoutCmd) Run(e *env) error {
	training, err := c.training(e.given)
	if err != nil {
		return err
	}
	cells, err := c.Pool.config()
	if err != nil {
		return err
	}
	parts, err := c.Descriptor.parts(e.given)
	if err != nil {
		return err
	}
	target, err := e.target(c.Device)
	if err != nil {
		return usageError{err}
	}
	if err := writable(c.Out); err != nil {
		return err
	}
	m, err := model.Load(c.Model)
	if err != nil {
		return err
	}
	if c.Drop {
		if m.Network == nil {
			return usageError{fmt.Errorf("--drop-network: expected a model with a network, and %s has none", c.Model)}
		}
		m.Network = nil
	}
	recordings, err := labelled(c.Dir)
	if err != nil {
		return err
	}
	recipe, err := c.Layers.recipe(m, pool.Recipe{Pool: cells, Parts: parts})
	if err != nil {
		return err
	}
	if err := recipe.Validate(); err != nil {
		return usageError{err}
	}
	bars := e.bars()
	r, err := c.train(e, bars, m, target, recipe, training, recordings)
	bars.Close()
	if err != nil {
		return err
	}
	if err := m.Save(c.Out); err != nil {
		return err
	}
	if m.Network != nil {
		r.Notes = append(r.Notes, "the model's network goes on labelling: 'saccade eval --readout' judges by the readout, --drop-network leaves the network out")
	}
	if c.JSON {
		return printJSON(e.stdout, r)
	}
	return printf(e.stdout, "%s", r)
}

func (c *trainReadoutCmd) training(g given) (readout.Training, error) {
	if c.Folds < 2 {
		return readout.Training{}, usageError{fmt.Errorf("--folds: expected 2 or more, found %d", c.Folds)}
	}
	t, err := c.Readout.training(g)
	t.Options.Folds, t.Options.Seed = c.Folds, c.Seed
	return t, err
}

// train describes the recordings and trains a readout, which becomes the model's.
func (c *trainReadoutCmd) train(e *env, bars *progress.Display, m *model.Model, target hw.Target, recipe pool.Recipe,
	training readout.Training, recordings []nmnist.Recording,
) (*readoutResult, error) {
	stage := bars.Stage("pooling features")
	v, err := learn.RecipeVectors(e.ctx, m, target, recipe, recordings, stage.Steps(len(recordings)))
	stage.End()
	if err != nil {
		return nil, err
	}
	data := readout.Data{Rows: v.Rows, Labels: v.Labels}

	stage = bars.Stage("training the readout")
	training.Options.Progress = func(done, total int) { stage.Share(float64(done) / float64(total)) }
	trained, report, err := training.Train(e.ctx, data)
	stage.End()
	if err != nil {
		return nil, err
	}
	stage = bars.Stage("cross-validating")
	training.Options.Progress = func(done, total int) { stage.Share(float64(done) / float64(total)) }
	cv, err := readout.CrossValidate(e.ctx, data, training)
	stage.End()
	r := &readoutResult{
		Model: c.Out, Method: training.Method, Descriptor: recipe.String(), Recordings: len(recordings), Events: v.Events, Report: report,
	}
	switch {
	case err == nil:
		r.Folds, r.confusion = cv.Folds, cv.Confusion
	case errors.Is(err, readout.ErrFewSamples) && report != nil:
		r.Folds, r.confusion = report.Folds, report.Confusion
		r.Notes = append(r.Notes, "a class has too few recordings to choose the regularisation without those that are held out: the accuracy flatters")
	default:
		return nil, err
	}
	r.AccuracyCV = r.confusion.Accuracy()
	m.Pool, m.Parts, m.Counted, m.Readout, m.Schedule = recipe.Pool, recipe.Parts, recipe.Layers, trained, nil
	if c.Schedule && cv != nil {
		stage = bars.Stage("calibrating")
		m.Schedule, err = learn.Schedule(e.ctx, m, target, recipe, recordings, cv, stage.Steps(len(learn.Calibration(len(recordings)))))
		stage.End()
		if err != nil {
			return nil, err
		}
	}
	cost, err := learn.CostOf(trained, v.Rows)
	r.FileBytes, r.MemoryBytes, r.DecisionUS = cost.FileBytes, cost.MemoryBytes, float64(cost.Decision)/float64(time.Microsecond)
	return r, err
}

// readoutResult is what `train readout --json` prints.
type readoutResult struct {
	Model       string          `json:"model"`
	Method      readout.Method  `json:"method"`
	Descriptor  string          `json:"descriptor"`
	Recordings  int             `json:"recordings"`
	Events      int64           `json:"events"`
	AccuracyCV  float64         `json:"accuracy_cv"`
	Folds       int             `json:"folds"`
	FileBytes   int64           `json:"readout_bytes"`
	MemoryBytes int64           `json:"memory_bytes"`
	DecisionUS  float64         `json:"decision_us"`
	Report      *readout.Report `json:"report,omitempty"` // of what was chosen by cross-validation on all recordings
	Notes       []string        `json:"notes,omitempty"`

	confusion *readout.Confusion // of what was held out
}

// String is the result for people.
func (r *readoutResult) String() string {
	text := ""
	if r.Report != nil {
		text = r.Report.String() + "\n"
	}
	text += fmt.Sprintf("cross-validation in %d folds, each recording named by a readout that had not seen it:\n\n%s\n"+
		"  right    %s: %d of %d recordings\n"+
		"  readout  %s on %s: %s bytes, %s in memory, %.1f us a decision\n"+
		"  model    %s\n",
		r.Folds, matrix(r.confusion), percent(r.AccuracyCV), r.confusion.Correct(), r.confusion.Total(),
		r.Method, r.Descriptor, grouped(r.FileBytes), grouped(r.MemoryBytes), r.DecisionUS, r.Model)
	for _, n := range r.Notes {
		text += "  note     " + n + "\n"
	}
	return text
}

// needReadout refuses a model that cannot label.
func needReadout(m *model.Model, path string) error {
	if m.Readout == nil {
		return fmt.Errorf("%s: the model has features and no readout: train one with 'saccade train readout %s DIR -o MODEL'", path, path)
	}
	return nil
}
