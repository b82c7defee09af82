package dataset

import (
	"context"
	"math/rand/v2"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/sim/sensor"
)

// Label is a type of labels: numbers from 0, at most MaxClasses of them.
type Label interface{ ~int | ~uint8 }

// MaxClasses is how many labels a data set may have.
const MaxClasses = 256

// Kind is what data sets of one kind have of their own: labels of type L, recordings of
// type R, and how one of these is made.
type Kind[L Label, R any] struct {
	Name    string // what errors begin with: that of the package
	Classes int    // from 1 to MaxClasses; labels are from 0 to Classes-1

	// The camera: what a sensor is made of, see [sensor.New].
	Geometry events.Geometry
	Sensor   sensor.Config
	Camera   uint64

	// Record makes one recording, with a sensor that may have been used before and is
	// used by nobody else meanwhile. It depends on d and on nothing that changes, and
	// is called from several goroutines at once. Its errors need not tell Name and index.
	Record func(ctx context.Context, s *sensor.Sensor, d Draw[L]) (R, error)
}

// Draw is what a data set has drawn for one recording.
type Draw[L Label] struct {
	Index int
	Label L
	Seed  uint64     // of all that is random in the recording
	RNG   *rand.Rand // for what is drawn beside it, such as the image that it is of
}
