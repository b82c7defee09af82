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
//	Add                 a constant behind one of the three, which becomes its bias, or two
//	                    results of one shape; Sum of two is the same
//	BatchNormalization  behind one of the three, folded into it; inference
//	Relu                with a delta activation behind it, see [Options]
//	MaxPool             strides, pads or auto_pad, ceil_mode; dilations of 1
//	AveragePool         the same; padding only with count_include_pad
//	GlobalAveragePool
//	Flatten, Reshape    that leave a frame as it is or flat
//	Transpose           of a matrix
//	Identity, Dropout   which do nothing in inference
//	Softmax, LogSoftmax at the end, with Options.Logits, which leaves them out
//
// and of constants Constant, Identity, Transpose, Reshape, Cast, Shape, Gather, Squeeze,
// Unsqueeze, Concat and Slice, with which exporters write weights and the sizes of a
// flatten. Everything else is an error that names the node; all nodes that are wrong are
// told at once. Nodes that the output does not need are passed over.
//
// Tensors hold floats of 16, 32 or 64 bits, bfloat16 or whole numbers, raw or in their
// fields. Those whose values are in another file are refused.
package onnx
