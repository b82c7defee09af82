// Package lava runs sigma-delta networks that were trained and quantised with Intel's
// lava-dl, in the arithmetic of the hardware that they are for, so that they give the
// values that lava gives. It was written from the description of that arithmetic that
// comes with the PilotNet network, which is the one it was tested on; it is not the
// arithmetic of package delta.
//
// All values are integers. An input x enters as a = x << 12. A delta sends
//
//	d = a - all that was sent before
//	sent = d if |d| >= threshold << 12, else nothing
//
// and passes sent >> 6 on to the layer behind it, in the same step. (In lava's words
// the difference to the step before is taken, and what was not sent is a residue that
// is added to the next; that is the same.) That layer multiplies it with its weights;
// sums of a convolution wrap to 24 bits with sign, those of a linear layer do not. In the next
// step the sums are added to the layer's sigma, so that every layer is one step behind
// the one before it, and
//
//	a = relu(sigma + bias << 12)
//
// goes to its delta. The last layer sends its sigma. Everything else is modulo 2^32.
//
// Topologies are those of package topology: an input, a delta, then for each layer
// conv2d or linear, relu, and delta (for a threshold of 0) or threshold; flatten may stand
// before a layer, and the last layer is linear or conv2d, then sigma. Steps and levels
// mean nothing here, and a threshold is in units of 1 << 12. Weights and biases are
// arrays NAME.weight and NAME.bias of an archive.
package lava
