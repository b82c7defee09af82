package ros

import "strings"

// kind is how the events of a message are laid out.
type kind int

const (
	none kind = iota
	packets
	arrays
)

// kinds are the types of messages that hold events, as ROS 1 calls them and as ROS 2 does.
var kinds = map[string]kind{
	"event_camera_msgs/EventPacket":       packets,
	"event_camera_msgs/msg/EventPacket":   packets,
	"event_array_msgs/EventArray":         packets,
	"event_array_msgs/msg/EventArray":     packets,
	"dvs_msgs/EventArray":                 arrays,
	"dvs_msgs/msg/EventArray":             arrays,
	"prophesee_event_msgs/EventArray":     arrays,
	"prophesee_event_msgs/msg/EventArray": arrays,
}

// Decodes tells whether messages of a type hold events that are read. A Source may leave
// Data of other messages out.
func Decodes(messageType string) bool { return kinds[messageType] != none }

// plain is a type as ROS 1 calls it, which ROS 2 puts "msg" into.
func plain(messageType string) string { return strings.Replace(messageType, "/msg/", "/", 1) }
