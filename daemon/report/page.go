package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"time"

	"github.com/saccade-dev/saccade/daemon/report/internal/chart"
)

//go:embed page.html
var pageHTML string

//go:embed head.html
var headHTML string // the head of every page, template "head"

//go:embed level.html
var levelHTML string // the sections of a layer, template "level"

//go:embed page.css
var pageCSS string

// page is what the template shows.
type page struct {
	Style template.CSS

	Title      string
	Subtitle   string
	Headlines  []Headline
	Recordings recordingsView
	Levels     []levelView
	Confusion  confusionView
	Latency    latencyView
	Untimed    bool
	Accuracy   []accuracyRow
	Tables     []Table
	Table      []Row
	Versions   []Row
	Notes      []string
}

type accuracyRow struct{ Name, Test, CrossValidation string }

// render makes every file of the report, the page last.
func render(run Run) ([]file, error) {
	faces, err := loadTypefaces()
	if err != nil {
		return nil, err
	}
	p := page{
		// Safe for a template: both style sheets are part of the program.
		Style:     template.CSS(pageCSS + chart.CSS),
		Title:     run.Title,
		Subtitle:  subtitle(run),
		Headlines: headlines(run),
		Accuracy:  accuracies(run.Numbers),
		Tables:    run.Tables,
		Table:     table(run),
		Untimed:   run.Untimed,
		Versions:  run.Versions,
		Notes:     run.Notes,
	}
	if p.Title == "" {
		p.Title = "saccade"
	}
	var files, more []file
	if p.Recordings, more, err = drawRecordings(run.Recordings, faces); err != nil {
		return nil, err
	}
	files = append(files, more...)
	if p.Levels, more, err = drawLevels(run, faces); err != nil {
		return nil, err
	}
	files = append(files, more...)
	for _, v := range p.Levels {
		p.Style += v.style()
	}
	p.Confusion, more = drawConfusion(run.Confusion)
	files = append(files, more...)
	if !run.Untimed {
		p.Latency, more = drawLatency(run.Latency)
		files = append(files, more...)
	}
	html, err := fill(p, pageHTML, levelHTML)
	if err != nil {
		return nil, err
	}
	return append(files, file{"report.html", html}), nil
}

// fill fills the template of a page, and with it those of its parts; all pages have
// the same head.
func fill(view any, page string, parts ...string) ([]byte, error) {
	t := template.New("page")
	for _, text := range append(parts, headHTML, page) {
		if _, err := t.Parse(text); err != nil {
			return nil, fmt.Errorf("report: %w", err)
		}
	}
	var b bytes.Buffer
	if err := t.Execute(&b, view); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return b.Bytes(), nil
}

func subtitle(run Run) string {
	s := ""
	if !run.Started.IsZero() {
		s = run.Started.Format("2 January 2006, 15:04 MST")
	}
	if run.Device != "" {
		if s != "" {
			s += " · "
		}
		s += "computed on " + run.Device
	}
	return s
}

// headlines gives what a reader looks for first, as far as it was measured.
func headlines(run Run) []Headline {
	n := run.Numbers
	var out []Headline
	add := func(name, value, note string) {
		if value != "" {
			out = append(out, Headline{name, value, note})
		}
	}
	add("Test accuracy", n.Learned.Test.percent(), withPrefix("raw counts: ", n.Raw.Test.percent()))
	add("Accuracy", n.Accuracy.percent(), "of "+plural(int64(n.Recordings), "recording"))
	add("Cross-validation", n.Learned.CrossValidation.percent(), withPrefix("raw counts: ", n.Raw.CrossValidation.percent()))
	if n.EventsPerSecond.known {
		note := ""
		if n.Events > 0 {
			note = count(n.Events) + " in all"
		}
		add("Events a second", short(n.EventsPerSecond.number), note)
	}
	if p50, p99, ok := run.Latency.quantiles(); ok {
		add("Latency, p50", duration(p50), "p99: "+duration(p99))
	}
	missed := "expected at rest: "
	if run.Layer.Frozen {
		missed = "by its thresholds; at rest while learning: "
	}
	add("Missed events", n.MissedRate.percent(), withPrefix(missed, expectedText(run.Layer)))
	return append(out, run.Headlines...)
}

// expectedText gives the missed rate that the layer's balance asks for, once for
// each size of bank.
func expectedText(l Layer) string {
	s := ""
	for i, e := range expectedRates(l) {
		if i > 0 {
			s += ", "
		}
		s += percent(e.rate)
	}
	return s
}

func accuracies(n Numbers) []accuracyRow {
	if n.Learned == (Accuracy{}) && n.Raw == (Accuracy{}) {
		return nil
	}
	row := func(name string, a Accuracy) accuracyRow {
		return accuracyRow{name, measuredOr(a.Test), measuredOr(a.CrossValidation)}
	}
	return []accuracyRow{row("Learned features", n.Learned), row("Raw event counts", n.Raw)}
}

func measuredOr(v Value) string {
	if !v.known {
		return "not measured"
	}
	return percent(v.number)
}

// table gives every number of the run but the accuracies, which have a table of
// their own.
func table(run Run) []Row {
	n := run.Numbers
	var rows []Row
	add := func(name, value string) {
		if value != "" {
			rows = append(rows, Row{name, value})
		}
	}
	positive := func(n int64) string {
		if n <= 0 {
			return ""
		}
		return count(n)
	}
	add("Device", run.Device)
	add("Training recordings", positive(int64(n.TrainRecordings)))
	add("Test recordings", positive(int64(n.TestRecordings)))
	add("Recordings", positive(int64(n.Recordings)))
	add("Accuracy", n.Accuracy.percent())
	add("Events", positive(n.Events))
	if n.Duration > 0 {
		add("Duration", longDuration(n.Duration))
	}
	if n.EventsPerSecond.known {
		add("Throughput", short(n.EventsPerSecond.number)+" events/s")
	}
	if p50, p99, ok := run.Latency.quantiles(); ok {
		what := ""
		if run.Latency.What != "" {
			what = " " + run.Latency.What
		}
		add("Latency"+what+", p50", duration(p50))
		add("Latency"+what+", p99", duration(p99))
	}
	add("Missed events, share of events", n.MissedRate.percent())
	add("Expected at rest, share of events", expectedText(run.Layer))
	if l := run.Layer; len(l.Banks) > 0 && len(run.Tables) == 0 { // which have all layers
		add("Patch", fmt.Sprintf("%d×%d pixels (R = %d)", 2*l.Radius+1, 2*l.Radius+1, l.Radius))
		if l.DeltaI != 0 || l.DeltaE != 0 {
			add("Threshold steps", fmt.Sprintf("ΔI = %s, ΔE = %s", digitsG(l.DeltaI), digitsG(l.DeltaE)))
		}
	}
	return append(rows, n.More...)
}

// longDuration writes how long a run took: minutes once there are two of them.
func longDuration(d time.Duration) string {
	if d >= 2*time.Minute {
		return d.Round(time.Second).String()
	}
	return duration(d)
}
