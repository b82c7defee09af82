// Package dataset has what labelled data sets of simulated recordings share: labels in
// an order that a seed shuffles, a seed for each recording, and recordings that several
// goroutines make and that are given in the order of their indices.
//
// A [Set] is such a data set; what a recording shows comes from the [Kind] that it is
// made of. [All] is there on its own for whatever else is made from indices.
//
// # Invariants
//
//   - A recording depends on the set's kind and seed and on its label and index. How
//     many goroutines make recordings, and in which order, has no influence.
//   - Every goroutine of an iteration has ended when the iteration has.
package dataset
