// Package gemm multiplies matrices of float32 for training, with the same bits on every machine.
//
// # The definition
//
// An element of the result is one sum in ascending order of k,
//
//	s = add ? c + 0 : 0
//	for p in 0 .. k-1:  s = round(s + round(op(a)[i][p] * op(b)[p][j]))
//	c[i][j] = s
//
// where round is to the nearest float32, ties to even, subnormal numbers included. There is one
// partial sum an element, and no product is fused with its sum, however the work is blocked and
// whichever instructions do it: so weights that were trained on one machine are, bit for bit, those that
// another would have trained.
// With add the sum goes on where c stopped, so a product over k is the same bits as the product over
// its first part followed by the product over the rest, added.
//
// Which NaN comes out, of several or of an invalid operation, is left open, as IEEE 754 does (2019,
// clause 6.2.3): whether there is one is not.
//
// # Zeros
//
// A sum that starts at +0 never becomes -0 when rounding to nearest: +0 + -0 is +0, x + -x is +0, and a sum
// of two float32 that is not zero does not round to zero. So to add a product that is +0 or -0 changes no bit,
// and that is why the sum starts at c + 0 and not at c, which may be -0. MulSparse leaves out the products with
// zeros of a; wherever b is finite, it gives the bits of Mul.
//
// # Speed
//
// The definition asks for two roundings a product, so for an instruction each for products and sums: that, and not a
// fused one, is the limit. The lanes of a register are columns of c, whose sums do not mix; a block of rows stays in
// registers through up to 512 steps of k. Kernels for AVX2 and AVX-512 are written by the program in _asm
// (go generate); other processors, and builds with the tag purego, run portable Go. SACCADE_DEBUG switches kernels off as
// it does hw's targets of the same names. One call uses one processor: a caller with more gives each its own rows or columns
// of c, which changes no bit.
package gemm
