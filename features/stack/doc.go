// Package stack puts FEAST layers behind each other: the events that features of one
// layer win are the events of the next, in which the number of the feature takes the
// place of the polarity. The next layer's surface has a plane for each feature of the
// one before, and its contexts span all of them ([feast.Planes]), so that it learns
// which features come together, where and in which order, as the layers of HOTS do
// (Lagorce, Orchard, Galluppi, Shi and Benosman, IEEE TPAMI 39(7), 2017).
//
// Between two layers pixels may be pooled: with [Config].Pool of 2, squares of 2x2
// pixels of the one are a pixel of the other, and a patch of the same radius reaches
// twice as far. What comes of an event is known for each layer; an event that has no
// feature at one (missed, at the border, noise) ends there and answers for those above
// with the same reason.
//
// All layers may learn at once, as a stream comes, or one after the other
// ([Stack.SetLearningOf]), which wastes no events of a layer on features that are not
// there yet.
package stack
