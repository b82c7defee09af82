// Package surface keeps time surfaces: for every pixel, and for every polarity
// or feature that is told apart, the time of its last event.
//
// A cell holds 32 bits. Times of the stream, in 64 bits of microseconds, are
// mapped to them by a base that follows the stream, so that a stream may run for
// years; a cell older than the decay's horizon contributes nothing to a context
// any more and may become 0, which is what a pixel that never fired has. Moving
// the base changes no result.
//
// Time surfaces are from Lagorce, Orchard, Galluppi, Shi and Benosman, "HOTS: A
// Hierarchy of Event-Based Time-Surfaces for Pattern Recognition", IEEE TPAMI
// 39(7), 2017.
package surface
