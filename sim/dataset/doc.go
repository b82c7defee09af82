// Package dataset has what labelled data sets of simulated recordings share: labels in
// an order that a seed shuffles, and recordings that several goroutines make and that
// are given in the order of their indices.
package dataset
