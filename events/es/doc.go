// Package es reads Event Stream files of DVS, ATIS and colour events, and writes
// those of DVS events.
//
// The layout is that of the Event Stream specification, version 2.0,
// https://github.com/neuromorphic-paris/event_stream. A file begins with
//
//	byte  0            11 12          14   15    16      17 18      19
//	     +---------------+--------------+------+----------+----------+
//	     | Event Stream  | 2   0   0    | type | width    | height   |
//	     +---------------+--------------+------+----------+----------+
//
// with both sides little-endian in 16 bits; the rest is a run of events and of
// single bytes between them. Times are steps from the event before, in
// microseconds:
//
//	byte         0 (high bit first)      1      2      3      4      5   6   7
//	       +-----------------+-------+------+------+------+------+
//	  DVS  |   step (7 bit)  |   p   | x lo | x hi | y lo | y hi |
//	       +-------------+---+-------+------+------+------+------+
//	  ATIS | step (6 bit)| p | is tc | x lo | x hi | y lo | y hi |
//	       +-------------+---+-------+------+------+------+------+---+---+---+
//	colour |      step (8 bit)       | x lo | x hi | y lo | y hi | r | g | b |
//	       +-------------------------+------+------+------+------+---+---+---+
//
// A first byte whose step would be the largest (for colour, the largest two) is no
// event but stands for itself. 0xff adds 127 us to the time of what follows (DVS)
// or 254 us (colour); in ATIS files 0xfd, 0xfe and 0xff add once, twice and thrice
// 63 us. 0xfe (0xfc in ATIS files) is a reset, which a sender puts in so that a
// reader which has lost its place finds it again; resets are skipped and counted.
//
// In an ATIS file "is tc" marks threshold crossings, halves of a measurement of
// grey levels: they are skipped and counted, and carry time on as events do.
// Colour events have no polarity, and every one counts as OFF. Generic events
// (type 0) carry bytes without a common meaning, and display events (type 3) have
// no sensor: both are refused.
//
// The specification leaves open where y begins; the format's own tools count from
// the bottom. So y is turned on the way in and out: height - 1 - y. A geometry that
// is handed to the reader takes the place of the file's, for the turn as well.
package es
