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
package libcaer
