// Package dat reads and writes Prophesee DAT files of contrast detection (CD)
// events, versions 1 and 2, N-CARS included.
//
// The layout is the vendor's, "DAT File Format",
// https://docs.prophesee.ai/stable/data/file_formats/dat.html, and for version 1
// the old record in the SDK's event2d.h (OpenEB). A file is a text header, two
// bytes and a run of little-endian records:
//
//	% Data file containing CD events.\n     lines of "% ", a key, values
//	% Version 2\n
//	% Height 480\n
//	% Width 640\n
//	+------+------+
//	| type | size |                         type 0 (2D) or 12 (CD); size 8
//	+------+------+
//	bit   63    60 59        46 45        32 31                          0
//	    +---------+------------+------------+------------------------------+
//	 v2 | p  (4)  |   y (14)   |   x (14)   |            t (32)            |
//	    +---------+------------+------------+------------------------------+
//	bit   63         50  49  48       41 40      32 31                    0
//	    +--------------+----+-----------+----------+------------------------+
//	 v1 |   not used   | p  |   y (8)   |  x (9)   |         t (32)         |
//	    +--------------+----+-----------+----------+------------------------+
//
// A header may end with "% end" as in RAW files. Width and Height are not
// mandatory (N-CARS has none). Version is, but files without it exist: then the
// first 128 KiB decide, as version 1 leaves 14 bits of every record at zero. The
// lowest bit of p is 1 for ON; the vendor's data set toolbox masks the three above
// it, and so does this package.
//
// t counts microseconds without sign, so that 71.6 minutes fit. Nothing in the
// format marks a counter that has run over, and the vendor's readers (OpenEB's
// DAT reader, the automotive data set toolbox) deliver t as it stands: so does
// this one, and such a file shows as one step back in time. The writer refuses
// times beyond the counter instead of letting them run over.
package dat
