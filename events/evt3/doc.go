// Package evt3 reads and writes EVT 3.0, the 16-bit words of Prophesee's cameras,
// in RAW files and in messages.
//
// The layout is the vendor's ("EVT 3.0 Format",
// docs.prophesee.ai/stable/data/encoding_formats/evt3.html). A word is two bytes,
// low byte first; its high four bits are its type. A word changes one part of a
// state, and some words are events besides:
//
//	bit   15        12   11   10                            0
//	    +--------------+----+--------------------------------+
//	    | 0 ADDR_Y     | c  |  y; c tells two cameras apart  |
//	    | 2 ADDR_X     | p  |  x: one event                  |
//	    | 3 VECT_BASE_X| p  |  x of the vectors behind it    |
//	    +--------------+----+--------------------------------+
//	    | 4 VECT_12    |  bit i: an event at base + i; base += 12  |
//	    | 5 VECT_8     |  -    | bit i (7..0): likewise; base += 8 |
//	    +--------------+-------------------------------------+
//	    | 6 TIME_LOW   |  t 11..0                            |
//	    | 8 TIME_HIGH  |  t 23..12                           |
//	    +--------------+--------+--------------------+-------+
//	    | a EXT_TRIGGER| 11..8: id | 7..1: -         | 0: rising
//	    +--------------+--------+--------------------+-------+
//	    | e OTHERS, 7 CONTINUED_4, f CONTINUED_12: extensions of the vendor's, left out
//	    +--------------+-------------------------------------+
//
// Cameras send vectors as VECT_BASE_X, VECT_12, VECT_12, VECT_8; a reader must not
// count on it, as each of them stands for itself. t counts microseconds and starts
// again after 2^24 of them, 16.8 s. A high part that is new sets the low part to
// zero until the next TIME_LOW. Words of other types are reserved: they are counted
// and left out, among them 0x9999, with which transfers are padded.
//
// See the package prophesee for the header, for the clock and for messages.
package evt3
