// Package train trains delta networks in float32: networks whose activations are rounded
// to steps, and learn to change little from one step of time to the next (Yousefzadeh &
// Sifalakis 2021, arXiv:2107.07305). What it gives are [quantise.Params], which
// [quantise.Quantise] turns into the integer network that package delta runs.
//
//	t, err := train.New(top, train.Options{Epochs: 20, Sparsity: 0.1})
//	err = t.Run(ctx, set, func(p train.Progress) { ... })
//	net, rounded, err := quantise.Quantise(top, t.Params())
//
// Training computes the dense quantised network, of all steps of a sequence at once; the
// steps of a sequence meet in the sparsity loss only, and in what is measured. A layer
// computes what [quantise.Reference] says, in float32.
//
// # The loss
//
//	task      mean over steps, weighted by Options.StepWeights, of the cross-entropy of the
//	          outputs' softmax, or of the outputs' mean squared error
//	sparsity  lambda * sum over delta activations of share * mean |O[t] - O[t-1]|, the first
//	          frame of a sequence not counted
//	L1        the same with |a|, of every layer whose values meet weights, all frames counted
//
// A layer's share is its fan-out, the multiply-adds that a change of one of its values
// costs on average, times its number of values, over the sum of that of all such layers: a
// share of the network's multiply-adds. The paper weighs the mean of a layer by its fan-out. To multiply by the
// number of values too, so that what is weighed is the layer's multiply-adds (which in a convolutional
// network changes the weights of layers against each other), and to divide by the whole are ours: so one
// lambda means the same for a small network and a large one, what the task's loss may rise for activations
// that change by 1 less, on average over the network.
//
// # The gradient of a delta activation
//
// O = q n with n = floor(a/q + 1/2), limited to the levels on either side of zero. To a, the
// gradient of O is taken as 1, and as 0 beyond the last level (straight-through). As to q,
// with the rounded n taken as constant, dO/dq = n, and of the sparsity loss S
//
//	dS/dq = c sum sign(O[t] - O[t-1]) (n[t] - n[t-1]) = c sum |n[t] - n[t-1]| >= 0,
//
// so that descent makes q smaller whenever something changes at all: the loss is made small
// by shrinking what is handed on, not by rounding more of it to the same level, and the
// weights behind make up for the scale. The method therefore flips the sign, dO/dq = -n.
// Descent then makes q grow for as long as something changes, and coarser steps are what
// makes changes vanish.
//
// How the task's loss reaches q is a choice, see [Rule]. If every gradient is flipped, so is
// the task's: where it asks for larger outputs, as cross-entropy does for as long as it is
// not zero, q becomes smaller. Measured on recordings of N-MNIST (2312-256-256-10, 600 to
// learn from, lambda 1, 3 and 10, a rate of 0.1 for the steps), that outweighed the sparsity
// loss: the first layer's step went from 0.047 to 0.019, 0.026 and 0.024, the second's to its
// floor, values beyond the last level were cut off, and the task's loss in training ended at
// 0.44, 0.32 and 0.24. By the rule that is the default, [Split], the sign is flipped for the
// layer's own sparsity loss, and what comes from the layers behind it moves q by the error of
// rounding, dO/dq = n - a/q: the step went to 0.096, 0.17 and 0.18, the task's loss to 0.07,
// 0.08 and 0.18, and 0.24, 0.14 and 0.06 of the multiply-adds behind deltas were left, against
// 0.20, 0.13 and 0.06.
//
// Steps are learned on a scale of ratios, which is ours: with s = log q the gradient is
// q dL/dq, in the unit of the loss whatever the activations are worth, and an update is
// q *= 1 - rate * gradient, bounded to a factor of two either way. Of the sparsity loss alone
// the gradient is minus the loss itself. Where a layer has several steps, each has as many
// times its gradient, so that one rate suits all. Steps do not fall below a floor, a share of
// what they began with.
//
// A threshold delta is computed as in the network, with what was last sent remembered
// through the sequence. Its gradient to a is 1, and its steps are not learned: they are what
// was given, or what the first batch asks for. Values that a topk or a cut makes zero hand
// no gradient on. Bounds of cuts are not learned: [FindCuts] finds them in a trained network, as far as its
// cross-entropy on other recordings allows.
//
// # Bits
//
// The same options, topology and data give the same bits, on every machine and with any
// number of workers: products are those of package gemm; every other sum is taken in a fixed
// order, over parts of a batch that do not depend on who computes them; products are rounded
// before they are added; exponential, logarithm and cosine are computed here.
package train
