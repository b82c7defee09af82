package command

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/saccade-dev/saccade/daemon/control"
	"github.com/saccade-dev/saccade/features/monitor"
)

type historyCmd struct {
	JSON  bool `name:"json" help:"Print one JSON object: all signals of the latest intervals and of the whole stream, by bank too."`
	CSV   bool `name:"csv" help:"Print a line an interval, those of the whole stream before the latest."`
	Layer int  `help:"Which of several layers, from 1." default:"1" placeholder:"N"`
	sensorFlags
}

func (c *historyCmd) Run(e *env) error {
	if c.JSON && c.CSV {
		return usageError{errors.New("--json and --csv: expected one of them")}
	}
	// The daemon takes 0 for the first layer, but whoever counts from 0 means another.
	if c.Layer < 1 {
		return usageError{fmt.Errorf("--layer: expected 1 or more, found %d", c.Layer)}
	}
	data, err := c.ask(e, control.EndpointHistory, control.SensorRequest{Sensor: c.Sensor, Layer: c.Layer})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.stdout, json.RawMessage(data))
	}
	var h control.History
	if err := json.Unmarshal(data, &h); err != nil {
		return fmt.Errorf("the daemon's answer: %w", err)
	}
	if c.CSV {
		return historyCSV(e.stdout, &h)
	}
	return historyTable(e.stdout, &h)
}

// curve is a signal over the stream.
type curve struct {
	column string // of the CSV
	name   string // in the table; empty where it is not shown there
	format string
	value  func(*monitor.Interval, *control.History) (v float64, there bool)
}

// of makes a curve's value of a signal that is there where events of a kind are.
func of(value func(*monitor.Signals) (float64, bool)) func(*monitor.Interval, *control.History) (float64, bool) {
	return func(in *monitor.Interval, _ *control.History) (float64, bool) { return value(&in.All) }
}

var curves = []curve{
	{"missed_rate", "missed rate", "%.4f", of(func(s *monitor.Signals) (float64, bool) { return s.MissedRate, s.Hits+s.Missed > 0 })},
	{"misses_per_hit", "", "", of(func(s *monitor.Signals) (float64, bool) { return s.MissesPerHit, s.Hits > 0 })},
	{"misses_per_hit_to_balance", "misses per hit, to balance", "%.3f", func(in *monitor.Interval, h *control.History) (float64, bool) {
		if h.Expected == 0 || in.All.Hits == 0 || !in.Learning {
			return 0, false // frozen thresholds are in no balance
		}
		return in.All.MissesPerHit / h.Expected, true
	}},
	{"threshold_mean_cosine", "threshold mean", "%.4f", of(func(s *monitor.Signals) (float64, bool) { return s.ThresholdMean, true })},
	{"threshold_sd_cosine", "threshold deviation", "%.4f", of(func(s *monitor.Signals) (float64, bool) { return s.ThresholdSD, true })},
	{"threshold_min_cosine", "", "", of(func(s *monitor.Signals) (float64, bool) { return s.ThresholdMin, true })},
	{"threshold_max_cosine", "", "", of(func(s *monitor.Signals) (float64, bool) { return s.ThresholdMax, true })},
	{"threshold_change_cosine_per_1000_events", "threshold change", "%.5f", of(func(s *monitor.Signals) (float64, bool) { return s.ThresholdChange, true })},
	{"weight_change", "weight change, 1 - cosine", "%.5f", func(in *monitor.Interval, _ *control.History) (float64, bool) {
		if in.WeightChange == nil {
			return 0, false
		}
		return *in.WeightChange, true
	}},
	{"usage_entropy_bits", "usage entropy, bits", "%.3f", of(func(s *monitor.Signals) (float64, bool) { return s.UsageEntropy, s.Hits > 0 })},
	{"usage_variation", "usage variation", "%.3f", of(func(s *monitor.Signals) (float64, bool) { return s.UsageCV, s.Hits > 0 })},
}

// historyCSV writes numbers in full; what cannot be said is an empty cell.
func historyCSV(w io.Writer, h *control.History) error {
	out := csv.NewWriter(w)
	row := []string{"series", "from_event", "to_event", "events", "learning", "hits_events", "missed_events"}
	for _, c := range curves {
		row = append(row, c.column)
	}
	if err := out.Write(row); err != nil {
		return err
	}
	for _, series := range []struct {
		name      string
		intervals []monitor.Interval
	}{{"whole", h.Whole}, {"recent", h.Recent}} {
		for i := range series.intervals {
			in := &series.intervals[i]
			row = append(row[:0], series.name, count(in.From), count(in.To), count(in.Events),
				strconv.FormatBool(in.Learning), count(in.All.Hits), count(in.All.Missed))
			for _, c := range curves {
				cell := ""
				if v, there := c.value(in, h); there {
					cell = strconv.FormatFloat(v, 'g', -1, 64)
				}
				row = append(row, cell)
			}
			if err := out.Write(row); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

func count(n uint64) string { return strconv.FormatUint(n, 10) }

// historyTable draws the whole stream, a line a signal.
func historyTable(w io.Writer, h *control.History) error {
	var b strings.Builder
	learning := "on"
	if !h.Learning {
		learning = "frozen"
	}
	which, whose := "", ""
	if h.Layers > 1 {
		which, whose = fmt.Sprintf(", layer %d of %d", h.Layer, h.Layers), " of the sensor"
		if h.Layer > 1 {
			whose = fmt.Sprintf(" of layer %d's features", h.Layer-1)
		}
	}
	fmt.Fprintf(&b, "%s%s: %s%s, learning %s, %s\n", printable(h.Sensor), which, plural(h.Events, "event"), whose, learning, standing(h))
	if len(h.Whole) == 0 {
		b.WriteString("no interval is complete yet")
		if h.Interval > 0 { // a daemon of before does not say
			fmt.Fprintf(&b, ", the first after %s", plural(h.Interval, "event"))
		}
		b.WriteString(": there is nothing to draw\n")
		_, err := io.WriteString(w, b.String())
		return err
	}
	first, last := h.Whole[0], h.Whole[len(h.Whole)-1]
	fmt.Fprintf(&b, "%s from event %s to %s, %s each\n\n", plural(len(h.Whole), "step"),
		grouped(first.From), grouped(last.To), plural(first.Events, "event"))
	const names = 26
	fmt.Fprintf(&b, "%-*s %9s %9s %9s %9s\n", names, "", "first", "least", "greatest", "latest")
	for _, c := range curves {
		if c.name == "" {
			continue
		}
		values := make([]float64, len(h.Whole)) // NaN where there is none
		for i := range h.Whole {
			v, there := c.value(&h.Whole[i], h)
			if !there {
				v = math.NaN()
			}
			values[i] = v
		}
		low, high := bounds(values)
		fmt.Fprintf(&b, "%-*s", names, c.name)
		for _, v := range []float64{values[0], low, high, values[len(values)-1]} {
			cell := "-"
			if !math.IsNaN(v) {
				cell = fmt.Sprintf(c.format, v)
			}
			fmt.Fprintf(&b, " %9s", cell)
		}
		fmt.Fprintf(&b, "  %s\n", sparkline(values, low, high))
	}
	if frozen := frozenLine(h.Whole); frozen != "" {
		fmt.Fprintf(&b, "%-*s  %s\n", names+40, "learning (·: frozen at times)", frozen)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// standing says whether the layer has settled.
func standing(h *control.History) string {
	switch {
	case h.Settled && h.Change != nil:
		return "settled since event " + grouped(h.Change.At)
	case h.Change != nil && h.Change.Change == monitor.Drift:
		return fmt.Sprintf("drifting since event %s (%s)", grouped(h.Change.At), printable(h.Change.Signal))
	default:
		return "not settled yet"
	}
}

// bounds are the least and the greatest of those values that there are, NaN for none.
func bounds(values []float64) (low, high float64) {
	low, high = math.NaN(), math.NaN()
	for _, v := range values {
		if !math.IsNaN(v) {
			if math.IsNaN(low) {
				low, high = v, v
			}
			low, high = min(low, v), max(high, v)
		}
	}
	return low, high
}

// sparkline draws values between two bounds, a character each, a space for none.
func sparkline(values []float64, low, high float64) string {
	steps := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	for _, v := range values {
		switch {
		case math.IsNaN(v):
			b.WriteByte(' ')
		case high > low:
			b.WriteRune(steps[int(math.Round((v-low)/(high-low)*float64(len(steps)-1)))])
		default:
			b.WriteRune(steps[0])
		}
	}
	return b.String()
}

// frozenLine shows where learning was frozen; empty where it never was.
func frozenLine(in []monitor.Interval) string {
	line, ever := make([]rune, len(in)), false
	for i, one := range in {
		line[i] = '█'
		if !one.Learning {
			line[i], ever = '·', true
		}
	}
	if !ever {
		return ""
	}
	return string(line)
}
