package sizing

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/saccade-dev/saccade/daemon/report"
	"github.com/saccade-dev/saccade/features/size"
)

// String is the curve as a table, the chosen size marked, and the choice.
func (r Result) String() string {
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
	}
	line("noise of %s Hz a pixel, %s of the events that features took; %d recordings learned from, %d measured on; %s",
		number(r.Rate), percent(r.noiseShare()), r.Learned, r.Measured, r.runsText())
	line("")
	line("  %7s  %-6s  %15s  %8s  %10s  %12s  %14s  %s", "neurons", "bank", "separation", "features", "noise over", "noise caught", "structure lost", "cosine of structure, noise")
	line("  %7s  %-6s  %15s  %8s  %10s  %12s  %14s", "", "", "bits", "of noise", "features", "", "")
	for _, p := range r.Curve {
		for i, s := range p.Banks {
			mark, neurons := " ", ""
			if i == 0 {
				neurons = strconv.Itoa(p.Neurons)
				if p.Neurons == r.Choice.Neurons {
					mark = "*"
				}
			}
			m := s.Mean
			line("%s %7s  %-6s  %15s  %8.1f  %10.1f  %12s  %14s  %9.3f  %.3f", mark, neurons, r.BankNames[i],
				r.separation(s), m.Taken, m.NoiseFeatures, percent(m.Caught), percent(m.Lost), m.StructureCosine, m.NoiseCosine)
		}
	}
	if r.Choice.Neurons > 0 { // otherwise Err says what there is to say
		line("")
		line("%s", r.verdict())
	}
	return b.String()
}

// runsText says how many runs there were of each size, and what one cannot tell.
func (r Result) runsText() string {
	if r.RunsEach == 1 {
		return "one run of each size, which has no spread"
	}
	return fmt.Sprintf("runs of each size: %d", r.RunsEach)
}

// separation is the mean of a bank's separation over the runs, with its standard
// deviation where there is one.
func (r Result) separation(s size.Summary) string {
	if r.RunsEach == 1 {
		return fmt.Sprintf("%.3f", s.Mean.Separation)
	}
	return fmt.Sprintf("%.3f ± %.3f", s.Mean.Separation, s.Spread.Separation)
}

// verdict is what was chosen and how far to trust it.
func (r Result) verdict() string {
	var b strings.Builder
	fmt.Fprintf(&b, "chosen: %d neurons a bank", r.Choice.Neurons)
	if len(r.Choice.Banks) > 1 {
		asks := make([]string, len(r.Choice.Banks))
		for i, n := range r.Choice.Banks {
			asks[i] = fmt.Sprintf("%s asks for %d", r.BankNames[i], n)
		}
		fmt.Fprintf(&b, " (%s)", strings.Join(asks, ", "))
	}
	for _, d := range r.Choice.Doubts {
		b.WriteString("\n  doubtful: " + d)
	}
	return b.String()
}

// Err is nil where a size was chosen, and otherwise says why not, a line a reason.
func (r Result) Err() error {
	if r.Choice.Neurons > 0 {
		return nil
	}
	return fmt.Errorf("no size was chosen: %s", strings.Join(r.Choice.Doubts, "\n"))
}

// noiseShare is the share of known noise among the events that features took.
func (r Result) noiseShare() float64 {
	var noise, all float64
	for _, s := range r.Curve[0].Banks {
		noise += s.Mean.Noise
		all += s.Mean.Noise + s.Mean.Structure
	}
	return noise / max(all, 1)
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

// number writes a parameter as short as it can be written.
func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// Page is the result as a page of package report shows it.
func (r Result) Page(device string) report.Sizes {
	s := report.Sizes{
		Device: device, Chosen: r.Choice.Neurons, Doubts: r.Choice.Doubts,
		Table: []report.Row{
			{Name: "Noise mixed in", Value: number(r.Rate) + " Hz a pixel"},
			{Name: "Known noise, share of the events that features took", Value: percent(r.noiseShare())},
			{Name: "Recordings learned from", Value: strconv.Itoa(r.Learned)},
			{Name: "Recordings measured on", Value: strconv.Itoa(r.Measured)},
			{Name: "Runs of each size", Value: strconv.Itoa(r.RunsEach)},
			{Name: "Taken by no feature, of the recordings' events", Value: percent(r.Untaken.Structure)},
			{Name: "Taken by no feature, of the noise", Value: percent(r.Untaken.Noise)},
		},
	}
	for i, n := range r.Choice.Runs {
		value := "none"
		if n > 0 {
			value = strconv.Itoa(n)
		}
		s.Table = append(s.Table, report.Row{Name: fmt.Sprintf("Chosen by run %d alone", i+1), Value: value})
	}
	if r.Choice.Neurons > 0 {
		s.Table = append(s.Table,
			report.Row{Name: "Where a doubling may add 30 % of separation", Value: strconv.Itoa(r.Choice.Loose)},
			report.Row{Name: "Where a doubling may add 10 %", Value: strconv.Itoa(r.Choice.Strict)})
	}
	for i, name := range r.BankNames {
		bank := report.SizeBank{Name: name}
		if i < len(r.Choice.Banks) {
			bank.Asks = r.Choice.Banks[i]
		}
		for _, p := range r.Curve {
			m, spread := p.Banks[i].Mean, p.Banks[i].Spread.Separation
			if r.RunsEach == 1 {
				spread = math.NaN()
			}
			bank.Points = append(bank.Points, report.SizePoint{
				Neurons: p.Neurons, Separation: m.Separation, SeparationSpread: spread,
				Taken: m.Taken, NoiseFeatures: m.NoiseFeatures, Caught: m.Caught, Lost: m.Lost,
				NoiseCosine: m.NoiseCosine, StructureCosine: m.StructureCosine,
			})
		}
		s.Banks = append(s.Banks, bank)
	}
	return s
}
