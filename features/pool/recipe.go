package pool

import (
	"encoding"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind says how a part of a descriptor treats time.
type Kind string

// The kinds.
const (
	KindCounts  Kind = "counts"  // counts of everything since the last reset: a Pool
	KindBins    Kind = "bins"    // counts by time since the first event: Bins
	KindDecayed Kind = "decayed" // sums that decay with a time constant: Decayed
)

// kinds are all there are.
var kinds = []Kind{KindCounts, KindBins, KindDecayed}

// MaxParts is the most parts that a descriptor may be made of.
const MaxParts = 16

// Part is one descriptor of a Recipe.
type Part struct {
	Kind Kind `json:"kind"`
	// Edges are those of KindBins, in microseconds; see [BinsConfig].
	Edges []int64 `json:"edges_us,omitempty"`
	// Tau is that of KindDecayed, in microseconds; see [DecayedConfig].
	Tau int64 `json:"tau_us,omitempty"`
}

// Recipe is all that is needed to make a descriptor: how it counts over space, and
// how over time. It can be written as JSON and read back.
type Recipe struct {
	// Pool is how every part counts over space and presents its counts.
	Pool Config `json:"pool"`
	// Parts are how it counts over time, in the order of the vector. None stands for
	// counts alone.
	Parts []Part `json:"parts,omitempty"`
	// Layers are the layers whose features are counted together, from 1 in ascending
	// order; Pool.Features is then the number of all of them, see [Join]. None stands for
	// the last layer alone.
	Layers []int `json:"layers,omitempty"`
}

// Stateful is a descriptor whose state can be taken and put back. All descriptors
// that a Recipe makes are.
type Stateful interface {
	Descriptor
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}

var (
	_ Stateful = (*Pool)(nil)
	_ Stateful = (*Bins)(nil)
	_ Stateful = (*Decayed)(nil)
	_ Stateful = Concat(nil)
)

// Canonical is the same recipe with defaults filled in, and with no parts where
// there are counts alone: recipes of the same descriptor look the same.
func (r Recipe) Canonical() Recipe {
	r.Pool = r.Pool.withDefaults()
	if len(r.Parts) == 1 && r.Parts[0].Kind == KindCounts {
		r.Parts = nil
	}
	return r
}

// Equal tells whether two recipes make the same descriptor.
func (r Recipe) Equal(other Recipe) bool {
	r, other = r.Canonical(), other.Canonical()
	return r.Pool == other.Pool && slices.Equal(r.Layers, other.Layers) && slices.EqualFunc(r.Parts, other.Parts, func(a, b Part) bool {
		return a.Kind == b.Kind && a.Tau == b.Tau && slices.Equal(a.Edges, b.Edges)
	})
}

// parts are the parts, the one that none stands for included.
func (r Recipe) parts() []Part {
	if len(r.Parts) == 0 {
		return []Part{{Kind: KindCounts}}
	}
	return r.Parts
}

// Validate tells what is wrong with a recipe, nil if nothing is.
func (r Recipe) Validate() error {
	if err := r.Pool.Validate(); err != nil {
		return err
	}
	if err := checkLayers(r.Layers); err != nil {
		return err
	}
	if len(r.Layers) > 0 && r.Pool.Source == SourceEvents {
		return fmt.Errorf("pool: layers %v: expected none where events are counted", r.Layers)
	}
	if len(r.Parts) > MaxParts {
		return fmt.Errorf("pool: %d parts: expected %d at most", len(r.Parts), MaxParts)
	}
	for i, p := range r.parts() {
		if err := p.validate(r.Pool); err != nil {
			return fmt.Errorf("part %d: %w", i, err)
		}
	}
	if n := r.length(); n > MaxLen {
		return fmt.Errorf("pool: %d parts make a vector of %d: at most %d", len(r.Parts), n, MaxLen)
	}
	return nil
}

func (p Part) validate(c Config) error {
	switch {
	case !slices.Contains(kinds, p.Kind):
		return fmt.Errorf("pool: unknown kind %q: known are %q", p.Kind, kinds)
	case p.Kind != KindBins && len(p.Edges) > 0:
		return fmt.Errorf("pool: edges belong to %q, found them with %q", KindBins, p.Kind)
	case p.Kind != KindDecayed && p.Tau != 0:
		return fmt.Errorf("pool: a tau belongs to %q, found one with %q", KindDecayed, p.Kind)
	case p.Kind == KindBins:
		return BinsConfig{Pool: c, Edges: p.Edges}.Validate()
	case p.Kind == KindDecayed:
		return DecayedConfig{Pool: c, Tau: p.Tau}.Validate()
	}
	return nil
}

// Len is the length of the vectors of a valid recipe, without making a descriptor.
func (r Recipe) Len() int { return int(r.length()) }

func (r Recipe) length() int64 {
	c := r.Pool.withDefaults()
	cols, rows := c.cells()
	bins := int64(0)
	for _, p := range r.parts() {
		bins += int64(len(p.Edges)) + 1
	}
	return int64(cols) * int64(rows) * int64(c.Features) * bins
}

// New makes an empty descriptor: a [Pool], [Bins] or [Decayed] of one part, a
// [Concat] of several.
func (r Recipe) New() (Stateful, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	var all Concat
	for _, p := range r.parts() {
		d, err := p.make(r.Pool)
		if err != nil {
			return nil, err
		}
		if len(r.Parts) <= 1 {
			return d, nil
		}
		all = append(all, d)
	}
	return all, nil
}

func (p Part) make(c Config) (Stateful, error) {
	switch p.Kind {
	case KindBins:
		return NewBins(BinsConfig{Pool: c, Edges: p.Edges})
	case KindDecayed:
		return NewDecayed(DecayedConfig{Pool: c, Tau: p.Tau})
	default:
		return New(c)
	}
}

// Even gives the edges of so many bins of equal width; the last has no end.
func Even(bins int, width time.Duration) ([]int64, error) {
	us := width.Microseconds()
	switch {
	case bins < 1 || bins > MaxBins:
		return nil, fmt.Errorf("pool: %d bins: expected 1 to %d", bins, MaxBins)
	case us < 1 || us > maxWidth:
		return nil, fmt.Errorf("pool: bins of %v: expected 1 us to %v", width, maxWidth*time.Microsecond)
	}
	var edges []int64
	for i := range bins - 1 {
		edges = append(edges, int64(i+1)*us)
	}
	return edges, nil
}

// maxWidth is a day in microseconds, so that no edge leaves an int64.
const maxWidth = 24 * 60 * 60 * 1_000_000

// String names the parts as people do, "counts + 3 bins + decayed 30ms", and the layers
// where they are not the last alone: "counts of layers 1, 2".
func (r Recipe) String() string {
	var names []string
	for _, p := range r.parts() {
		switch p.Kind {
		case KindBins:
			names = append(names, fmt.Sprintf("%d bins", len(p.Edges)+1))
		case KindDecayed:
			names = append(names, fmt.Sprintf("decayed %v", time.Duration(p.Tau)*time.Microsecond))
		default:
			names = append(names, string(p.Kind))
		}
	}
	text := strings.Join(names, " + ")
	if len(r.Layers) == 0 {
		return text
	}
	numbers := make([]string, len(r.Layers))
	for i, n := range r.Layers {
		numbers[i] = strconv.Itoa(n)
	}
	if len(numbers) == 1 {
		return text + " of layer " + numbers[0]
	}
	return text + " of layers " + strings.Join(numbers, ", ")
}

// errStateless is the error of taking the state of what has none to take.
var errStateless = errors.New("pool: a descriptor of other packages has no state that could be taken")
