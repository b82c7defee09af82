package command

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/saccade-dev/saccade/features/readout"
)

const (
	// maxMatrix is the most classes whose confusion matrix is drawn: more do not
	// fit in a terminal.
	maxMatrix = 20
	// maxName is as much as is shown of a class's name.
	maxName = 8
)

// matrix draws a confusion matrix, a row what the recordings are and a column what
// they were named. Of many classes it lists what else each was named most often.
func matrix(c *readout.Confusion) string {
	names := c.Classes()
	if len(names) > maxMatrix {
		return confusions(c, names)
	}
	width := 1
	for i := range names {
		names[i] = shortened(names[i])
		width = max(width, utf8.RuneCountInString(names[i]))
		for j := range names {
			width = max(width, len(fmt.Sprint(c.Count(i, j))))
		}
	}
	var b strings.Builder
	const corner = "  is ↓ named →"
	indent := utf8.RuneCountInString(corner)
	b.WriteString(corner)
	for _, name := range names {
		b.WriteString("  " + padded(name, width))
	}
	b.WriteString("   recall\n")
	for want, name := range names {
		b.WriteString(padded(name, indent))
		for got := range names {
			count := "·" // what is right and what is wrong is seen at once without zeros
			if n := c.Count(want, got); n > 0 {
				count = fmt.Sprint(n)
			}
			b.WriteString("  " + padded(count, width))
		}
		fmt.Fprintf(&b, "  %7s\n", recall(c, want))
	}
	return b.String()
}

// confusions lists each class's recall and what else it was named most often.
func confusions(c *readout.Confusion, names []string) string {
	width := 0
	for _, name := range names {
		width = max(width, utf8.RuneCountInString(name))
	}
	var b strings.Builder
	for want, name := range names {
		other := -1
		for got := range names {
			if n := c.Count(want, got); got != want && n > 0 && (other < 0 || n > c.Count(want, other)) {
				other = got
			}
		}
		fmt.Fprintf(&b, "  %s  recall %7s", padded(name, width), recall(c, want))
		if other >= 0 {
			fmt.Fprintf(&b, ", %s named %s", grouped(c.Count(want, other)), names[other])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func recall(c *readout.Confusion, class int) string {
	r := c.Recall(class)
	if math.IsNaN(r) {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*r)
}

func shortened(name string) string {
	if r := []rune(name); len(r) > maxName {
		return string(r[:maxName-1]) + "…"
	}
	return name
}

// padded writes text at the right end of so many characters.
func padded(text string, width int) string {
	return strings.Repeat(" ", max(width-utf8.RuneCountInString(text), 0)) + text
}
