// Package feast learns features from events by FEAST: clustering of time-surface
// contexts with a selection threshold of its own for every neuron, after Afshar,
// Ralph, Xu, Tapson, van Schaik and Cohen, "Event-Based Feature Extraction Using
// Adaptive Selection Thresholds", Sensors 20(6):1600 (2020), arXiv:1907.07853.
//
// # The rule
//
// For an event at pixel (x, y) and time t:
//
//	T[q][y][x] = t                      q is the polarity's bank, or 0 when merged
//	c = exp((T[q] - t)/tau)             over the (2R+1)x(2R+1) patch around it,
//	                                    0 where a pixel never fired
//	the winner is the neuron of bank q with the largest c.w/|c| among those for
//	which it reaches the neuron's threshold; of equals, the first
//	winner:  w += eta*(c/|c| - w), brought back to length 1
//	         its threshold += dI        it takes fewer contexts from now on
//	none:    all thresholds of q -= dE  a missed event: all take more
//
// An event whose patch crosses the border is skipped, its time kept all the same
// (border "skip"), or its patch is filled up with pixels that never fired
// ("zero"). Without learning the nearest feature wins and thresholds are ignored.
//
// At balance the thresholds stand still on the average: an event won raises one
// of N by dI, a missed one lowers N by dE, so that misses/hits = dI/(N*dE).
//
// # Beyond the rule
//
// A [Config] may ask for more: surfaces that decay linearly, or by the number of events
// in the stead of time; ON events only; the feature events of a layer before, whose
// context spans a plane for each feature ([Planes]); contexts of too few recent pixels
// left out as noise; thresholds that stand without learning too, so that what is novel
// is missed; and rates that fall as learning goes on ([Anneal]). Learning can be
// switched off and on between any two packets.
//
// # The two forms
//
// [Layer] is the product: the rule in the integer arithmetic of package hw, equal
// to the bit on every target. [Reference] is the rule in float64, for tests and
// research to compare with.
package feast
