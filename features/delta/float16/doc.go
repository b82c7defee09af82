// Package float16 reads numbers of 16 bits as arrays and networks of others hold them:
// binary16 of IEEE 754-2019 (section 3.6), and bfloat16, which is the upper half of a
// binary32. All values of either are values of a float64 too, so that nothing is rounded.
package float16
