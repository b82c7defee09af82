// Package ros decodes the event messages of ROS: what bags of all kinds share, of ROS 1
// and of ROS 2. A bag is a [Source] of messages, and [NewReader] makes a reader of events
// of it. The packages rosbag, mcap and db3 are such sources.
//
// # EventPacket
//
// event_camera_msgs/EventPacket, and event_array_msgs/EventArray, as it was called
// before (github.com/ros-event-camera/event_camera_msgs, msg_ros1 and msg_ros2):
//
//	Header  header          ROS 1: seq uint32, stamp of two uint32, frame_id string
//	                        ROS 2: stamp of int32 and uint32, frame_id string
//	uint32  height, width
//	uint64  seq             number of the message, from which lost ones are told
//	uint64  time_base       ns, where the encoding counts from it
//	string  encoding        evt3, evt2, libcaer, libcaer_cmp, mono, trigger
//	bool    is_bigendian
//	uint8[] events
//
// events are decoded by the registered encoding of that name. In libcaer, libcaer_cmp
// and mono, times are nanoseconds or microseconds from time_base on, and are rounded down
// to microseconds. evt3 and its kin count microseconds by the camera's clock, and time_base
// is undefined: it is not looked at. Messages of the encoding "trigger" have eight bytes a
// trigger, which are counted.
//
// # EventArray
//
// dvs_msgs/EventArray of the driver of the Robotics and Perception Group
// (github.com/uzh-rpg/rpg_dvs_ros, dvs_msgs), and prophesee_event_msgs/EventArray, which
// has the same fields:
//
//	Header  header
//	uint32  height, width
//	Event[] events          uint16 x, uint16 y, time ts, bool polarity
//
// ts is seconds and nanoseconds, since 1970 as a rule; times are rounded down to
// microseconds.
//
// # Serialisation
//
// ROS 1 puts fields behind each other, low byte first: an event of an EventArray takes 13
// bytes. Strings and sequences have their length of 32 bits in front. ROS 2 has CDR, version
// 1 (OMG, "DDS Interoperability Wire Protocol", and "Common Object Request Broker
// Architecture", part 2, chapter 9): a header of four bytes, which tells the order of bytes, and
// fields that stand at multiples of their size, counted behind that header; strings end
// with a zero, which is counted in their length.
//
//	byte 0          4
//	    +-------+---+-------------------------
//	    | 0 | e | 0 | fields, aligned             e: 0 high byte first, 1 low byte first
//	    +-------+---+-------------------------
//
// # What is read of a bag
//
// The events of one topic: the first that is met with event messages, unless another is
// selected (events.TopicReader). What else there is is counted as skipped: other messages
// by their type, event messages of other topics by topic, "external trigger", "message
// lost" where seq leaves numbers out, "sequence restart" where it falls. In both of
// these, an encoding that carries time from message to message leaves events out until it
// knows time again.
//
// The camera (events.Source) has the name of the frame that the topic's first message is in (frame_id),
// or where that is empty the topic's; the recording begins with that message's stamp.
//
// A message that cannot be decoded is damage, and reading goes on behind it. So is one
// from a sensor of another size than those before, or whose events are in words with the
// high byte first, which no driver writes.
package ros
