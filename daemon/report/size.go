package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"

	"github.com/saccade-dev/saccade/daemon/report/internal/chart"
	"github.com/saccade-dev/saccade/features/wholefile"
)

//go:embed size.html
var sizeHTML string

// Sizes is how layers of several sizes did on recordings with known noise, of which
// package features/size has the definitions.
type Sizes struct {
	Title  string // heading of the page; "How many neurons" when empty
	Device string // what was computed on; may be empty

	Chosen int      // neurons of each bank, 0 where no size was chosen
	Doubts []string // sentences: why none was, or what is doubtful about the choice
	Banks  []SizeBank
	Table  []Row // numbers of the run, in the order to show
}

// SizeBank is one bank's curve.
type SizeBank struct {
	Name   string // "OFF", "ON", or another
	Asks   int    // the size that the bank alone would have, 0 for none
	Points []SizePoint
}

// SizePoint is a bank at one size: means over runs.
type SizePoint struct {
	Neurons          int     // of each bank; greater than at the point before
	Separation       float64 // bits
	SeparationSpread float64 // its standard deviation over runs, not a number of a single one
	Taken            float64 // features taken by noise
	NoiseFeatures    float64 // over how many noise is spread
	Caught, Lost     float64 // shares of noise and of structure in those taken, 0 to 1
	NoiseCosine      float64
	StructureCosine  float64
}

// Bounds of a page of sizes.
const (
	maxSizes     = 256
	maxSizeBanks = 16
)

func checkSizes(s Sizes) error {
	if len(s.Banks) == 0 || len(s.Banks) > maxSizeBanks {
		return fmt.Errorf("report: sizes: expected 1 to %d banks, found %d", maxSizeBanks, len(s.Banks))
	}
	for b, bank := range s.Banks {
		if len(bank.Points) == 0 || len(bank.Points) > maxSizes || len(bank.Points) != len(s.Banks[0].Points) {
			return fmt.Errorf("report: sizes, bank %d: expected 1 to %d points and as many as of the first bank, found %d", b, maxSizes, len(bank.Points))
		}
		last := 0
		for i, p := range bank.Points {
			if p.Neurons <= last || p.Neurons != s.Banks[0].Points[i].Neurons {
				return fmt.Errorf("report: sizes, bank %d, point %d: expected sizes that grow and are those of the first bank, found %d", b, i, p.Neurons)
			}
			last = p.Neurons
		}
	}
	return nil
}

// WriteSizes writes one page with a curve's charts and numbers, whole or not at all.
// A value that is not a number is a gap in a line.
func WriteSizes(path string, s Sizes) error {
	if err := checkSizes(s); err != nil {
		return err
	}
	data, err := renderSizes(s)
	if err != nil {
		return err
	}
	if err := wholefile.Write(path, data); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// sizesPage is what the template shows.
type sizesPage struct {
	Style     template.CSS
	Title     string
	Subtitle  string
	Headlines []Headline
	Doubts    []string
	Undecided bool
	Charts    []chartView
	Rows      []sizeRow
	Table     []Row
}

type sizeRow struct {
	Neurons, Class, Bank                   string
	Chosen                                 bool
	Separation, Taken, Spread              string
	Caught, Lost, Structure, NoiseOfCosine string
}

func renderSizes(s Sizes) ([]byte, error) {
	s.Banks = slices.Clone(s.Banks) // the caller's own is left as it is
	for i := range s.Banks {
		s.Banks[i].Name = clean(s.Banks[i].Name, maxText)
	}
	p := sizesPage{
		Style: template.CSS(pageCSS + chart.CSS),
		Title: clean(s.Title, maxText), Table: cleanRows(s.Table), Undecided: s.Chosen == 0,
		Headlines: sizeHeadlines(s), Rows: sizeRows(s),
	}
	if p.Title == "" {
		p.Title = "How many neurons"
	}
	if s.Device != "" {
		p.Subtitle = "computed on " + clean(s.Device, maxText)
	}
	for _, d := range s.Doubts {
		p.Doubts = append(p.Doubts, clean(d, maxNote))
	}
	p.Charts = sizeCharts(s)
	return fill(p, sizeHTML)
}

func sizeHeadlines(s Sizes) []Headline {
	if s.Chosen == 0 {
		return []Headline{{Name: "Neurons of each bank", Value: "undecided"}}
	}
	note := "a clear choice, nothing about it is doubtful"
	if len(s.Doubts) > 0 {
		note = "with doubts, see below"
	}
	out := []Headline{{Name: "Neurons of each bank", Value: strconv.Itoa(s.Chosen), Note: note}}
	for _, b := range s.Banks {
		for _, p := range b.Points {
			if p.Neurons == s.Chosen {
				out = append(out, Headline{
					Name: "Noise told apart, " + cut(b.Name, 20), Value: percent(p.Caught) + " caught",
					Note: fmt.Sprintf("%s of the structure lost; %s bits; alone it asks for %d", percent(p.Lost), fixed3(p.Separation), b.Asks),
				})
			}
		}
	}
	return out
}

func sizeRows(s Sizes) []sizeRow {
	var rows []sizeRow
	for i := range s.Banks[0].Points {
		for k, b := range s.Banks {
			p := b.Points[i]
			r := sizeRow{
				Class: seriesClass(k, b.Name), Bank: cut(b.Name, 20), Chosen: p.Neurons == s.Chosen,
				Separation: withSpread(p.Separation, p.SeparationSpread),
				Taken:      fixed1(p.Taken), Spread: fixed1(p.NoiseFeatures),
				Caught: percent(p.Caught), Lost: percent(p.Lost),
				Structure: fixed3(p.StructureCosine), NoiseOfCosine: fixed3(p.NoiseCosine),
			}
			if k == 0 {
				r.Neurons = strconv.Itoa(p.Neurons)
			}
			rows = append(rows, r)
		}
	}
	return rows
}

// withSpread leaves out a spread that is not a number: one run has none.
func withSpread(v, spread float64) string {
	if math.IsNaN(spread) {
		return fixed3(v)
	}
	return fixed3(v) + " ± " + fixed3(spread)
}

func fixed1(v float64) string { return fixedTo(v, 1) }
func fixed3(v float64) string { return fixedTo(v, 3) }

func fixedTo(v float64, decimals int) string {
	if text, ok := special(v); ok {
		return text
	}
	if math.Abs(v) >= 1e6 {
		return strconv.FormatFloat(v, 'g', 4, 64)
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}
