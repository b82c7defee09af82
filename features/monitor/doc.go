// Package monitor tells from a FEAST layer's thresholds and outputs, without its
// weights, how learning goes: signals for curves, whether the layer has settled, and
// whether it drifts from there. Afshar et al. (2020), who gave FEAST its thresholds,
// claim that such signals are enough; the definitions here are our own, and so are
// all numbers.
//
// # When it looks
//
// A [Monitor] takes a [Sample] of counters and thresholds every few thousand events,
// where the layer's count of events is a multiple of [Options].Sample: at the same
// events, however the stream was cut into packets. [Monitor.Process] cuts a packet
// there. That costs a comparison a packet and a few copies a sample, next to nothing
// an event. Some samples make an [Interval], whose [Signals] say
//
//	missed rate      missed/(hits + missed), see [MissedRate]
//	misses per hit   at balance dI/(N*dE), see [CheckBalance]
//	thresholds       mean, standard deviation, range; how far one moves from sample to
//	                 sample, per 1,000 events
//	usage            of the shares p of features in the hits: entropy -sum(p*log2 p),
//	                 relative to log2 of their number; standard deviation over mean
//
// for each bank and for all, and beside them, only for comparison, how far features have
// turned ([WeightChange]). [Series] keeps the latest intervals and the whole stream
// in bounded memory.
//
// # When a layer has settled
//
// FEAST's weights and thresholds never stand still: what settles is what they vary
// about. So a [Detector] compares the two halves of a window of intervals, each
// signal's difference by its scatter within the halves, which is the noise of that
// stream, and never less than counting and the steps dI and dE make it. It watches
//
//	mean and spread of thresholds, misses per hit, variation of usage: of all features
//	the share of hits that a bank has, where there are two
//	all thresholds together: the squares of their differences by those of their noise
//
// The last is the strictest, as each neuron's threshold rests on what its feature has
// become. And as thresholds may rest for a while where weights learn slowly, so many
// hits must have passed as a weight needs to learn: it knows eta, and no weight.
// With only that, [Settled] is found once.
//
// # When it drifts
//
// What the signals were like in that window, mean and variance, is what settled looks
// like; from then on each is watched by a cumulative sum (Page's CUSUM) of its
// deviations on either side, and so is the mean distance of the thresholds from what
// they were on the average. Means and variances follow the stream, slowly and some
// intervals late, as weights wander for ever: what changes over more than
// [Params].Memory intervals is no drift. Nor is all chance excluded: on N-MNIST, one
// interval in some 400 was taken for a drift where nothing had changed, or one in 2,000
// with stricter bounds; see [DefaultParams]. Whoever wants to be told of few should
// take long intervals.
// After a [Drift] the detector looks for settling again.
//
// Settled means that thresholds and outputs stand still but for noise. Weights that
// learn fast turn for ever, and those that learn slowly may go on turning a little: the
// thresholds do not tell. And with learning off nothing is found, neither settling nor
// drift, as thresholds rest then.
//
// What changes nothing in a layer's thresholds and outputs is not found: swapped
// polarities are nothing to a merged bank, and other digits are hardly anything to
// features of 5x5 pixels, to which most strokes are alike.
package monitor
