package report

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/saccade-dev/saccade/daemon/report/internal/chart"
)

type confusionView struct {
	Empty string
	Wide  bool // too wide to stand beside another
	Chart chartView
}

func drawConfusion(m Confusion) (confusionView, []file) {
	var right, all int
	for i, row := range m.Counts {
		for j, n := range row {
			all += n
			if i == j {
				right += n
			}
		}
	}
	if all == 0 {
		return confusionView{Empty: cmp.Or(m.Why, "Nothing to show: the run recognised no labelled recordings.")}, nil
	}
	c := confusionChart(m, right, all)
	view, f := viewOf(c, "confusion.svg", "Rows are the truth, columns what the readout predicted. "+
		"The fill of a cell is its share of the row: teal on the diagonal, red where it was mistaken. Recall is the share of the row on the diagonal.")
	return confusionView{Chart: view, Wide: len(m.Labels) > 14}, []file{f}
}

// roomForText is the side of a cell, in pixels, that a count fits into.
const roomForText = 18

func confusionChart(m Confusion, right, all int) *chart.Canvas {
	n := len(m.Labels)
	cell := 38.0
	switch {
	case n > 50:
		cell = max(3, 700/float64(n))
	case n > 24:
		cell = roomForText
	case n > 12:
		cell = 28
	}
	const most = 14 // characters of a label beside the matrix
	longest, labels := 0, make([]string, n)
	for i, l := range m.Labels {
		labels[i] = cut(l, most)
		longest = max(longest, len([]rune(labels[i])))
	}
	label := max(20, 7.2*float64(longest))
	tilted := label > cell
	left, top := 34+label, 64.0
	if tilted {
		top += label * 0.75
	}
	size := cell * float64(n)
	const bar, barText = 84, 68
	w, h := max(left+size+20+bar+barText, 400), top+size+34
	if tilted {
		w += label * 0.5
	}
	accuracy := float64(right) / float64(all)
	c := chart.New(w, h, fmt.Sprintf("Confusion matrix: accuracy %s", percent(accuracy)))
	c.Text("title", chart.Start, 10, 20, fmt.Sprintf("Accuracy %s: %s of %s right", percent(accuracy), count(int64(right)), plural(int64(all), "recording")))
	c.Rotated("", chart.Middle, 15, top+size/2, -90, "truth")
	c.Text("", chart.Middle, left+size/2, h-10, "prediction")
	barX := left + size + 20
	c.Text("", chart.Start, barX, top-10, "recall")

	if cell < roomForText {
		c.Cell("cell", left, top, size, size, 0, "") // the edge of the matrix, whose cells have none
	}
	written := cell >= 11 // labels, else there is no room for any
	for i, row := range m.Counts {
		y := top + float64(i)*cell
		sum := 0
		for _, k := range row {
			sum += k
		}
		if written {
			c.Text("strong", chart.End, left-8, y+cell/2+4.5, labels[i])
			at := left + (float64(i)+0.5)*cell
			if tilted {
				c.Rotated("strong", chart.Start, at, top-8, -45, labels[i])
			} else {
				c.Text("strong", chart.Middle, at, top-10, labels[i])
			}
		}
		for j, k := range row {
			drawCell(c, m, i, j, k, sum, left+float64(j)*cell, y, cell)
		}
		if sum == 0 {
			if written {
				c.Text("absent", chart.Start, barX, y+cell/2+4.5, "none")
			}
			continue
		}
		recall := float64(row[i]) / float64(sum)
		c.Bar("bar right", barX, y+cell*0.3, bar*recall, cell*0.4, fmt.Sprintf("%s: %d of %d", m.Labels[i], row[i], sum))
		if written {
			c.Text("", chart.Start, barX+bar*recall+6, y+cell/2+4.5, percent(recall))
		}
	}
	return c
}

func drawCell(c *chart.Canvas, m Confusion, i, j, k, sum int, x, y, cell float64) {
	class, share := "cell wrong", 0.0
	if i == j {
		class = "cell right"
	}
	if sum > 0 {
		share = float64(k) / float64(sum)
	}
	opacity, hint := 0.0, ""
	if k > 0 {
		// The least is well above nothing: a single mistake must be seen.
		opacity = min(0.14+0.86*share, 0.999)
		hint = fmt.Sprintf("is %s, taken for %s: %d of %d (%s)", m.Labels[i], m.Labels[j], k, sum, percent(share))
	}
	if k > 0 || cell >= roomForText { // of very many classes most cells are empty
		c.Cell(class, x, y, cell, cell, opacity, hint)
	}
	if cell < roomForText {
		return
	}
	text, class := strconv.Itoa(k), ""
	switch {
	case k == 0:
		text, class = "·", "absent"
	case share > 0.55:
		class = "inverse"
	}
	if width(text) > cell {
		return // the hint has it
	}
	c.Text(class, chart.Middle, x+cell/2, y+cell/2+4.5, text)
}
