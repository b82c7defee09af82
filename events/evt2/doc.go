// Package evt2 reads and writes EVT 2.0, the 32-bit words of Prophesee's cameras,
// in RAW files and in messages.
//
// The layout is the vendor's ("EVT 2.0 Format",
// docs.prophesee.ai/stable/data/encoding_formats/evt2.html). A word is four bytes,
// low byte first; its high four bits are its type:
//
//	bit   31     28 27         22 21                    11 10                     0
//	    +----------+-------------+------------------------+------------------------+
//	    |  0 OFF   |  t 5..0     |           x            |           y            |
//	    |  1 ON    |             |                        |                        |
//	    +----------+-------------+------------------------+------------------------+
//	    |  8 TIME_HIGH           |     t 33..6, from bit 27 on                     |
//	    +----------+-------------+------------------+-----------+-----------+------+
//	    |  a EXT_TRIGGER t 5..0  |   bits 21..13: - | 12..8: id | 7..1: -   | 0: rising
//	    +----------+-------------+------------------+-----------+-----------+------+
//	    |  e OTHERS, f CONTINUED: extensions of the vendor's, left out             |
//	    +----------+---------------------------------------------------------------+
//
// t counts microseconds and starts again after 2^34 of them, 4 hours and 46
// minutes. Words of other types are reserved: they are counted and left out.
//
// See the package prophesee for the header, for the clock and for messages.
package evt2
