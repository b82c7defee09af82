package command

import (
	"time"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/daemon/progress"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
)

type evalCmd struct {
	Model  string `arg:"" help:"Model file with a readout."`
	Dir    string `arg:"" help:"Folder with recordings as <label>/<name>.bin."`
	Device string `help:"What to compute on, as 'saccade devices' lists." default:"auto"`
	JSON   bool   `name:"json" help:"Print one JSON object."`
}

func (c *evalCmd) Run(e *env) error {
	target, err := hw.Find(c.Device)
	if err != nil {
		return usageError{err}
	}
	m, err := model.Load(c.Model)
	if err != nil {
		return err
	}
	if err := needReadout(m, c.Model); err != nil {
		return err
	}
	recordings, err := nmnist.Folder(c.Dir)
	if err != nil {
		return err
	}
	bars := progress.On(e.stderr, terminal(e.stderr))
	bar := bars.Add("recognising", len(recordings))
	start := time.Now()
	v, err := learn.ModelVectors(e.ctx, m, target, m.Pool, recordings, bar.Step)
	seconds := time.Since(start).Seconds()
	bar.Done()
	bars.Wait()
	if err != nil {
		return err
	}
	confusion, err := readout.Evaluate(m.Readout, readout.Data{Rows: v.Rows, Labels: v.Labels})
	if err != nil {
		return err
	}
	zeros, values := 0, 0
	for _, row := range v.Rows {
		values += len(row)
		for _, x := range row {
			if x == 0 {
				zeros++
			}
		}
	}
	sparsity := float64(zeros) / float64(values)
	rate := float64(v.Events) / seconds
	if c.JSON {
		return printJSON(e.stdout, map[string]any{
			"accuracy": confusion.Accuracy(), "recordings": len(recordings), "events": v.Events,
			"events_per_s": rate, "sparsity": sparsity, "confusion": confusion, "device": target.Name(),
		})
	}
	return printf(e.stdout, "%s\naccuracy %.2f %% on %d recordings\n%d events at %.0f events/s on %s; %.1f %% of the pooled values are zero\n",
		confusion, 100*confusion.Accuracy(), len(recordings), v.Events, rate, target.Name(), 100*sparsity)
}
