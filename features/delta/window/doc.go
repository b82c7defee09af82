// Package window is the geometry of windows that slide over an image, and the order of
// memory that goes with it: which outputs
// an input pixel takes part in, and under which element of the kernel. A delta network
// goes from what changed to what it changes, the other way round than a convolution
// is usually written.
package window
