// Package npy reads and writes events as numpy arrays: structured ones in .npy and
// .npz files, with tonic's fields t, x, y and p, and .npz files with an array a
// field.
//
// The layout of a .npy file is that of numpy's format specification,
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html:
//
//	byte  0            6 7        8           10 (12 in versions 2, 3)
//	     +------------+-+--------+-----------+-----------------------+---------
//	     | \x93NUMPY  |1|0       | length    | {'descr': ..., \n     | records
//	     +------------+-+--------+-----------+-----------------------+---------
//
// The text in the middle is a dict of Python with the array's type, order and
// shape. For events it is one dimension of records with fields that are named t, x,
// y and p, or timestamp, polarity and the like, in any order, whatever else is with
// them. They may be integers or floats of any size and byte order, polarities
// booleans as well; -1 is OFF. Whole times count microseconds. Floats count seconds
// if a fraction is among the first, and microseconds if none is; a name such as
// t_ns settles it.
//
// A .npz file is a zip archive of such files (PKWARE's APPNOTE.TXT), stored or
// deflated, with or without 64-bit sizes. It is read from its beginning on, member
// by member, and the first that holds events is taken. Where the fields are arrays
// of their own (numpy.savez(t=..., x=..., y=..., p=...), as SpikingJelly has them)
// all of it has to be held, 13 bytes an event: that is bounded to 2^26 events.
//
// What is written has the types of tonic's events: t int64, x and y int16, p bool,
// in that order, 13 bytes an event. The header holds the number of events, so that
// a .npy file is put right at the end where the writer can seek; elsewhere, and for
// .npz, the records wait in a temporary file.
package npy
