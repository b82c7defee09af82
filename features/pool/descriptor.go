package pool

import "github.com/saccade-dev/saccade/events"

// Descriptor turns events into a vector that a readout can judge: of a recording,
// or of the stream so far. [Pool], [Bins], [Decayed] and [Concat] are descriptors.
type Descriptor interface {
	// Len is the length of the vector.
	Len() int
	// Reset forgets all events.
	Reset()
	// Add takes the events of a packet, with one winner an event.
	Add(in []events.Event, winners []int16)
	// Vector writes the vector into dst, which is made anew if it is too short, and
	// returns it. What was added stays.
	Vector(dst []float32) []float32
}

var (
	_ Descriptor = (*Pool)(nil)
	_ Descriptor = (*Bins)(nil)
	_ Descriptor = (*Decayed)(nil)
	_ Descriptor = Concat(nil)
)

// Concat is descriptors one behind the other: its vector is theirs in a row.
type Concat []Descriptor

// Len is the sum of the descriptors' lengths.
func (c Concat) Len() int {
	n := 0
	for _, d := range c {
		n += d.Len()
	}
	return n
}

// Reset resets every descriptor.
func (c Concat) Reset() {
	for _, d := range c {
		d.Reset()
	}
}

// Add hands a packet to every descriptor.
func (c Concat) Add(in []events.Event, winners []int16) {
	for _, d := range c {
		d.Add(in, winners)
	}
}

// Vector is the descriptors' vectors in a row.
func (c Concat) Vector(dst []float32) []float32 {
	dst = sized(dst, c.Len())
	at := 0
	for _, d := range c {
		n := d.Len()
		d.Vector(dst[at : at+n : at+n])
		at += n
	}
	return dst
}
