package mcap

import (
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/saccade-dev/saccade/events/ros"
)

// schema is what is kept of a Schema record.
type schema struct {
	name string
	sum  uint32 // of the whole record, to know another one by
}

// channel is what is kept of a Channel record.
type channel struct {
	topic string
	typ   string // the schema's name; of what is neither in CDR nor of ROS 1, with the encoding's
	cdr   bool
	sum   uint32
}

// definitions are the schemas and channels so far. Ids have 16 bits, which bounds them.
type definitions struct {
	schemas  map[uint16]schema
	channels map[uint16]channel
}

// schema takes a Schema record, which stands at a byte of the file. A later one with the
// same id must be the same.
func (d *definitions) schema(b []byte, at int64) error {
	f := fields{b: b}
	id, name, encoding, _ := f.u16(), f.text(), f.text(), f.text()
	switch known, twice := d.schemas[id]; {
	case f.short:
		return passing(at, "a Schema record with all its fields", fmt.Sprintf("one of %d bytes", len(b)))
	case id == 0:
		return nil // invalid, and to be ignored, by the specification
	case len(name) > maxName:
		return passing(at, fmt.Sprintf("a schema's name of at most %d bytes", maxName), fmt.Sprintf("one of %d", len(name)))
	case twice && known.sum != crc32.ChecksumIEEE(b):
		return passing(at, fmt.Sprintf("schema %d, %s, as it was before", id, shown([]byte(known.name))), fmt.Sprintf("another one, %s in %s", shown(name), shown(encoding)))
	case !twice:
		d.schemas[id] = schema{name: string(name), sum: crc32.ChecksumIEEE(b)}
	}
	return nil
}

// channel takes a Channel record. One whose schema is not there is kept, so that its
// messages are counted, and told.
func (d *definitions) channel(b []byte, at int64) error {
	f := fields{b: b}
	id, schemaID, topic, encoding, _ := f.u16(), f.u16(), f.text(), f.text(), f.text()
	sum := crc32.ChecksumIEEE(b)
	switch known, twice := d.channels[id]; {
	case f.short:
		return passing(at, "a Channel record with all its fields", fmt.Sprintf("one of %d bytes", len(b)))
	case len(topic) > maxName || len(encoding) > maxName:
		return passing(at, fmt.Sprintf("a topic and an encoding of at most %d bytes", maxName), fmt.Sprintf("%d and %d", len(topic), len(encoding)))
	case twice && known.sum != sum:
		return passing(at, fmt.Sprintf("channel %d, %s, as it was before", id, shown([]byte(known.topic))), fmt.Sprintf("another one, %s", shown(topic)))
	case twice:
		return nil
	}
	c := channel{topic: string(topic), sum: sum}
	kind, there := d.schemas[schemaID]
	switch c.typ = kind.name; string(encoding) {
	case "cdr":
		c.cdr = true
	case "ros1":
	default:
		c.typ = strings.TrimLeft(c.typ+" in "+printable(encoding), " ")
	}
	d.channels[id] = c
	if schemaID != 0 && !there {
		return passing(at, fmt.Sprintf("a Schema record %d in front of channel %d, %s", schemaID, id, shown(topic)), "none")
	}
	return nil
}

// printable is an encoding's name, of which a damaged file may have any.
func printable(encoding []byte) string {
	for _, c := range encoding {
		if c <= ' ' || c > '~' {
			return "another encoding"
		}
	}
	if len(encoding) == 0 || len(encoding) > 32 {
		return "another encoding"
	}
	return string(encoding)
}

// message takes the fields of a Message record, whose data follows.
func (d *definitions) message(b []byte, at int64) (ros.Message, error) {
	f := fields{b: b}
	id := f.u16()
	f.bytes(messageBytes - 2)
	if f.short {
		return ros.Message{}, passing(at, fmt.Sprintf("a Message record of %d bytes or more", messageBytes), fmt.Sprintf("one of %d", len(b)))
	}
	c, known := d.channels[id]
	if !known {
		return ros.Message{}, passing(at, fmt.Sprintf("a Channel record %d in front of its messages", id), "none")
	}
	return ros.Message{Topic: c.topic, Type: c.typ, CDR: c.cdr}, nil
}
