package ros

import (
	"time"

	"github.com/saccade-dev/saccade/events"
)

// earliest is when times are taken for those of a clock on the wall. Simulations count from 0.
const earliest = 946_684_800 // the year 2000

// Source names the camera by the frame of its messages (frame_id), which is the name that a system of
// ROS knows it by, or where that is empty by its topic. Start is the stamp of the first message
// with events. It is known once that was met; see Header.
func (r *reader) Source() events.Source {
	r.Header()
	return r.origin
}

// begun takes in what the first message of the topic says of where it comes from.
func (r *reader) begun(h stamped) {
	if r.origin.Camera != "" {
		return
	}
	if r.origin.Camera = string(h.frame); len(h.frame) == 0 {
		r.origin.Camera = r.topic
	}
	if h.seconds >= earliest {
		r.origin.Start = time.Unix(int64(h.seconds), int64(h.nanos)).UTC()
	}
}
