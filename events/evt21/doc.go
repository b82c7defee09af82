// Package evt21 reads EVT 2.1, the 64-bit words of Prophesee's cameras, from RAW
// files, from lists of hexadecimal words, and from messages.
//
// The layout is the vendor's ("EVT 2.1 Format",
// docs.prophesee.ai/stable/data/encoding_formats/evt21.html). The high four bits of
// a word are its type:
//
//	bit   63     60 59         54 53          43 42          32 31                  0
//	    +----------+-------------+--------------+--------------+---------------------+
//	    |  0 OFF   |  t 5..0     |      x       |      y       | bit i: an event at  |
//	    |  1 ON    |             |              |              | x + i               |
//	    +----------+-------------+--------------+--------------+---------------------+
//	    |  8 TIME_HIGH           |  t 33..6, from bit 59 on    |          -          |
//	    +----------+-------------+-----+-----------------+-----+--------------+------+
//	    |  a EXT_TRIGGER t 5..0  |  -  | 44..40: id      |  -  | 32: rising, below: - |
//	    +----------+-------------+-----+-----------------+-----+--------------+------+
//	    |  e OTHERS, f CONTINUED: extensions of the vendor's, left out                |
//	    +----------+------------------------------------------------------------------+
//
// t counts microseconds and starts again after 2^34 of them. Words of other types
// are reserved: they are counted and left out.
//
// There are two orders of bytes. GenX320 sends a word low byte first; IMX636 sends
// the high half first, each half low byte first, which headers call
// "endianness=legacy". Where the header does not say, the order is the one in
// which the words have types that there are and time goes forward, and that of the
// sensor on a tie.
// Messages are low byte first in the encoding evt21, and in the older order in
// evt21-legacy.
//
// A list of words, as in the vendor's test vectors for FPGA cores, has a word of 16
// hexadecimal digits a line, high digit first. It has no header and so no geometry.
//
// See the package prophesee for the header, for the clock and for messages.
package evt21
