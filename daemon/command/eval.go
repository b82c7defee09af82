package command

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
)

type evalCmd struct {
	Model  string `arg:"" help:"Model file with a readout."`
	Dir    string `arg:"" help:"Folder with recordings as <label>/<name>.bin."`
	Online bool   `help:"Tell, too, how soon within a recording the decision is right, and whether confidences can be believed."`
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
	recordings, err := labelled(c.Dir)
	if err != nil {
		return err
	}
	if err := knownLabels(m, c.Model, recordings); err != nil {
		return err
	}
	bars := e.bars()
	stage := bars.Stage("recognising")
	start := time.Now()
	v, err := learn.RecipeVectors(e.ctx, m, target, m.Recipe(), recordings, stage.Steps(len(recordings)))
	seconds := time.Since(start).Seconds()
	stage.End()
	var online *onlineResult
	if err == nil && c.Online {
		stage = bars.Stage("deciding online")
		online, err = evalOnline(e.ctx, m, target, recordings, stage.Steps(len(recordings)))
		stage.End()
	}
	bars.Close()
	if err != nil {
		return err
	}
	confusion, err := readout.Evaluate(m.Readout, readout.Data{Rows: v.Rows, Labels: v.Labels})
	if err != nil {
		return err
	}
	r := evalResult{
		Accuracy: confusion.Accuracy(), Recordings: len(recordings), Events: v.Events,
		EventsPerS: float64(v.Events) / seconds, Sparsity: sparsity(v.Rows), Device: target.Name(), Confusion: confusion, Online: online,
	}
	if c.JSON {
		return printJSON(e.stdout, r)
	}
	text := ""
	if online != nil {
		text = "\n" + online.String()
	}
	return printf(e.stdout, "%s\n"+
		"  right   %s: %d of %d recordings\n"+
		"  events  %s, %s events/s on %s\n"+
		"  sparse  %.1f %% of the pooled values are zero\n%s",
		matrix(confusion), percent(r.Accuracy), confusion.Correct(), confusion.Total(),
		grouped(r.Events), rate(r.EventsPerS), r.Device, 100*r.Sparsity, text)
}

// evalResult is what `eval --json` prints.
type evalResult struct {
	Accuracy   float64            `json:"accuracy"`
	Recordings int                `json:"recordings"`
	Events     int64              `json:"events"`
	EventsPerS float64            `json:"events_per_s"`
	Sparsity   float64            `json:"sparsity"`
	Device     string             `json:"device"`
	Confusion  *readout.Confusion `json:"confusion"`
	Online     *onlineResult      `json:"online,omitempty"`
}

// knownLabels refuses recordings that the model cannot name, before it has run over
// all the others.
func knownLabels(m *model.Model, path string, recordings []nmnist.Recording) error {
	classes := m.Readout.Classes()
	for _, r := range recordings {
		if !slices.Contains(classes, r.Label) {
			return fmt.Errorf("%s: label %s is not among those that %s knows: %s", r.Path, r.Label, path, strings.Join(classes, ", "))
		}
	}
	return nil
}

// sparsity is the share of zeros.
func sparsity(rows [][]float32) float64 {
	zeros, values := 0, 0
	for _, row := range rows {
		values += len(row)
		for _, x := range row {
			if x == 0 {
				zeros++
			}
		}
	}
	return float64(zeros) / float64(max(values, 1))
}
