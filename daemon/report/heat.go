package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/saccade-dev/saccade/daemon/report/internal/chart"
)

// heatChart draws the mean share that each feature has in each class, compared with
// the mean over classes, and nil where no class has any.
func heatChart(l Layer, a Activation, p portion) (*chart.Canvas, string) {
	classes := slices.DeleteFunc(slices.Clone(a.Classes), func(c Class) bool { return c.Recordings == 0 })
	if len(classes) == 0 || l.neurons() == 0 {
		return nil, ""
	}
	means := classMeans(classes)
	rows := min(len(classes), maxRows)
	columns := shown(means, min(maxColumns, p.cells/rows))
	full := fullOctaves(classes[:rows], means, columns)

	const labelled = 14 // characters of a class
	longest := 4
	for _, c := range classes[:rows] {
		longest = max(longest, len([]rune(cut(c.Label, labelled))))
	}
	left := 40 + 7.5*float64(longest)
	cell := min(max((rasterWidth-left-54)/float64(len(columns)), 7), 40)
	const bars, top, high = 46.0, 40.0, 22.0
	below := top + bars + 8
	right := left + cell*float64(len(columns))
	wide := max(right+54, 640)
	c := chart.New(wide, below+high*float64(rows)+62, "Mean share of each feature in the wins of each class, compared with all classes")
	c.Text("title", chart.Start, left, 20, "Features by class")
	heatKey(c, max(right, 586), full)

	most := 0.0
	for _, f := range columns {
		most = max(most, means[f])
	}
	c.Text("", chart.End, left-8, top+bars-2, "mean")
	c.Text("", chart.Start, right+4, top+8, percent(most))
	c.Line("grid", left, top, right, top)
	for i, f := range columns {
		b, k := l.of(f)
		bar := bars * means[f] / max(most, math.SmallestNonzeroFloat64)
		c.Bar("bar "+seriesClass(b, l.Banks[b].Name), left+cell*float64(i)+1, top+bars-bar, cell-2, bar,
			fmt.Sprintf("%s #%d: %s of the wins, mean over classes", l.Banks[b].Name, k, percent(means[f])))
	}
	hints := rows*len(columns) <= p.hinted // beyond that they would be most of the page
	for r, class := range classes[:rows] {
		y := below + high*float64(r)
		c.Text("strong", chart.End, left-8, y+high/2+4.5, cut(class.Label, labelled))
		for i, f := range columns {
			o, ok := octaves(class.Mean[f], means[f])
			if !ok {
				continue
			}
			hint := ""
			if hints {
				b, k := l.of(f)
				hint = fmt.Sprintf("class %s, %s #%d: %s of the wins, %s times the mean over classes", class.Label, l.Banks[b].Name, k, percent(class.Mean[f]), digits3(class.Mean[f]/means[f]))
			}
			c.Cell(heatClass(o), left+cell*float64(i), y, cell, high, min(math.Abs(o)/full, 0.999), hint)
		}
	}
	c.Rotated("", chart.Middle, 14, below+high*float64(rows)/2, -90, "class")
	heatColumns(c, l, columns, left, cell, below+high*float64(rows))
	return c, heatCaption(len(classes), rows, len(columns), len(means))
}

func heatCaption(classes, rows, columns, features int) string {
	s := "Above: each feature's share of a recording's wins, its mean over the classes. Below: the same share in the recordings of one class, as a multiple of that mean, on a scale of ratios; a cell without fill is at the mean. " +
		"Every recording of a class counts alike, however many events it has, and every class."
	if rows < classes {
		s += fmt.Sprintf(" The first %d of %d classes are drawn.", rows, classes)
	}
	if columns < features {
		s += fmt.Sprintf(" Of %d features the %d with the largest shares are drawn.", features, columns)
	}
	return s
}

// heatColumns names the columns, bank by bank.
func heatColumns(c *chart.Canvas, l Layer, columns []int, left, cell, y float64) {
	every := max(1, int(math.Ceil(20/cell)))
	for i := 0; i < len(columns); {
		b, _ := l.of(columns[i])
		from := i
		for ; i < len(columns); i++ {
			bank, k := l.of(columns[i])
			if bank != b {
				break
			}
			if (i-from)%every == 0 {
				c.Text("", chart.Middle, left+cell*(float64(i)+0.5), y+16, strconv.Itoa(k))
			}
		}
		middle := left + cell*float64(from+i)/2
		c.Text("named "+seriesClass(b, l.Banks[b].Name), chart.Middle, middle, y+36, cut(l.Banks[b].Name, max(3, int(cell*float64(i-from)/8))))
		if from > 0 {
			c.Line("axis", left+cell*float64(from), 36, left+cell*float64(from), y+20)
		}
	}
}

// heatKey draws the scale, from the right.
func heatKey(c *chart.Canvas, right, full float64) {
	const steps, step = 9, 16.0
	high := "×" + digits3(math.Exp2(full))
	c.Text("", chart.End, right, 20, high)
	x := right - width(high) - 4 - steps*step
	for i := range steps {
		o := float64(i-steps/2) / (steps / 2)
		c.Cell(heatClass(o), x+step*float64(i), 9, step, 13, min(math.Abs(o), 0.999), "")
	}
	c.Text("", chart.End, x-6, 20, "of the mean: ×"+digits3(math.Exp2(-full)))
}

// heatClass is what a share is marked as, more or less than the mean.
func heatClass(octaves float64) string {
	if octaves < 0 {
		return "cell less"
	}
	return "cell more"
}

// classMeans gives each feature's share, the mean over classes.
func classMeans(classes []Class) []float64 {
	out := make([]float64, len(classes[0].Mean))
	for f := range out {
		for _, c := range classes {
			out[f] += c.Mean[f] / float64(len(classes))
		}
	}
	return out
}

// shown gives the features that are drawn: all, or as many with the largest shares,
// in the order of their indices.
func shown(means []float64, most int) []int {
	out := make([]int, len(means))
	for i := range out {
		out[i] = i
	}
	if len(out) > most {
		slices.SortStableFunc(out, func(a, b int) int {
			switch {
			case means[a] > means[b]:
				return -1
			case means[a] < means[b]:
				return 1
			}
			return 0
		})
		out = out[:most]
		slices.Sort(out)
	}
	return out
}

// octaves is how many doublings a share is from the mean, and false where there is
// nothing to compare; a share of nothing is as far below as any.
func octaves(share, mean float64) (float64, bool) {
	if mean <= 0 {
		return 0, false
	}
	return max(math.Log2(share/mean), -99), true
}

// fullOctaves gives the ratio that has the full colour: of those that leave no more
// than one cell in ten beyond it, the smallest.
func fullOctaves(classes []Class, means []float64, columns []int) float64 {
	var all []float64
	for _, c := range classes {
		for _, f := range columns {
			if o, ok := octaves(c.Mean[f], means[f]); ok {
				all = append(all, math.Abs(o))
			}
		}
	}
	if len(all) == 0 {
		return 1
	}
	slices.Sort(all)
	bound := all[(len(all)-1)*9/10]
	for _, o := range []float64{0.25, 0.5, 1, 1.5, 2, 3} {
		if o >= bound {
			return o
		}
	}
	return 4
}
