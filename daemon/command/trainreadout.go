package command

import (
	"fmt"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
)

type trainReadoutCmd struct {
	Model  string    `arg:"" help:"Model file with features."`
	Dir    string    `arg:"" help:"Folder with recordings as <label>/<name>.bin."`
	Out    string    `short:"o" required:"" help:"Model file to write: the features with the readout." placeholder:"MODEL"`
	Method string    `help:"How to train." enum:"ridge,logistic" placeholder:"NAME" default:"ridge"`
	Folds  int       `help:"Folds of the cross-validation that chooses the regularisation." default:"5"`
	Seed   uint64    `help:"Seed of the folds." default:"1"`
	Device string    `help:"What to compute on, as 'saccade devices' lists." default:"auto"`
	JSON   bool      `name:"json" help:"Print one JSON object."`
	Pool   poolFlags `embed:""`
}

func (c *trainReadoutCmd) Run(e *env) error {
	if c.Folds < 2 {
		return usageError{fmt.Errorf("--folds: expected 2 or more, found %d", c.Folds)}
	}
	cells, err := c.Pool.config()
	if err != nil {
		return err
	}
	target, err := hw.Find(c.Device)
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
	recordings, err := labelled(c.Dir)
	if err != nil {
		return err
	}
	pooling := learn.PoolConfig(m.Feast, cells)
	if err := pooling.Validate(); err != nil {
		return usageError{err}
	}
	v, report, err := c.train(e, m, target, pooling, recordings)
	if err != nil {
		return err
	}
	if err := m.Save(c.Out); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.stdout, struct {
			Model      string          `json:"model"`
			Recordings int             `json:"recordings"`
			Events     int64           `json:"events"`
			AccuracyCV float64         `json:"accuracy_cv"`
			Report     *readout.Report `json:"report"`
		}{c.Out, len(recordings), v.Events, report.Confusion.Accuracy(), report})
	}
	return printf(e.stdout, "%s\ncross-validation, each recording named by a readout that had not seen it:\n\n%s\n"+
		"  right  %s: %d of %d recordings\n  model  %s\n",
		report, matrix(report.Confusion), percent(report.Confusion.Accuracy()),
		report.Confusion.Correct(), report.Confusion.Total(), c.Out)
}

// train pools the recordings and trains a readout, which becomes the model's.
func (c *trainReadoutCmd) train(e *env, m *model.Model, target hw.Target, pooling pool.Config, recordings []nmnist.Recording,
) (v learn.Vectors, report *readout.Report, err error) {
	bars := e.bars()
	defer bars.Close()
	stage := bars.Stage("pooling features")
	v, err = learn.ModelVectors(e.ctx, m, target, pooling, recordings, stage.Steps(len(recordings)))
	stage.End()
	if err != nil {
		return v, nil, err
	}
	stage = bars.Stage("training the readout")
	defer stage.End()
	m.Pool = pooling
	m.Readout, report, err = readout.Train(e.ctx, readout.Data{Rows: v.Rows, Labels: v.Labels}, readout.Options{
		Method: readout.Method(c.Method), Folds: c.Folds, Seed: c.Seed, Progress: func(done, total int) { stage.Share(float64(done) / float64(total)) },
	})
	return v, report, err
}

// needReadout refuses a model that cannot label.
func needReadout(m *model.Model, path string) error {
	if m.Readout == nil {
		return fmt.Errorf("%s: the model has features and no readout: train one with 'saccade train readout %s DIR -o MODEL'", path, path)
	}
	return nil
}
