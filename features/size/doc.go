// Package size finds how many neurons a FEAST layer should have, from what noise does
// to its features.
//
// Afshar et al., "Event-Based Feature Extraction Using Adaptive Selection Thresholds"
// (Sensors 20(6):1600, 2020, arXiv:1907.07853), propose in their abstract "a novel
// heuristic method for network size selection [...] which makes use of noise events and
// their feature representations". The idea is theirs; what is measured here, the
// criterion and every constant are ours.
//
// # The idea
//
// A noise event stands alone: nothing around it has fired. A small layer has no feature
// for that, and noise falls to whatever feature is nearest, among the events of
// structure. As a layer grows there comes a size from which on a feature or a few take
// most of the noise and hardly anything else. From there on, the layer's features say
// which events are noise; more neurons do not say it better, but some of them are
// spent on noise again.
//
// Noise that is known to be noise, mixed into recordings, shows when that happens. It is
// a tracer: recordings have noise of their own, which goes where the tracer goes and
// counts as structure here. So the shares below are lower bounds, and a layer is right
// to have fewer known noise events than others in the feature that is taken by noise.
//
// # What is measured
//
// A [Trial] learns from a stream, is frozen, and measures on another one. Of each bank,
// with p and q the distributions over its features of the noise events and of the
// others that some feature took (a [Measure]):
//
//	taken       features with p >= 3q and ten noise events or more
//	caught      the share of noise in those, lost: that of structure
//	noise features      2^H(p): over how many features noise is spread; structure alike
//	separation  H((p+q)/2) - (H(p) + H(q))/2: the bits that a winner tells of whether its
//	            event is noise, where half of the events are (the divergence of Jensen and
//	            Shannon): 0 where p = q, 1 where no feature takes both
//	information the same with the shares that the stream has: mutual information, bits
//	            an event
//	cosine      the mean of the winning cosines, of structure and of noise
//
// Separation and information are estimated from counts, and so corrected for the bias
// that this has, to the first order in one over the counts; it would grow with the
// number of neurons.
//
// # The criterion
//
// In each bank, the smallest size at which
//
//   - noise has a feature of its own, in half of the runs or more;
//   - separation is 0.05 bits or more, and no larger size has more of it by over 20 % a
//     doubling;
//   - no larger size lowers the structure's 1 - cosine by over 25 % a doubling, unless
//     its cosine is 0.99 already. That is for streams of few distinct contexts, each of
//     which deserves a neuron. In contexts of d degrees of freedom the error of the best
//     features falls as N^(-2/d), so that above about five this says nothing: natural
//     recordings are always beyond it.
//
// A larger size counts as one doubling away at the least. Both conditions compare sizes
// with each other, and not with the best of all, so that a longer range does not move the
// answer by itself. A layer has as many neurons in each bank: the largest of the banks'
// sizes is chosen. [Choice] says what is doubtful about it; there is none where noise is
// told from structure at no size.
//
// # What the answer depends on
//
// FEAST's thresholds make features win about equally often while it learns, so noise gets
// a feature of its own when its share of the events, the recordings' own noise included,
// is about that of one neuron. More noise asks for fewer neurons: the tracer has to be
// rarer than the noise that is there, or as frequent as it is expected to be. On 200
// recordings of N-MNIST's training half, three runs a size, patches of 11x11 pixels asked
// for 32, 24 and 16 neurons with 0.1, 0.5 and 5 Hz a pixel mixed in, those of 5x5 for 16,
// 12 and 3.
package size
