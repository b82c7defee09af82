// Package aedat31 reads and writes AEDAT 3.1, the files of cAER: packets of events
// as libcaer keeps them in memory.
//
// The layout is iniVation's, "AEDAT File Formats", version 3.1
// (docs.inivation.com, software, advanced usage, file formats). A file starts with
// lines of text, the last of which says so:
//
//	#!AER-DAT3.1
//	#Format: RAW
//	#Source 1: DAVIS240C
//	#Start-Time: 2016-04-12 10:00:00 (TZ+0200)
//	#!END-HEADER
//
// each ended by a carriage return and a line feed. Packets follow up to the end of the
// file, all numbers with a sign and the low byte first. A packet is a header of 28
// bytes and as many events as that says, all of one kind and one source:
//
//	byte 0      2        4      8           12         16         20       24      28
//	    +------+--------+------+-----------+----------+----------+--------+-------+
//	    | type | source | size | ts offset | overflow | capacity | number | valid |
//	    +------+--------+------+-----------+----------+----------+--------+-------+
//
// size is that of one event in bytes, ts offset where its time stands in it, number how
// many there are and valid how many of them count. overflow is what the 31 bits of a
// time have run over: t = overflow*2^31 + time, in microseconds. Polarity events,
// type 1, have eight bytes:
//
//	bit   63  62                          32 31        17 16         2  1   0
//	    +---+------------------------------+------------+------------+---+---+
//	    | 0 | time in us                   | x (15 bit) | y (15 bit) |ON | v |
//	    +---+------------------------------+------------+------------+---+---+
//
// v says that an event is valid; others are counted as "invalid". Both coordinates
// count from the top left corner.
//
// Events of the first source that sends any are delivered, those of others counted as
// "event of source N". Packets of other types are skipped and their events counted by
// the type's name, such as "frame" or "imu". Of special events (type 0: the type in bits
// 1 to 7 of their first four bytes, bit 0 as above, then the time), edges and pulses at the camera's
// three inputs are counted as "external trigger" and handed on as such, others counted as "special". Formats other
// than RAW are refused.
//
// The geometry is that of the device which the source's line names. Where the writer
// knows no device of a geometry it names the source "File" and adds a line of ours,
// "#Sensor-Size: 34x34".
package aedat31
