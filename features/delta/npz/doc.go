// Package npz reads numpy archives (.npz) and arrays (.npy), by NumPy's own description
// of the format: an archive is a ZIP file of arrays, an array a magic, a header that is
// a literal of a Python dictionary, and the values.
//
// Read are arrays of whole numbers of 8 to 64 bits, with and without sign, of booleans,
// and of floats of 16, 32 and 64 bits, little- and big-endian, in C and in Fortran
// order, of versions 1 to 3 of the format. Objects, texts and records are refused: an
// object is a pickle, which is a program.
//
// Only headers are read at first. A file of a few hundred kilobytes can hold zeros that
// unpack to a gigabyte, so values are unpacked when somebody asks for them, who has seen
// their type and sizes by then: [Archive.Get] compares the sizes with those expected. An
// array costs the memory of what was asked for, and one that nobody asks for none.
package npz
