package sensor

import "github.com/saccade-dev/saccade/events"

// Scene is what a sensor looks at.
//
// Luminance fills frame, row by row from the top left corner, with the luminance
// at t microseconds: a value from 0 to [MaxLuminance] a pixel, linear, in any
// unit (the sensor's Dark is in the same). Frame has Width*Height values of the
// scene's geometry. One reader asks for times that only ever grow and always
// passes the same frame, untouched since the last call, so that a scene may
// rewrite what has changed and nothing else.
type Scene interface {
	Geometry() events.Geometry
	Luminance(t int64, frame []float32) error
}
