// Package survey runs a trained model over labelled recordings and writes down what its
// features do: which fire, where on the sensor, when, for which class, how even their
// use is, what their thresholds would have missed, and what the readout makes of it. A
// [Result] has the numbers, and the page of package report that shows them.
//
// # What is measured
//
// The model is frozen, and each recording begins with empty surfaces, so that recordings
// do not depend on one another and all cores share them; results do not depend on how
// many there are. Recordings are taken in an order that the model's seed shuffles: what
// changes over the run is then not that one label comes after the other.
//
// Features win as the model says, the nearest one as a rule, whatever its threshold. Its
// thresholds still tell how near the nearest is: beside each layer that leaves none out,
// a second one with the same weights takes the same events with thresholds as while
// learning, and its misses are those of the curves.
//
// With [Options].Learn a copy of the model learns on first, all its layers together, in
// one pass over the recordings, with package monitor looking at it; what is shown then
// is the copy, frozen after that.
//
// # What features of features look like
//
// A weight of a layer behind another belongs to a feature of the layer before, and to a
// place about the event. [sums] lays the pictures of those features over one another,
// each at its place and multiplied by its weight, down to the surfaces of the sensor:
// what recent events the layer's feature asks for, time aside. That is our own, and a
// picture only: what a layer answers to are its weights.
//
// The counting of what features do, by place and class, is there for others who run
// recordings, as package demo does over NATS.
package survey
