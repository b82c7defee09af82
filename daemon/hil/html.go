package hil

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"time"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// view is what the page shows.
type view struct {
	*Report
	Latency0, Host0, Time template.HTML
	Map0                  template.URL
	MapWidth              int
	Rows                  [][2]string
	Units                 []unitView
	FirstText             string
	FaultTexts            []string
}

type unitView struct {
	Name    string
	Percent float64
}

// HTML is the report as one page that needs nothing but itself: no network, no script.
func (r *Report) HTML() ([]byte, error) {
	v := view{Report: r, Rows: r.rows()}
	if r.Latency != nil {
		v.Latency0 = latencyChart(r.Latency, "Latency in cycles of the device", func(v float64) string { return fmt.Sprintf("%.0f", v) })
	}
	if r.Host != nil {
		v.Host0 = latencyChart(r.Host, "Latency on the host", func(v float64) string {
			return time.Duration(v).Round(roundTo(time.Duration(v))).String()
		})
	}
	if r.Map != nil && len(r.Map.Bins) > 0 {
		v.Time = timeChart(r.Map)
		var err error
		if v.Map0, err = mapPicture(r.Map); err != nil {
			return nil, err
		}
		v.MapWidth = min(max(340, r.Map.Width), 720)
	}
	if r.Model != nil {
		for _, u := range r.Model.Units {
			v.Units = append(v.Units, unitView{u.Name, 100 * float64(u.Busy) / float64(max(r.Model.Cycles, 1))})
		}
	}
	if r.First != nil {
		v.FirstText = r.First.Text()
	}
	for i := range r.Faults {
		v.FaultTexts = append(v.FaultTexts, r.Faults[i].text())
	}
	var b bytes.Buffer
	if err := page.Execute(&b, v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// roundTo leaves three digits of a duration, about.
func roundTo(d time.Duration) time.Duration {
	to := time.Nanosecond
	for d >= 1000*to {
		to *= 10
	}
	return to
}

// rows are the run's numbers.
func (r *Report) rows() [][2]string {
	learning := "not learning"
	if r.Config.Model.Learning {
		learning = "learning"
	}
	c := &r.Counts
	rows := [][2]string{
		{"Device", fmt.Sprintf("%s: %d neurons a bank, %d lanes, patches of up to %d rows", r.Config.Device.Address, r.Device.Neurons, r.Device.Lanes, r.Device.Rows)},
		{"Layer", fmt.Sprintf("%d features of %dx%d on %dx%d pixels, %s", r.Layer.Features(), r.Layer.Side(), r.Layer.Side(), r.Layer.Width, r.Layer.Height, learning)},
		{"Reference", r.Reference},
		{"Stream", fmt.Sprintf("%d events of %s, %s in %s; pacing: %s", r.Events, plural(r.Recordings, "recording"), plural(r.Words, "word"), plural(r.Batches, "batch"), r.Config.Pacing.Kind)},
		{"Mismatches", fmt.Sprintf("%d: %d winners, %d dot products, %d norms, %d without an answer", c.Mismatches, c.Winners-c.Ties, c.Dots, c.Norms, c.Lost)},
		{"Words that belong to no event", fmt.Sprint(c.Stray)},
		{"Dropped by the device", fmt.Sprintf("%d in, %d out; %d events never reached it", c.DroppedIn, c.DroppedOut, c.Missing)},
	}
	if r.Memory != nil {
		rows = append(rows, [2]string{"Memories in the end", r.Memory.String()})
	}
	rows = append(
		rows,
		[2]string{"Cycles", fmt.Sprintf("%d: %.2f an event", r.Cycles.Total, r.Cycles.PerEvent)},
		[2]string{fmt.Sprintf("At %g MHz", r.Cycles.ClockMHz), fmt.Sprintf("%.0f thousand events/s", r.Cycles.Rate/1e3)},
		[2]string{"On the host", fmt.Sprintf("%.2f s, %.0f thousand events/s", r.Seconds, float64(r.Events)/max(r.Seconds, 1e-9)/1e3)},
	)
	if r.Model != nil {
		rows = append(rows, [2]string{"FIFOs at the most", fmt.Sprintf("%d of %d words in, %d of %d out; limited by: %s", r.Model.InMost, r.Model.In, r.Model.OutMost, r.Model.Out, r.Model.Limit())})
	}
	return rows
}
