package readout

import (
	"fmt"
	"slices"
)

// Evaluate has a classifier judge labelled samples. A label that it does not know
// is an error.
func Evaluate(m Classifier, d Data) (*Confusion, error) {
	if len(d.Rows) != len(d.Labels) {
		return nil, fmt.Errorf("readout: %d rows but %d labels", len(d.Rows), len(d.Labels))
	}
	classes := m.Classes()
	confusion := NewConfusion(classes)
	for i, row := range d.Rows {
		want, known := slices.BinarySearch(classes, d.Labels[i])
		if !known {
			return nil, fmt.Errorf("readout: row %d is of class %q, which the model does not know", i, d.Labels[i])
		}
		got, _, err := m.Predict(row)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
		confusion.Add(want, got)
	}
	return confusion, nil
}
