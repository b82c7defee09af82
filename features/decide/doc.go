// Package decide names what a recording shows by a delta network over frames of its
// events: frame by frame, and from all frames so far.
//
//	d, err := decide.New(network, target)
//	err = d.Add(events, winners, func(s *decide.Step) error { ... d.Recent() ... })
//	err = d.End(...)
//	final := d.All()
//
// # The decision
//
// The network's outputs are scores, one for each label. Those of several frames are
// added up, as integers, and divided by their number: the mean score. The label is that
// of the largest mean, the first of equals; the confidence in it is its softmax, the
// scores multiplied by an inverse temperature that is calibrated on recordings that
// the network was not trained on ([Calibrate]): one for decisions from single frames,
// and one by the number of frames for those from all that a recording has had so far.
// Adding up scores takes frames for independent witnesses; they are not, and the
// temperature is what makes up for it.
//
// A recording begins with a network that has seen nothing, so that what comes of it does
// not depend on others: its first frame is computed whole, which [Counters] tell apart.
package decide
