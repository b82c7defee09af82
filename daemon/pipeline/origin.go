package pipeline

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/stack"
)

// ErrOrigin says that a state is whole, and another pipeline's: one that started from
// another layer, pooling, model or other filters, or that is of a sensor of another size. An error of
// [Pipeline.UnmarshalBinary] without it is a state that is damaged, or cannot be.
var ErrOrigin = errors.New("the state is another pipeline's")

// origin is what a pipeline starts from. A state goes on from there, and replaces
// it: it must not hide from somebody who configures another layer, or starts with
// another model, that there is an older one.
type origin struct {
	Feast *feast.Config  `json:"feast,omitempty"` // without geometry, which comes with the sensor; nil with a model
	Upper []stack.Config `json:"upper,omitempty"` // as configured; none with a model
	Pool  *pool.Config   `json:"pool,omitempty"`  // nil with a model that has its own
	Model string         `json:"model,omitempty"` // its SHA-256
	// Filters are as configured, nil for none.
	Filters *filtersOrigin `json:"filters,omitempty"`
}

// filtersOrigin are filters as they are written, for whoever reads in what two differ.
type filtersOrigin struct {
	Refractory string `json:"refractory"`
	Background string `json:"background"`
}

func originOf(o *Options) (origin, error) {
	var from origin
	if o.Model == nil {
		c := o.Feast
		c.Width, c.Height = 0, 0
		from.Feast, from.Upper = &c, o.Upper
	} else {
		b, err := o.Model.MarshalBinary()
		if err != nil {
			return origin{}, err
		}
		from.Model = fmt.Sprintf("%x", sha256.Sum256(b))
	}
	if o.Model == nil || o.Model.Readout == nil {
		c := o.Pool
		from.Pool = &c
	}
	if o.Filters != (Filters{}) {
		from.Filters = &filtersOrigin{o.Filters.Refractory.String(), o.Filters.Background.String()}
	}
	return from, nil
}

// check tells in what another origin differs.
func (o origin) check(other origin) error {
	switch {
	case o.Model != other.Model:
		return errors.New("the pipeline starts from another model than the state's did")
	case !equal(o.Feast, other.Feast):
		return fmt.Errorf("the layer was configured otherwise: %s", differences(o.Feast, other.Feast))
	case !slices.Equal(o.Upper, other.Upper):
		if len(o.Upper) != len(other.Upper) {
			return fmt.Errorf("the layers behind the first were configured otherwise: expected %d, found %d", len(o.Upper), len(other.Upper))
		}
		for i, u := range o.Upper {
			if u != other.Upper[i] {
				return fmt.Errorf("the layers behind the first were configured otherwise: layer %d: pool %d, found %d; %s",
					i+2, u.Pool, other.Upper[i].Pool, differences(u.Feast, other.Upper[i].Feast))
			}
		}
	case !equal(o.Filters, other.Filters):
		return fmt.Errorf("the filters were configured otherwise: %s", differences(o.Filters, other.Filters))
	case !equal(o.Pool, other.Pool):
		return fmt.Errorf("the pooling was configured otherwise: %s", differences(o.Pool, other.Pool))
	}
	return nil
}

// differences names the fields in which two configurations differ, with both values.
func differences(want, found any) string {
	fields := func(v any) map[string]json.RawMessage {
		out := map[string]json.RawMessage{}
		if text, err := json.Marshal(v); err == nil {
			_ = json.Unmarshal(text, &out) // what is no object has no fields
		}
		if out == nil { // null takes the map away
			out = map[string]json.RawMessage{}
		}
		return out
	}
	a, b := fields(want), fields(found)
	names := maps.Clone(a)
	maps.Copy(names, b)
	var out []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !bytes.Equal(a[name], b[name]) {
			out = append(out, fmt.Sprintf("%s: expected %s, found %s", name, cmp.Or(string(a[name]), "none"), cmp.Or(string(b[name]), "none")))
		}
	}
	return strings.Join(out, "; ")
}

// equal compares what two pointers point to, where they do.
func equal[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
