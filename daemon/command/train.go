package command

import (
	"errors"
	"fmt"
	"time"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/daemon/progress"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
)

type trainCmd struct {
	Feast   trainFeastCmd   `cmd:"" help:"Learn features from recordings, in one pass."`
	Readout trainReadoutCmd `cmd:"" help:"Train a readout on a model's frozen features."`
}

type trainFeastCmd struct {
	Dir    string     `arg:"" help:"Folder with recordings as <label>/<name>.bin."`
	Out    string     `short:"o" required:"" help:"Model file to write." placeholder:"MODEL"`
	Device string     `help:"What to compute on, as 'saccade devices' lists." default:"auto"`
	JSON   bool       `name:"json" help:"Print one JSON object."`
	Feast  feastFlags `embed:""`
}

func (c *trainFeastCmd) Run(e *env) error {
	config, err := c.Feast.config()
	if err != nil {
		return err
	}
	target, err := hw.Find(c.Device)
	if err != nil {
		return usageError{err}
	}
	recordings, err := nmnist.Folder(c.Dir)
	if err != nil {
		return err
	}
	bars := progress.On(e.stderr, terminal(e.stderr))
	bar := bars.Add("learning features", len(recordings))
	start := time.Now()
	m, counters, err := learn.Features(e.ctx, config, target, recordings, bar.Step)
	seconds := time.Since(start).Seconds()
	bar.Done()
	bars.Wait()
	if err != nil {
		return err
	}
	if err := m.Save(c.Out); err != nil {
		return err
	}
	rate := float64(counters.Events()) / seconds
	if c.JSON {
		return printJSON(e.stdout, map[string]any{
			"model": c.Out, "recordings": len(recordings), "events": counters.Events(), "events_per_s": rate,
			"hits": counters.Hits, "missed": counters.Missed, "border": counters.Border,
			"missed_rate": counters.MissedRate(), "misses_per_hit": float64(counters.Missed) / max(float64(counters.Hits), 1),
			"balance": config.Balance(), "device": target.Name(),
		})
	}
	return printf(e.stdout, "%d features from %d recordings, %d events at %.0f events/s on %s\nmissed %.2f %%; misses a hit %.4f, and %.4f at balance\nwritten to %s\n",
		config.Features(), len(recordings), counters.Events(), rate, target.Name(),
		100*counters.MissedRate(), float64(counters.Missed)/max(float64(counters.Hits), 1), config.Balance(), c.Out)
}

type trainReadoutCmd struct {
	Model  string    `arg:"" help:"Model file with features."`
	Dir    string    `arg:"" help:"Folder with recordings as <label>/<name>.bin."`
	Out    string    `short:"o" required:"" help:"Model file to write: the features with the readout." placeholder:"MODEL"`
	Method string    `help:"How to train." enum:"ridge,logistic" default:"ridge"`
	Folds  int       `help:"Folds of the cross-validation that chooses the regularisation." default:"5"`
	Seed   uint64    `help:"Seed of the folds." default:"1"`
	Device string    `help:"What to compute on, as 'saccade devices' lists." default:"auto"`
	JSON   bool      `name:"json" help:"Print one JSON object."`
	Pool   poolFlags `embed:""`
}

func (c *trainReadoutCmd) Run(e *env) error {
	if c.Folds < 2 {
		return usageError{errors.New("--folds: expected 2 or more")}
	}
	target, err := hw.Find(c.Device)
	if err != nil {
		return usageError{err}
	}
	m, err := model.Load(c.Model)
	if err != nil {
		return err
	}
	recordings, err := nmnist.Folder(c.Dir)
	if err != nil {
		return err
	}
	pooling := learn.PoolConfig(m.Feast, c.Pool.config())
	if err := pooling.Validate(); err != nil {
		return usageError{err}
	}
	bars := progress.On(e.stderr, terminal(e.stderr))
	bar := bars.Add("pooling features", len(recordings))
	v, err := learn.ModelVectors(e.ctx, m, target, pooling, recordings, bar.Step)
	bar.Done()
	bars.Wait()
	if err != nil {
		return err
	}
	read, report, err := readout.Train(e.ctx, readout.Data{Rows: v.Rows, Labels: v.Labels},
		readout.Options{Method: readout.Method(c.Method), Folds: c.Folds, Seed: c.Seed})
	if err != nil {
		return err
	}
	m.Pool, m.Readout = pooling, read
	if err := m.Save(c.Out); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.stdout, map[string]any{
			"model": c.Out, "recordings": len(recordings), "events": v.Events,
			"accuracy_cv": report.Confusion.Accuracy(), "report": report,
		})
	}
	return printf(e.stdout, "%s\ncross-validation: %.2f %%\n%s\nwritten to %s\n",
		report, 100*report.Confusion.Accuracy(), report.Confusion, c.Out)
}

// needReadout refuses a model that cannot label.
func needReadout(m *model.Model, path string) error {
	if m.Readout == nil {
		return fmt.Errorf("%s: the model has features and no readout: train one with 'saccade train readout'", path)
	}
	return nil
}
