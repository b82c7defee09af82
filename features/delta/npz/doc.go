// Package npz reads numpy archives (.npz) and arrays (.npy), by NumPy's own description
// of the format: an archive is a ZIP file of arrays, an array a magic, a header that is
// a literal of a Python dictionary, and the values.
//
// Read are arrays of whole numbers of 8 to 64 bits, with and without sign, of booleans,
// and of floats of 16, 32 and 64 bits, little- and big-endian, in C and in Fortran
// order, of versions 1 to 3 of the format. Objects, texts and records are refused: an
// object is a pickle, which is a program.
package npz
