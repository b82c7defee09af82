// Package sizing tries layers of several sizes on recordings with known noise among
// their events, and chooses by package features/size how many neurons a layer should
// have: what `saccade train feast --size auto` does.
//
// Of the recordings, shuffled by the configuration's seed, some are learned from and
// others measured on; into both goes background noise of sim/sensor at a rate that the
// caller chooses. Each size has several runs, with other initial weights, another order
// of the recordings and other noise. They take all cores, and their results do not
// depend on how many these are.
package sizing
