package command

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/stack"
)

// countedFlag says which layers' features a readout's descriptor counts.
type countedFlag struct {
	all     bool
	numbers []int // from 1, ascending; none for the last layer
}

// UnmarshalText reads top, all or a list of numbers.
func (f *countedFlag) UnmarshalText(text []byte) error {
	*f = countedFlag{}
	switch string(text) {
	case "top":
		return nil
	case "all":
		f.all = true
		return nil
	}
	for one := range strings.SplitSeq(string(text), ",") {
		n, err := strconv.Atoi(strings.TrimSpace(one))
		if err != nil || n < 1 || n > stack.MaxLayers {
			return fmt.Errorf("expected top, all or numbers from 1 to %d, found %q", stack.MaxLayers, text)
		}
		if slices.Contains(f.numbers, n) {
			return fmt.Errorf("expected each layer once, found %d twice", n)
		}
		f.numbers = append(f.numbers, n)
	}
	slices.Sort(f.numbers)
	return nil
}

// recipe is that of a model's layers, with the cells and parts of another.
func (f *countedFlag) recipe(m *model.Model, like pool.Recipe) (pool.Recipe, error) {
	layers, n := f.numbers, 1+len(m.Upper)
	if f.all && n > 1 {
		for i := range n {
			layers = append(layers, i+1)
		}
	}
	if len(layers) > 0 && layers[len(layers)-1] > n {
		return pool.Recipe{}, usageError{fmt.Errorf("--layers: expected layers that the model has, 1 to %d, found %d", n, layers[len(layers)-1])}
	}
	r, err := m.Pooling(like, layers)
	if err != nil {
		return pool.Recipe{}, usageError{err}
	}
	return r, nil
}
