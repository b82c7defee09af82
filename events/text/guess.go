package text

import (
	"bytes"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/events"
)

// orders are the orders of columns that are known without names, the commonest
// first.
var orders = [][]column{
	{timeColumn, xColumn, yColumn, pColumn},
	{xColumn, yColumn, pColumn, timeColumn},
	{xColumn, yColumn, timeColumn, pColumn},
	{timeColumn, pColumn, xColumn, yColumn},
}

// guessColumns gives the order that suits the lines best, by those that it does not
// suit and those in which times fall; nil where none suits any line. A rarer order
// must be more than twice as good, so that a few damaged lines do not decide.
func guessColumns(rows [][][]byte) []column {
	var best []column
	fewest := 0
	for _, order := range orders {
		if misses, falls := misfits(rows, order); misses < len(rows) && (best == nil || 2*(misses+falls) < fewest) {
			best, fewest = order, misses+falls
		}
	}
	return best
}

// misfits counts the lines that an order of columns does not suit, and those whose
// times are before the line above.
func misfits(rows [][][]byte, order []column) (misses, falls int) {
	last := int64(math.MinInt64)
	for _, row := range rows {
		good, t := len(row) == len(order), last
		for c := 0; good && c < len(row); c++ {
			switch order[c] {
			case timeColumn:
				// As if seconds, so that fractions count too; nanoseconds of an epoch
				// do not fit so large, and are whole.
				if t, _, good = scaled(row[c], 6); !good {
					t, _, good = scaled(row[c], 0)
				}
			case pColumn:
				_, good = polarity(row[c])
			default:
				var v int64
				var whole bool
				v, whole, good = scaled(row[c], 0)
				good = good && whole && v >= 0 && v < events.MaxSide
			}
		}
		switch {
		case !good:
			misses++
		case t < last:
			falls++
			last = t
		default:
			last = t
		}
	}
	return misses, falls
}

// nanosecondDigits is from how many digits on a whole time without a name cannot
// be microseconds: they would be thousands of years.
const nanosecondDigits = 18

// guessUnit tells what times count by how they are written.
func guessUnit(rows [][][]byte, columns []column, named bool) Unit {
	at := slices.Index(columns, timeColumn)
	whole, nano := true, len(rows) > 0
	for _, row := range rows {
		if at >= len(row) {
			continue
		}
		cell := row[at]
		point := bytes.IndexByte(cell, '.')
		fraction := point >= 0 && !bytes.Equal(cell[point:], []byte(".0")) || bytes.ContainsAny(cell, "eE")
		whole = whole && !fraction
		nano = nano && len(bytes.TrimLeft(cell, "-+")) >= nanosecondDigits
	}
	switch {
	case !whole:
		return Seconds
	case nano && !named:
		return Nanoseconds
	default:
		return Microseconds
	}
}
