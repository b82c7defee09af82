// Package libcaer is the encoding of events messages with the polarity events of
// iniVation's libcaer, as ROS's event_camera_msgs/EventPacket carries them under that
// name.
//
// The word is that of libcaer's polarity.h and of AEDAT 3.1; what the time base means
// and how time runs over follow the package event_camera_codecs, which the drivers of
// DVS, DAVIS and DVXplorer cameras for ROS are used with. A message is a run of eight
// bytes an event, low byte first:
//
//	bit   63  62                          32 31        17 16         2  1   0
//	    +---+------------------------------+------------+------------+---+---+
//	    | 0 | us since the time base       | x (15 bit) | y (15 bit) |ON | v |
//	    +---+------------------------------+------------+------------+---+---+
//
// v says that the event is valid; like event_camera_codecs, the decoder takes all of
// them (libcaer's drivers send no others). y counts from the top.
//
// The time base, in nanoseconds, travels in the message's header. Times that fall
// within a message by more than half of what 31 bits hold have run over: 2^31 us are
// added to them and those behind them. event_camera_codecs takes any fall for that;
// cameras send none, and where another source does, an event out of order by some
// microseconds should not move a stream by 35 minutes. No message of the encoder here
// has a fall, so that both read it alike. A message stands for itself.
//
// # libcaer_cmp
//
// The same events compressed, as ROS's libcaer_driver sends them. Nobody describes it in words;
// what follows was read out of the code of event_camera_codecs and libcaer_driver
// (libcaer_cmp_types.h, libcaer_cmp_decoder.h, message_converter.cpp, Apache-2.0). It is
// turned by a quarter from EVT 3.0: events stand in columns. A message is a run of words of two
// bytes, low byte first, the code in the uppermost four bits:
//
//	code  15..12  11   10         0
//	      +-----+-----------------+
//	TIME_HIGH 0 | t >> 12         |   us since the time base: the upper 12 bits
//	TIME_LOW  1 | t & 4095        |   and the lower
//	ADDR_X    2 | 0 | x           |   the column, which holds from here on
//	ADDR_Y    3 |ON | y           |   an event in that column
//	BASE_Y    4 |ON | y           |   the row at which vectors begin, and their polarity
//	VECT_8    5 | 0 | 8 bits      |   bit i: an event in row y+i; then y goes on by 8
//	      +-----+-----------------+
//
// Every message begins with a column, and its time with 0, so that it stands for itself.
// A high part that falls has not run over: a message lasts milliseconds. (The driver sends
// four bits of the high part only; a message of more than 65 ms cannot be told from a shorter
// one.) Code 6, VECT_12, has a name and is never sent; it is damage, as other codes are.
package libcaer
