// Package onnx reads networks of other people from ONNX files, as delta networks of real
// numbers that package quantise turns into integers.
//
//	net, err := onnx.Load("digits.onnx", onnx.Options{Input: onnx.Input{Max: 255, Scale: 1.0 / 255}})
//	p, err := quantise.Calibrate(ctx, net.Topology, net.Params, frames)
//	n, _, err := quantise.Quantise(net.Topology, p)
//
// A file is read by the specification of ONNX alone (onnx.proto as of IR version 14, and
// Operators.md and Changelog.md, of which versions 6 to 28 of the default operator set).
// Understood are networks with one input, [batch][channel][row][column],
// [batch][row][column] or [batch][feature], and one output; a batch is one frame, whatever
// the file says.
//
//	Conv                two axes, strides, pads or auto_pad, group; dilations of 1
//	Gemm                alpha, beta, transB, and transA of what is transposed already
//	MatMul              a constant on the right, or on the left of what is transposed
//	Add                 two results of one shape; Sum of two is the same
//	Add, Sub, Mul, Div  with constants, one number or one a channel: folded into the layer with
//	                    weights that it follows, or a convolution of 1x1 that keeps channels
//	                    apart; a factor of the whole input is what its levels are worth
//	BatchNormalization  the same; inference
//	Relu                with a delta activation behind it, see [Options]; so are Clip from 0
//	                    without an upper bound and Max with 0. A ReLU6 is refused.
//	MaxPool             strides, pads or auto_pad, ceil_mode; dilations of 1
//	AveragePool         the same; padding only with count_include_pad
//	GlobalAveragePool   and ReduceMean of rows and columns
//	Pad                 zeros around rows and columns, in front of a Conv or an AveragePool
//	Flatten, Reshape    that leave a frame as it is or flat; Squeeze, Unsqueeze too. The
//	                    network's input may be given other sizes.
//	Transpose           of a matrix; of a frame, to channels last and back
//	Identity, Dropout   which do nothing in inference; Cast to floats
//	Softmax, LogSoftmax, Sigmoid
//	                    at the end, with Options.Logits, which leaves them out
//
// Networks that are channels last, as Keras has them, are transposed by their exporters around
// what slides windows. Here they are channels first all through: frames are given so, and what
// takes a frame that was made flat has its weights put into that order.
//
// And of constants Constant, Identity, Transpose, Reshape, Cast, Shape, Gather, Squeeze,
// Unsqueeze, Concat and Slice, with which exporters write weights and the sizes of a
// flatten. Everything else is an error that names the node; all nodes that are wrong are
// told at once. Nodes that the output does not need are passed over.
//
// Tensors hold floats of 16, 32 or 64 bits, bfloat16 or whole numbers, raw or in their
// fields. Those whose values are in another file are refused.
package onnx
