package rosbag

import (
	"encoding/binary"
	"fmt"

	"github.com/saccade-dev/saccade/events/ros"
)

// connection takes a connection in.
func (b *bag) connection(s *stream, r record) error {
	at := s.at
	if r.size > maxConnection || r.conn == nil {
		if err := b.skip(s, r); err != nil {
			return err
		}
		return leftBehind(s.damage(r.at, fmt.Sprintf("a connection with a number, and data of at most %d bytes", maxConnection),
			fmt.Sprintf("%d bytes of %s", r.size, r.connection())))
	}
	// The topic's name lies in the header's memory.
	id, c := binary.LittleEndian.Uint32(r.conn), connection{topic: string(r.topic)}
	var err error
	if b.data, err = s.read(b.data[:0], int(r.size)); err != nil {
		b.leaving = b.within
		return s.cut(err, at, fmt.Sprintf("a connection's data of %d bytes", r.size), int64(len(b.data)))
	}
	for rest := b.data; len(rest) > 0; {
		name, value, n := field(rest)
		if n == 0 {
			return leftBehind(s.damage(s.at-int64(len(rest)), "a field with a name within the data of a connection", fmt.Sprintf("%.16q", rest)))
		}
		if string(name) == "type" {
			c.kind = string(value)
		}
		rest = rest[n:]
	}
	if _, known := b.connections[id]; !known && len(b.connections) >= maxConnections {
		return leftBehind(s.damage(r.at, fmt.Sprintf("at most %d connections", maxConnections), "one more"))
	}
	b.connections[id] = c
	return nil
}

// message gives a message. Of one that holds no events that are read, the data is left out.
func (b *bag) message(s *stream, r record, m *ros.Message) (found bool, err error) {
	at := s.at
	var c connection
	known := r.conn != nil
	if known {
		c, known = b.connections[binary.LittleEndian.Uint32(r.conn)]
	}
	decodes := known && ros.Decodes(c.kind)
	if !decodes || r.size > maxMessage {
		if err := b.skip(s, r); err != nil {
			return false, err
		}
	}
	switch {
	case !known:
		return false, leftBehind(s.damage(r.at, "a message of a connection that is known", r.connection()))
	case decodes && r.size > maxMessage:
		return false, leftBehind(s.damage(at-4, fmt.Sprintf("a message of at most %d bytes", maxMessage), fmt.Sprint(r.size)))
	}
	*m = ros.Message{Topic: c.topic, Type: c.kind, Offset: s.base, Apart: s.apart}
	if !s.apart {
		m.Offset += at
	}
	if !decodes {
		return true, nil
	}
	if m.Data = s.view(int(r.size)); m.Data != nil {
		return true, nil
	}
	b.data, err = s.read(b.data[:0], int(r.size))
	m.Data = b.data
	if err != nil {
		m.Cut = true
		b.leaving = b.within
		b.pending = s.cut(err, at, fmt.Sprintf("a message of %d bytes", r.size), int64(len(b.data)))
	}
	return true, nil
}

// connection tells of which connection a record is.
func (r *record) connection() string {
	if r.conn == nil {
		return "none"
	}
	return fmt.Sprintf("connection %d", binary.LittleEndian.Uint32(r.conn))
}
