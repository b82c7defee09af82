package ros

// Message is one recorded message of a topic.
type Message struct {
	Topic string
	// Type is as the bag says it: "event_camera_msgs/EventPacket" of ROS 1,
	// "event_camera_msgs/msg/EventPacket" of ROS 2.
	Type string
	// CDR is set where Data is in ROS 2's serialisation, CDR behind its encapsulation
	// header of four bytes; otherwise it is in that of ROS 1.
	CDR  bool
	Data []byte // the serialised message, valid until the next call
	// Offset is where Data stands in the file; where Apart is set, Data does not stand
	// there byte for byte (it was decompressed, or put together of pages), and Offset is
	// that of the chunk or record which holds it: damage within Data is told to be there.
	Offset int64
	Apart  bool
	// Cut is set where the bag ends, or is damaged, within the message: Data is what there
	// is of it, and the next call of Next says what is wrong.
	Cut bool
}

// Source gives the messages of a bag, of all topics, in the order in which they stand in
// it or, where that has no meaning, were recorded.
type Source interface {
	// Next gives the next message, and io.EOF at the end. Damage of the bag is an
	// *events.FormatError, which is not Fatal where the next call goes on behind it. After
	// any other error, Next is not called again.
	Next() (Message, error)
}
