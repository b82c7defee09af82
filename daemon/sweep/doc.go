// Package sweep searches for the parameters of a FEAST layer whose activation patterns
// separate the labels of recordings best: what `saccade train feast --sweep` does. No
// classifier is trained on the way; package predict scores the patterns.
//
// # A sweep
//
// A [Space] says which values parameters may have. From it configurations are drawn,
// or all of them are taken, and each learns in one pass over the recordings and pools
// them with its features frozen, several configurations at once. The first of them is
// the one that the sweep started from, so that there is something to compare with.
//
// With halving (successive halving; K. Jamieson and A. Talwalkar, "Non-stochastic Best
// Arm Identification and Hyperparameter Optimization", AISTATS 2016), all
// configurations first see a share of the recordings, and the best go on with more.
// The first configuration always goes on, to be compared with.
//
// Over 800 N-MNIST recordings, 41 configurations of the default space took 48 seconds
// of processor time, and 31 with halving by 3, which found the same ten best.
//
// A sweep keeps away from what is bad; what is best among the good ones is beyond the
// score, as package predict says in numbers. With 4 neurons, a sweep of all else took
// ridge regression from 95.4 to 95.9 %, the means of four seeds, of which one lost. Over
// the whole default space the best score was 2.66, where feast.Default has 2.31, and
// ridge regression got 96.3 and 96.5 %, which is no difference: N-MNIST's default is as
// good as any.
//
// The score prefers more neurons, as readouts do, and knows nothing of what they cost.
// Whoever must keep a size leaves it out of the space.
//
// # The results file
//
// Every result is a line of JSON, in the file before the next one begins. The first
// line says what the results are of:
//
//	{"saccade_sweep":1,"recordings":800,"data":"<SHA-256>","pool":{...},"score":1}
//	{"recordings":800,"config":{...},"score":{...},"missed_rate":0.02,"seconds":1.5}
//
// A sweep that was stopped, however, goes on where it was: a configuration whose
// result is in the file is not computed again. A line that was cut off at the end of
// the file is taken away. As a result depends on nothing but what the first line and
// its own say, the space may be another one, and the results of the old one that fit
// are used. Of other recordings, or otherwise pooled, a file is refused.
//
// # Invariants
//
// Scores, ranking and the best configuration depend neither on the number of cores,
// nor on what was computed at once, nor on whether the sweep was stopped. The lines of
// the file are in the order in which results came.
package sweep
