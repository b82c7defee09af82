// Package moving records digits that move before an event camera: one digit a recording,
// larger or smaller, that crosses a plain field in a straight line and turns round at its
// edges, at a speed of its own.
//
// In N-MNIST (package sim/saccades) a digit hardly leaves its place, and where a stroke is
// seen tells much of the class. Here the same digit is seen all over the field, and what
// follows the camera has to tell it in every place. It moves slowly: at the default
// configuration by half a pixel in 10 ms. That is what networks are for that compute on
// changes only; "moving digits" is the usual small trial of such networks, but no set of
// others is copied here, and a figure measured on this one says nothing of a figure
// measured on theirs.
//
// A [Config] holds the set-up: the camera (package sim/sensor), luminances, sizes, speeds.
// [Record] makes one recording, [NewReader] one that is simulated while it is read, and a
// [DataSet] any number of labelled ones. Each comes with its [Path], which tells at any
// time where the digit is.
//
// # What a pixel sees
//
// An image's pixels are squares on the field, Scale pixels of the sensor wide, and a
// pixel of the sensor sees the mean of what lies in a square around it. That mean is
// computed exactly, at any scale and any fraction of a pixel, so that no stroke is lost
// between pixels, however thin, and none flickers as it moves.
//
// # Invariants
//
//   - A recording depends on its image, configuration and seed; a recording of a data set
//     on the data set's source, configuration and seed and on its index. How many
//     goroutines make them, in which order, and on what machine, has no influence.
//   - Times count from 0 at the beginning of a recording and are never negative. At 0 the
//     digit has been in its place for long, and begins to move.
//   - Every goroutine of an iteration has ended when the iteration has.
package moving
