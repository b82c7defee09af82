// Package digits gives images of digits to show to a simulated camera.
//
// They come from one of two places: drawn from the outlines of the Go fonts and
// distorted until no two are alike ([Fonts]), or read from the files of MNIST or
// of a data set in its layout ([MNIST]). Both give the same kind of image: 28x28
// pixels of 8 bits, bright ink on black, as LeCun, Cortes and Burges made them
// for MNIST: the digit fitted into a box of 20x20 and its centre of mass put at
// the centre of the image.
//
// The distortions are those that Simard, Steinkraus and Platt, "Best Practices for
// Convolutional Neural Networks" (ICDAR 2003) made customary: rotation, shear,
// scale, and a smooth random displacement ("elastic"), to which come the width of
// the stroke and its softness.
//
// # Invariants
//
//   - An image depends on its label, its style and the random generator handed in,
//     and on nothing else: it is equal to the bit on every machine. Floating point
//     is used only in forms that no compiler may fuse.
//   - Sources are immutable once made, and safe to use from any goroutine.
//   - Nothing is allocated on the word of a file: what its header claims is read
//     before it is believed.
package digits
