// Package text reads and writes events as lines of text: the "t x y p" of the
// Robotics and Perception Group's data sets, CSV with and without a header, and
// what else is in circulation.
//
// A line is an event. The layout of Mueggler, Rebecq, Gallego, Delbruck and
// Scaramuzza's data set (events.txt, described at
// https://rpg.ifi.uzh.ch/davis_data.html) is
//
//	0.003811000 96 133 0       timestamp in seconds, x, y, polarity
//
// and what [NewReader] takes besides:
//
//   - Fields are separated by spaces and tabs, by commas, or by semicolons.
//   - A first line with names (t, x, y, p, or timestamp, polarity and the like, in
//     any order, with further columns that are passed over) says which column is
//     which, and the time's unit where a name has one: t_us, time [s].
//   - Without names there are four columns, and the first lines tell their order:
//     polarities are 0, 1 or -1, times do not fall, pixels are whole numbers. Known
//     are t x y p, x y p t (the vendor Prophesee's CSV), x y t p and t p x y.
//   - Lines that begin with # or % are comments. "%geometry:1280,720" gives the
//     geometry, and so does a first line of two whole numbers, as in event files
//     for E2VID.
//   - Times with a fraction are in seconds, whole ones in microseconds; where there
//     is no header, whole ones of 18 digits and more are in nanoseconds, and numbers
//     that all end in ".0" count as whole. [Options] settle it for sure, and so do
//     the formats' names "text-s" and "text-us".
//   - Numbers may have exponents, as numpy.savetxt writes them. Polarities may be
//     words: true and false, on and off.
//
// Times are read digit by digit and never pass through a float: what is finer than
// a microsecond is rounded to the nearest, half of one away from zero.
//
// A line that cannot be read is reported with its number and left out, and the next
// is read.
package text
