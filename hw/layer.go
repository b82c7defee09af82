package hw

import (
	"encoding"

	"github.com/saccade-dev/saccade/events"
)

// What a layer answers to an event where no feature won.
const (
	Missed  int16 = -1 // no neuron's selection threshold was reached: a missed event
	Border  int16 = -2 // the patch crosses the sensor's border
	Outside int16 = -3 // the event is not on the sensor
	Noise   int16 = -4 // too few pixels of the patch fired recently
	Ignored int16 = -5 // the event is of a polarity that the layer does not look at
)

// Layer is what runs on a target: a FEAST layer with its surfaces, weights and
// thresholds. It is used by one goroutine at a time.
type Layer interface {
	// Process runs the layer over a packet of events, in their order, and puts
	// one result an event into winners, which has their length: the index of the
	// feature that won, counted over all banks, or one of the constants above.
	Process(in []events.Event, winners []int16) error
	// Reset clears the surfaces, as before a new recording. What was learned stays.
	Reset()
	// SetLearning turns learning on or off from the next event on.
	SetLearning(on bool)

	// The whole state, taken between two packets and put back into a layer of the
	// same configuration, continues the stream with the same bits. Layers that
	// have seen the same have the same state, byte for byte, on every target. What
	// is no such state is an error, and the layer stays as it was.
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}
