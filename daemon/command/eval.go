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
	Model   string `arg:"" help:"Model file with a readout or a network, or a network alone, over frames of events (NET.delta)."`
	Dir     string `arg:"" help:"Folder with recordings as <label>/<name>.bin."`
	Online  bool   `help:"Tell, too, how soon within a recording the decision is right, and whether confidences can be believed."`
	Readout bool   `help:"Judge by the model's readout though it has a network."`
	Device  string `help:"What to compute on, as 'saccade devices' lists." default:"auto"`
	JSON    bool   `name:"json" help:"Print one JSON object."`
}

func (c *evalCmd) Run(e *env) error {
	target, err := e.target(c.Device)
	if err != nil {
		return usageError{err}
	}
	m, err := loadJudge(c.Model)
	if err != nil {
		return err
	}
	if m.Network == nil || c.Readout {
		if err := needReadout(m, c.Model); err != nil {
			return err
		}
		m.Network = nil
	}
	recordings, err := labelled(c.Dir)
	if err != nil {
		return err
	}
	if err := knownLabels(judges(m), c.Model, recordings); err != nil {
		return err
	}
	if m.Network != nil {
		return c.network(e, m, target, recordings)
	}
	return c.readout(e, m, target, recordings)
}

// readout judges recordings by a readout.
func (c *evalCmd) readout(e *env, m *model.Model, target hw.Target, recordings []nmnist.Recording) error {
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
	share := sparsity(v.Rows)
	return c.print(e, evalResult{
		Accuracy: confusion.Accuracy(), Recordings: len(recordings), Events: v.Events,
		EventsPerS: float64(v.Events) / seconds, Sparsity: &share, Device: target.Name(), Confusion: confusion, Online: online,
	})
}

// print tells what recordings were taken for.
func (c *evalCmd) print(e *env, r evalResult) error {
	if c.JSON {
		return printJSON(e.stdout, r)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n  right   %s: %d of %d recordings\n  events  %s, %s events/s on %s\n",
		matrix(r.Confusion), percent(r.Accuracy), r.Confusion.Correct(), r.Confusion.Total(),
		grouped(r.Events), rate(r.EventsPerS), r.Device)
	if r.Sparsity != nil {
		fmt.Fprintf(&b, "  sparse  %.1f %% of the pooled values are zero\n", 100**r.Sparsity)
	}
	if r.Network != nil {
		b.WriteString(r.Network.String())
	}
	if r.Online != nil {
		fmt.Fprintf(&b, "\n%s", r.Online)
	}
	return printf(e.stdout, "%s", b.String())
}

// evalResult is what `eval --json` prints. It has sparsity of a readout, network of a
// network.
type evalResult struct {
	Accuracy   float64            `json:"accuracy"`
	Recordings int                `json:"recordings"`
	Events     int64              `json:"events"`
	EventsPerS float64            `json:"events_per_s"`
	Sparsity   *float64           `json:"sparsity,omitempty"`
	Device     string             `json:"device"`
	Confusion  *readout.Confusion `json:"confusion"`
	Network    *networkResult     `json:"network,omitempty"`
	Online     *onlineResult      `json:"online,omitempty"`
}

// judges are the labels that a model judges by: its network's, where it has one.
func judges(m *model.Model) []string {
	if m.Network != nil {
		return m.Network.Labels
	}
	return m.Readout.Classes()
}

// knownLabels refuses recordings that the model cannot name, before it has run over
// all the others.
func knownLabels(classes []string, path string, recordings []nmnist.Recording) error {
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
