// Package saccades records digits as N-MNIST was recorded: Orchard, Jayawant, Cohen
// and Thakor, "Converting Static Image Datasets to Spiking Neuromorphic Datasets
// Using Saccades" (Frontiers in Neuroscience 9:437, 2015).
//
// There an event camera on a pan-tilt unit looks at a still digit on a screen, 28x28
// pixels large on the sensor, and makes three saccades of 100 ms each along the sides
// of an isosceles triangle. A region of 34x34 pixels around the digit is kept. In the
// recordings the digit moves by about five pixels down and two aside, back up and
// three on, and back to where it began; 4,100 events in 0.31 s on average.
//
// A [Config] holds that set-up: the sensor (package sim/sensor), the screen, the
// movement of the image. [DefaultConfig] was fitted to real recordings; [Record] makes
// one recording of one image, [NewReader] one that is simulated while it is read, and
// a [DataSet] any number of labelled ones from a [Source] of images.
//
// # What was fitted
//
// To the 800 recordings of N-MNIST's training set that the project tests with: the
// rate of either polarity over time, the place and the width of both polarities' events
// over time, the intervals between the events of a pixel, the runs of one polarity at a
// pixel, the number of events. The motors of the two axes do not run together in these
// recordings; the default movement has them apart. ON events stand at the edges that
// the digit leaves, so the digit is darker than its ground.
//
// # Invariants
//
//   - A recording depends on its image, configuration and seed; a recording of a data
//     set on the data set's source, configuration and seed and on its index. How many
//     goroutines make them, in which order, and on what machine, has no influence.
//   - Times count from 0 at the beginning of a recording and are never negative.
//   - Every goroutine of an iteration has ended when the iteration has.
package saccades
