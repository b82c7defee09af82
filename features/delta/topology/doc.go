// Package topology describes delta networks: which layers they have, in what order,
// and what shapes flow between them. It knows neither weights nor arithmetic.
//
// # The file
//
// A topology is a YAML file. Sizes are in pixels, channels and neurons:
//
//	name: digits
//	input: {channels: 2, height: 34, width: 34, min: 0, max: 15}
//	layers:
//	  - {name: conv1, type: conv2d, out: 16, kernel: 3, stride: 2, padding: 1}
//	  - {name: relu1, type: relu}
//	  - {name: delta1, type: delta, step: channel}
//	  - {name: flat, type: flatten}
//	  - {name: logits, type: linear, out: 10}
//
// Every layer has a name, which errors, reports and weights go by, and a type. It
// takes what the layer before it gives, or the one that its field from names; "input"
// is the input. The last layer's output is the network's. The types, and their fields
// with the defaults:
//
//	linear     out; bias: true; weights: int8 or int16
//	conv2d     out, kernel; stride: 1; padding: 0; groups: 1; bias: true; weights: int8
//	avgpool    kernel; stride: as the kernel; padding: 0
//	maxpool    kernel; stride: as the kernel; padding: 0
//	relu
//	add        with: the name of the layer that is added
//	flatten
//	delta      step: layer, channel or neuron; levels: 127
//	threshold  threshold: in steps, fewer than levels; step: layer, channel or neuron; levels: 127
//	sigma
//	topk       k: how many values it keeps; or share: of all of its values
//	cut
//
// kernel and stride are one number or [height, width]; padding is one number,
// [height, width] or [top, left, bottom, right]. Flatten runs over channels, then rows,
// then columns. Average pooling divides by the whole kernel, padding included; maximum
// pooling does not see padding.
//
// A delta activation quantises to steps, O = round(a/q), and passes on what changed in O
// since the step before (Yousefzadeh & Sifalakis 2021, arXiv:2107.07305). Levels are
// the steps that there are on either side of zero; a value beyond them is the last one.
// That bound is ours: the sums of integers behind it rest on it. Neurons that have steps
// of their own can be followed by flatten and linear layers, but not by windows and
// additions, which take values of several neurons together.
//
// A threshold delta passes a value on when it is more than threshold steps away from
// what was last sent, so that the error is never more than that (and half a step of
// rounding). Differencing each value with the one before and dropping small differences
// would be simpler, but what is dropped adds up: the error of a slow drift has no bound.
//
// Top-k keeps the values of largest magnitude of the whole layer and makes the others 0
// (after Lazy Neuron, Li et al. 2022, arXiv:2210.06313, where the values are those of one
// token; here they are those of one step, over all channels and pixels). Of values with the
// same magnitude those that come first, by channel, then row, then column, are kept; a
// share stands for the nearest whole number of values. A cut makes values 0 whose
// magnitude is below a bound, which is a number of the trained network, as steps are (after
// the sparsity of Sparsing Law, Luo et al. 2024, arXiv:2411.02335, where the bound follows
// from the error allowed at the layer's output; package train finds it). Neither rounds: what is left is what it was.
//
// Sigma sums up changes to values again. What a network gives are values in any case;
// the layer says so in the file, as other descriptions of such networks do.
package topology
