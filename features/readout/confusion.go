package readout

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Confusion counts which class was taken for which.
type Confusion struct {
	classes []string
	counts  []int // classes x classes, a row a true class
}

// PanicClass is the panic for a class that a Confusion does not have.
const PanicClass = "readout: no such class"

// NewConfusion makes an empty matrix over the classes named.
func NewConfusion(classes []string) *Confusion {
	return &Confusion{classes: slices.Clone(classes), counts: make([]int, len(classes)*len(classes))}
}

// Add counts a sample of class want that was taken for class got.
func (m *Confusion) Add(want, got int) { m.counts[m.at(want, got)]++ }

// Count is how many samples of class want were taken for class got.
func (m *Confusion) Count(want, got int) int { return m.counts[m.at(want, got)] }

// Classes lists the classes' names.
func (m *Confusion) Classes() []string { return slices.Clone(m.classes) }

func (m *Confusion) at(want, got int) int {
	if want < 0 || got < 0 || want >= len(m.classes) || got >= len(m.classes) {
		panic(PanicClass)
	}
	return want*len(m.classes) + got
}

// Total is how many samples were counted.
func (m *Confusion) Total() int {
	total := 0
	for _, n := range m.counts {
		total += n
	}
	return total
}

// Correct is how many samples were taken for what they are.
func (m *Confusion) Correct() int {
	correct := 0
	for c := range m.classes {
		correct += m.Count(c, c)
	}
	return correct
}

// Accuracy is the share of the samples that were taken for what they are, NaN
// without samples.
func (m *Confusion) Accuracy() float64 { return float64(m.Correct()) / float64(m.Total()) }

// Recall is the share of the samples of a class that were taken for it, NaN
// without any.
func (m *Confusion) Recall(class int) float64 {
	n := 0
	for got := range m.classes {
		n += m.Count(class, got)
	}
	return float64(m.Count(class, class)) / float64(n)
}

// Precision is the share of the samples taken for a class that are of it, NaN
// without any.
func (m *Confusion) Precision(class int) float64 {
	n := 0
	for want := range m.classes {
		n += m.Count(want, class)
	}
	return float64(m.Count(class, class)) / float64(n)
}

// wide is the number of classes from which String leaves the matrix out.
const wide = 32

// String is the matrix as a table, a row a true class and a column a predicted
// one, with recall behind each row and precision below each column. Of more than
// 32 classes it lists recall and precision only.
func (m *Confusion) String() string {
	var b strings.Builder
	if len(m.classes) <= wide {
		m.table(&b)
	} else {
		m.list(&b)
	}
	fmt.Fprintf(&b, "accuracy %s (%d of %d)\n", strings.TrimSpace(percent(m.Accuracy())), m.Correct(), m.Total())
	return b.String()
}

func (m *Confusion) table(b *strings.Builder) {
	first, column := len("precision"), 6
	for _, name := range m.classes {
		first = max(first, len([]rune(name)))
		column = max(column, len([]rune(name)))
	}
	fmt.Fprintf(b, "%-*s", first, "")
	for _, name := range m.classes {
		fmt.Fprintf(b, " %*s", column, name)
	}
	b.WriteString("  recall\n")
	for want, name := range m.classes {
		fmt.Fprintf(b, "%-*s", first, name)
		for got := range m.classes {
			fmt.Fprintf(b, " %*d", column, m.Count(want, got))
		}
		fmt.Fprintf(b, "  %s\n", percent(m.Recall(want)))
	}
	fmt.Fprintf(b, "%-*s", first, "precision")
	for c := range m.classes {
		fmt.Fprintf(b, " %*s", column, percent(m.Precision(c)))
	}
	b.WriteString("\n")
}

func (m *Confusion) list(b *strings.Builder) {
	fmt.Fprintf(b, "recall precision class\n")
	for c, name := range m.classes {
		fmt.Fprintf(b, "%s    %s %s\n", percent(m.Recall(c)), percent(m.Precision(c)), name)
	}
}

func percent(v float64) string {
	if math.IsNaN(v) {
		return "     -"
	}
	return fmt.Sprintf("%5.1f%%", 100*v)
}

// confusionJSON is how a Confusion is written: rates that do not exist are null.
type confusionJSON struct {
	Classes   []string   `json:"classes"`
	Counts    [][]int    `json:"counts"` // a row a true class
	Accuracy  *float64   `json:"accuracy"`
	Recall    []*float64 `json:"recall"`
	Precision []*float64 `json:"precision"`
}

// MarshalJSON writes classes, counts (a row a true class), accuracy and each
// class's recall and precision, null where there is none.
func (m *Confusion) MarshalJSON() ([]byte, error) {
	number := func(v float64) *float64 {
		if math.IsNaN(v) {
			return nil
		}
		return &v
	}
	k := len(m.classes)
	out := confusionJSON{Classes: m.Classes(), Accuracy: number(m.Accuracy()), Counts: [][]int{}}
	for c := range k {
		out.Counts = append(out.Counts, m.counts[c*k:(c+1)*k])
		out.Recall = append(out.Recall, number(m.Recall(c)))
		out.Precision = append(out.Precision, number(m.Precision(c)))
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads classes and counts back; rates follow from them.
func (m *Confusion) UnmarshalJSON(data []byte) error {
	var in confusionJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	if len(in.Counts) != len(in.Classes) {
		return fmt.Errorf("readout: confusion matrix with %d rows for %d classes", len(in.Counts), len(in.Classes))
	}
	read := &Confusion{classes: in.Classes}
	for want, row := range in.Counts {
		if len(row) != len(in.Classes) {
			return fmt.Errorf("readout: confusion matrix row %d has %d counts for %d classes", want, len(row), len(in.Classes))
		}
		for got, n := range row {
			if n < 0 {
				return fmt.Errorf("readout: confusion matrix row %d column %d is %d: expected a count", want, got, n)
			}
		}
		read.counts = append(read.counts, row...)
	}
	*m = *read
	return nil
}
