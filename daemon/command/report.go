package command

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/saccade-dev/saccade/daemon/progress"
	"github.com/saccade-dev/saccade/daemon/report"
	"github.com/saccade-dev/saccade/daemon/survey"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/monitor"
	"github.com/saccade-dev/saccade/features/readout"
)

type reportCmd struct {
	Model      string `arg:"" help:"Model file, with a readout or network, or without."`
	Dir        string `arg:"" help:"Folder with recordings as <label>/<name>.bin."`
	Out        string `short:"o" help:"Folder for the pictures and report.html." default:"saccade-report" placeholder:"DIR"`
	Recordings int    `help:"The most recordings to take, as many of each label as of any other (all if nothing is said)." placeholder:"N"`
	Learn      bool   `help:"Have a copy of the model learn on from the recordings first, and show how that went. The model's file stays as it is."`
	Device     string `help:"What to compute on, as 'saccade devices' lists." default:"auto"`
	JSON       bool   `name:"json" help:"Print one JSON object."`
}

func (c *reportCmd) Run(e *env) error {
	target, err := e.target(c.Device)
	if err != nil {
		return usageError{err}
	}
	if c.Recordings < 0 {
		return usageError{fmt.Errorf("--recordings: expected 0 or more, found %d", c.Recordings)}
	}
	m, err := model.Load(c.Model)
	if err != nil {
		return err
	}
	recordings, err := labelled(c.Dir)
	if err != nil {
		return err
	}
	// A folder that cannot be written is told before the work and not after it.
	if err := os.MkdirAll(c.Out, 0o777); err != nil {
		return err
	}
	bars := e.bars()
	r, err := survey.Run(e.ctx, survey.Options{
		Model: m, Target: target, Recordings: recordings, Most: c.Recordings, Learn: c.Learn, Stage: stages(bars),
	})
	bars.Close()
	if err != nil {
		return err
	}
	files, err := report.Write(c.Out, r.Report(filepath.Base(c.Model)))
	if err != nil {
		return err
	}
	out := reportResult{
		Report: files[len(files)-1], Model: c.Model, Recordings: r.Recordings, Events: r.Events, EventsPerS: r.EventsPerSecond(),
		Device: r.Device, Learned: r.Learned, Layers: r.Layers, Confusion: r.Confusion, Unnamed: r.Unnamed,
	}
	if r.Confusion != nil {
		accuracy := r.Accuracy()
		out.Accuracy = &accuracy
	}
	if c.JSON {
		return printJSON(e.stdout, out)
	}
	return printf(e.stdout, "%s", out)
}

// stages shows parts of the work as progress bars.
func stages(bars *progress.Display) func(name string, recordings int) (step, end func()) {
	return func(name string, recordings int) (step, end func()) {
		s := bars.Stage(name)
		return s.Steps(recordings), s.End
	}
}

// reportResult is what `report --json` prints.
type reportResult struct {
	Report     string             `json:"report"` // the page
	Model      string             `json:"model"`
	Recordings int                `json:"recordings"`
	Events     int64              `json:"events"`
	EventsPerS float64            `json:"events_per_s"` // of frozen layers and what looks at them, on all cores
	Device     string             `json:"device"`
	Learned    bool               `json:"learned"`
	Layers     []survey.Layer     `json:"layers"`
	Accuracy   *float64           `json:"accuracy,omitempty"`
	Confusion  *readout.Confusion `json:"confusion,omitempty"`
	Unnamed    int                `json:"unnamed,omitempty"` // recordings that the model found nothing to name by
}

// String is the result for people.
func (r reportResult) String() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	if r.Confusion != nil {
		line("%s", matrix(r.Confusion))
		line("  right    %s: %d of %s", percent(*r.Accuracy), r.Confusion.Correct(), plural(r.Recordings, "recording"))
	}
	line("  events   %s of %s, %s events/s on %s", grouped(r.Events), plural(r.Recordings, "recording"), rate(r.EventsPerS), r.Device)
	when := "by its thresholds"
	if r.Learned {
		when = "in the second half of learning on"
	}
	for i, l := range r.Layers {
		line("  layer %-2d %s of %dx%d pixels; missed %s %s, %s; %d won nothing",
			i+1, plural(l.Features, "feature"), l.Side, l.Side, percent(l.MissedRate), when, missesPerHit(l.MissesPerHit, l.Balance), l.Idle)
		if l.Turned != nil {
			line("           features turned by %.4f (1 - cosine)%s", *l.Turned, told(l.Findings))
		}
	}
	line("  report   %s", r.Report)
	return b.String()
}

// told says what was found of a layer while it learned.
func told(findings []monitor.Finding) string {
	text := ""
	for _, f := range findings {
		text += fmt.Sprintf("; %s after %s", f.Change, plural(f.At, "event"))
	}
	return text
}
