package survey

import "github.com/saccade-dev/saccade/daemon/report"

// Tally is what features do in one recording, for [Counts] to take in when it ends. It
// holds six bytes for each event that a feature won.
type Tally struct {
	field  report.Field
	wins   []int64
	all    int64
	placed []int32 // cells and features, in the order of the events
	of     []uint16
}

// Tally makes an empty one.
func (c *Counts) Tally() *Tally { return &Tally{field: c.field, wins: make([]int64, c.features)} }

// Won takes an event that a feature won. What is of a feature that the layer has not, or
// beside the sensor, is left out: what comes from outside is not believed to be in range.
func (t *Tally) Won(x, y uint16, feature int) {
	cell, ok := t.field.Cell(x, y)
	if !ok || feature < 0 || feature >= len(t.wins) {
		return
	}
	t.wins[feature]++
	t.all++
	t.placed = append(t.placed, int32(cell))
	t.of = append(t.of, uint16(feature))
}

func (t *Tally) clear() {
	clear(t.wins)
	t.all, t.placed, t.of = 0, t.placed[:0], t.of[:0]
}
