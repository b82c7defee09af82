package size

// Kind says which of two kinds an event is of.
type Kind int

// The kinds.
const (
	Structure Kind = iota // of the recording, whatever it is
	Noise                 // known to be noise
	kinds
)

// Tally counts where the events of a bank went, with learning off.
type Tally struct {
	// Hits of each feature of the bank, by kind.
	Hits [][kinds]uint64
	// Cosines are the sums of the winning cosines, by kind.
	Cosines [kinds]float64
}

func newTally(neurons int) Tally { return Tally{Hits: make([][kinds]uint64, neurons)} }

func (t *Tally) add(feature int, kind Kind, cosine float64) {
	t.Hits[feature][kind]++
	t.Cosines[kind] += cosine
}

// Events is how many events of a kind features of the bank took.
func (t *Tally) Events(kind Kind) uint64 {
	var n uint64
	for _, h := range t.Hits {
		n += h[kind]
	}
	return n
}

// shares is the distribution of a kind over features; all are 0 where there are no
// events.
func (t *Tally) shares(kind Kind) []float64 {
	out := make([]float64, len(t.Hits))
	if all := t.Events(kind); all > 0 {
		for i, h := range t.Hits {
			out[i] = float64(h[kind]) / float64(all)
		}
	}
	return out
}
