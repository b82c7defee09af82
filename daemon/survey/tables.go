package survey

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/saccade-dev/saccade/daemon/report"
	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/readout"
)

// tables are the model's configuration, layer by layer, with what became of the events,
// and its network or readout.
func (r *Result) tables() []report.Table {
	var out []report.Table
	layers := r.survey.model.Layers()
	for i, c := range layers {
		name := "The layer"
		if len(layers) > 1 {
			name = fmt.Sprintf("Layer %d", i+1)
		}
		out = append(out, report.Table{Name: name, Rows: append(configured(c.Feast, c.Pool, i > 0), r.became(i)...)})
	}
	switch m := r.survey.model; {
	case m.Network != nil:
		out = append(out, report.Table{Name: "The network", Rows: deciding(m)})
	case m.Readout != nil:
		out = append(out, report.Table{Name: "The readout", Rows: recognising(m)})
	}
	return out
}

// rows are those of a table; what has nothing to say is left off.
type rows []report.Row

func (r *rows) add(name, format string, args ...any) {
	*r = append(*r, report.Row{Name: name, Value: fmt.Sprintf(format, args...)})
}

// configured says what a layer is.
func configured(c feast.Config, pool int, behind bool) []report.Row {
	var out rows
	out.add("Mode", "%s", c.Mode)
	if behind {
		out.add("Sees", "%d×%d pixels, each %d×%d", c.Width, c.Height, pool, pool)
		out.add("Planes", "%d, one a feature below", c.Planes)
	} else {
		out.add("Sensor", "%d×%d pixels", c.Width, c.Height)
	}
	neurons := strconv.Itoa(c.Neurons)
	if c.Banks() > 1 {
		neurons += fmt.Sprintf(" in each of %d banks", c.Banks())
	}
	out.add("Neurons", "%s", neurons)
	out.add("Patch", "%d×%d pixels (R = %d), border %s", c.Side(), c.Side(), c.Radius, c.Border)
	out.add("Surface", "%s", surface(c))
	out.add("η, ΔI, ΔE", "%v, %v, %v", c.Eta, c.DeltaI, c.DeltaE)
	out.add("First threshold, seed", "%v, %d", c.InitialThreshold, c.Seed)
	if c.MinRecent > 0 {
		recent := "the surface's own time"
		if c.Recent > 0 {
			recent = c.Recent.String()
		}
		out.add("Noise filter", "%s within %s", plural(uint64(c.MinRecent), "recent pixel"), recent)
	}
	if c.Anneal != (feast.Anneal{}) {
		out.add("Annealed", "×%v every %s events, down to %v", c.Anneal.Factor, grouped(c.Anneal.Every), c.Anneal.Floor)
	}
	inference := "the nearest feature"
	if c.Inference == feast.Thresholds {
		inference = "by thresholds"
	}
	out.add("Frozen, an event goes to", "%s", inference)
	return out
}

func surface(c feast.Config) string {
	switch c.Decay {
	case feast.DecayIndex:
		return fmt.Sprintf("by number, 0 after %s events", grouped(uint64(c.Last)))
	case feast.DecayLinear:
		return fmt.Sprintf("linear, 0 after %v", c.Tau)
	}
	return fmt.Sprintf("exponential, τ = %v", c.Tau)
}

// became says what became of a layer's events.
func (r *Result) became(layer int) []report.Row {
	l := r.Layers[layer]
	var out rows
	all := l.Hits + l.Missed + l.Border + l.Outside + l.Noise + l.Ignored
	out.add("Events that came", "%s", grouped(all))
	for _, c := range []struct {
		name string
		n    uint64
	}{
		{"won by a feature", l.Hits},
		{"left out by thresholds", l.Missed},
		{"at the border", l.Border},
		{"outside the sensor", l.Outside},
		{"noise", l.Noise},
		{"of a polarity it ignores", l.Ignored},
	} {
		if c.n > 0 {
			out.add("– "+c.name, "%s (%.1f %%)", grouped(c.n), 100*float64(c.n)/float64(all))
		}
	}
	when := "Misses/hits, by thresholds"
	if r.Learned {
		when = "Misses/hits, later half"
	}
	perHit, balance := "no hits", "no balance"
	if l.MissesPerHit != nil {
		perHit = fmt.Sprintf("%.4f", *l.MissesPerHit)
	}
	if l.Balance != nil {
		balance = fmt.Sprintf("at balance %.4f", *l.Balance)
	}
	out.add(when, "%s; %s", perHit, balance)
	out.add("Features that won nothing", "%d of %d", l.Idle, l.Features)
	out.add("Use, 1 is even", "%.3f", l.UsageRelative)
	if l.Turned != nil {
		out.add("Turned by, 1 − cosine", "%.4f", *l.Turned)
	}
	return out
}

// recognising says what a model recognises with.
func recognising(m *model.Model) []report.Row {
	var out rows
	recipe := m.Recipe().Canonical()
	out.add("Kind", "%s", kind(m))
	out.add("Judges", "%s, %s values", recipe, grouped(uint64(m.Readout.Dim())))
	p := recipe.Pool
	if p.CellWidth > 0 && p.CellHeight > 0 {
		out.add("Cells", "%d×%d pixels, %s", p.CellWidth, p.CellHeight, p.Spread)
	}
	out.add("Classes", "%s", strings.Join(m.Readout.Classes(), ", "))
	out.add("In memory", "%s bytes", grouped(uint64(m.Readout.Bytes())))
	schedule := "for whole recordings"
	if m.Schedule != nil {
		schedule = "by how much has been seen"
	}
	out.add("Confidence calibrated", "%s", schedule)
	return out
}

// deciding says what a model's network is, and what it is given.
func deciding(m *model.Model) []report.Row {
	var out rows
	c := m.Network.Frames.Canonical()
	out.add("Kind", "delta network over frames")
	of := "events"
	if layer := decide.Layer(c, 1+len(m.Upper)); layer >= 0 {
		of = fmt.Sprintf("features of layer %d", layer+1)
	}
	out.add("Frames", "of %s: %d planes of %d×%d cells", of, c.Planes(), c.Columns(), c.Rows())
	out.add("Layers", "%d", len(m.Network.Net.Topology().Layers))
	out.add("Labels", "%s", strings.Join(m.Network.Labels, ", "))
	return out
}

// kind names how a readout was trained.
func kind(m *model.Model) string {
	switch c := m.Readout.(type) {
	case *readout.Model:
		return string(c.Method())
	case *readout.ELM:
		return string(readout.MethodELM)
	case *readout.Kernel:
		return string(readout.MethodKernel)
	case *readout.KNN:
		return fmt.Sprintf("%s, %d neighbours", readout.MethodKNN, c.Neighbours())
	}
	return "other"
}

func plural(n uint64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + one + "s"
}

// grouped writes a count for people: 1,234,567.
func grouped(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
