// Package pool turns a run of events into one vector that a readout can judge:
// it counts, in each cell of a coarse grid over the sensor, how often each
// feature of a FEAST layer won there.
//
// Spatial pooling of feature events is how FEAST is read out in the paper that
// introduced it (S. Afshar, N. Ralph, Y. Xu, J. Tapson, A. van Schaik and
// G. Cohen, "Event-Based Feature Extraction Using Adaptive Selection
// Thresholds", Sensors 20(6):1600, 2020). The square root and the unit length
// are ours: counts are close to Poisson, whose square root has a variance that
// no longer depends on the rate, and the length takes away how long and how
// busily the camera looked.
//
// The same type counts raw events by polarity and cell ([SourceEvents]), which
// is the baseline that any learned feature has to beat.
//
// # Descriptors
//
// [Pool] counts a whole recording. [Bins] counts by space and time: a pool for each
// bin of the time since the first event, such as the three saccades of an N-MNIST
// recording. [Decayed] sums activations that decay with a time constant, of a stream
// without beginning or end. [Concat] puts descriptors one behind the other. All are a
// [Descriptor], and a [Recipe] says which one is meant, in a form that can be written
// to a file; [Pool.AddOne] and [Bins.AddOne] tell what a single event changed, for
// readouts that decide event by event. A [Join] gives any of them the features of several
// layers at once.
//
// # Order of the vector
//
// The vector is cell-major: entry (row*columns + column)*features + feature,
// cells counted from the top left corner. Cells at the right and bottom edge are
// partial where the cell does not divide the geometry: 34x34 pixels in cells of
// 5x5 are 7x7 cells.
//
// An event counts for its own cell, or, bilinearly, for the four nearest by its
// distance from their centres ([SpreadBilinear]); the latter is ours too.
//
// # Invariants
//
//   - Counts are integers, so neither the order of events nor how they were cut
//     into packets can change them. They saturate at 2^32-1.
//   - Sums that decay are integers, too: events of one tick, a 64th of a half-life,
//     weigh the same, and decaying is only done when reading.
//   - [Pool.Vector], and that of the others, uses only operations that IEEE 754 rounds correctly, in a
//     fixed order and with explicit rounding between product and sum, so that the
//     vector has the same bits on every machine.
//   - [Pool.Add] does not allocate and cannot panic on any value of an event or a
//     winner; what lies outside the geometry or the features is not counted.
//   - A pool that is marshalled, restored elsewhere and continued gives the same
//     bits as one that never stopped.
package pool
