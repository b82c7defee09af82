package size

import (
	"math"
	"slices"
)

// A feature is taken by noise where it wins TakenLift times the share of the noise
// events that it wins of the others, or more, and TakenHits noise events or more: with
// both kinds equally frequent, three of four events that it wins would be noise.
const (
	TakenLift = 3
	TakenHits = 10
)

// Measure is what a tally tells; the package's comment has the definitions.
type Measure struct {
	Structure         float64 `json:"structure_events"` // events that features took
	Noise             float64 `json:"noise_events"`
	Taken             float64 `json:"taken"`   // features
	Caught            float64 `json:"caught"`  // share of the noise events, 0 to 1
	Lost              float64 `json:"lost"`    // share of the structure events, 0 to 1
	Largest           float64 `json:"largest"` // the greatest share of the noise events in one feature
	NoiseFeatures     float64 `json:"noise_features"`
	StructureFeatures float64 `json:"structure_features"`
	Separation        float64 `json:"separation_bits"`
	Information       float64 `json:"information_bits"` // an event
	NoiseCosine       float64 `json:"noise_cosine"`     // 0 without such events
	StructureCosine   float64 `json:"structure_cosine"`
}

// Measure computes the measures of a bank.
func (t *Tally) Measure() Measure {
	structure, noise := float64(t.Events(Structure)), float64(t.Events(Noise))
	p, q := t.shares(Structure), t.shares(Noise)
	m := Measure{
		Structure: structure, Noise: noise,
		NoiseFeatures: math.Exp2(entropy(q)), StructureFeatures: math.Exp2(entropy(p)),
		Separation:      divergence(p, q, structure, noise, 0.5),
		NoiseCosine:     t.Cosines[Noise] / max(noise, 1),
		StructureCosine: t.Cosines[Structure] / max(structure, 1),
	}
	if len(q) > 0 {
		m.Largest = slices.Max(q)
	}
	if structure+noise > 0 {
		m.Information = divergence(p, q, structure, noise, noise/(structure+noise))
	}
	for i := range q {
		if t.Hits[i][Noise] >= TakenHits && q[i] >= TakenLift*p[i] {
			m.Taken++
			m.Caught += q[i]
			m.Lost += p[i]
		}
	}
	return m
}

// fields are the measure's numbers, in order.
func (m *Measure) fields() []*float64 {
	return []*float64{
		&m.Structure, &m.Noise, &m.Taken, &m.Caught, &m.Lost, &m.Largest,
		&m.NoiseFeatures, &m.StructureFeatures, &m.Separation, &m.Information,
		&m.NoiseCosine, &m.StructureCosine,
	}
}
