// Package aedat2 reads and writes AEDAT 2.0, the files of jAER: recordings of the
// DVS128 and of the DAVIS family.
//
// The layout is iniVation's, "AEDAT File Formats", version 2.0
// (docs.inivation.com, software, advanced usage, file formats). A file starts with
// text, lines that begin with '#':
//
//	#!AER-DAT2.0
//	# This is a raw AE data file - do not edit
//	# AEChip: eu.seebetter.ini.chips.davis.DAVIS240C
//	...
//
// and goes on with records of eight bytes to its end, both numbers high byte first:
//
//	byte   0       1       2       3       4       5       6       7
//	    +-------+-------+-------+-------+-------+-------+-------+-------+
//	    |            address            |  time in us, 31..0            |
//	    +-------+-------+-------+-------+-------+-------+-------+-------+
//
// What an address means depends on the chip. A DVS128 has
//
//	bit  31       16  15  14        8 7         1  0
//	    +-----------+----+-----------+-----------+---+
//	    |     0     | e  |     y     |  127 - x  |OFF|
//	    +-----------+----+-----------+-----------+---+
//
// where e marks an edge on the camera's input. (The document has x and the polarity the
// other way round; jAER, whose files these are, and recordings have them as drawn.) A DAVIS
// has
//
//	bit  31  30         22 21         12  11  10  9        0
//	    +---+-------------+-------------+---+----+----------+
//	    | 0 |      y      |      x      |ON | e  |          |   event
//	    +---+-------------+-------------+---+----+----------+
//	    | 1 |      y      |      x      | kind   |  sample  |   pixel of a frame, kind 0..2
//	    +---+-------------+-------------+--------+----------+
//	    | 1 | which value |   16 bits   |   3    |          |   value of the IMU
//	    +---+-------------+-------------+--------+----------+
//
// Only events are delivered. The others are counted, a record each: "frame", "imu",
// "external trigger" (e) and "special" (bit 31 of a DVS128). y is taken as the address has it.
//
// Times are read without a sign, so that a recording that started between 35 and 71
// minutes after the camera has them as they were. A time that falls by more than 2^31
// us has run over, and 2^32 us are added to it and those behind it.
//
// The text ends with the first line that cannot be one: an address may begin with
// '#' too. See textLine for how the two are told apart.
//
// # What the text says
//
// The chip comes from the line AEChip, or else from the first mention of one ahead
// of the preferences. Where none is named the addresses decide between the layouts:
// a DVS128 uses the low 16 bits alone. The geometry is the chip's, or that of the
// smallest DAVIS which holds all events so far. A chip of another kind is refused.
//
// Two lines are ours and comments to anyone else: "# Sensor size: 34x34 pixels"
// (or "unknown") where the recording's geometry is not the chip's, and
// "# Time origin: 8589934592 us", a multiple of 2^32 which times count from.
package aedat2
