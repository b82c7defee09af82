// Package mono is the default encoding of events messages: eight bytes an event,
// as in the encoding of that name of ROS's event_camera_msgs/EventPacket.
//
// A message is a run of little-endian 64-bit words:
//
//	bit   63   62         48 47         32 31                           0
//	    +----+--------------+-------------+------------------------------+
//	    | p  |   y (15 bit) | x (16 bit)  |  ns since the time base      |
//	    +----+--------------+-------------+------------------------------+
//
// p is 1 for ON. The time base, in nanoseconds, travels in the message's header;
// a message reaches 4.29 s from it. Times are floored to whole microseconds. A
// message stands for itself: a lost one takes nothing else with it.
package mono
