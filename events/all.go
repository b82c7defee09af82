package events

import (
	"errors"
	"io"
)

// ReadAll gives all events of a reader, for what fits into memory: a recording of a
// second, not a stream. With an error there are none.
func ReadAll(r Reader) ([]Event, error) {
	var all []Event
	p := NewPacket(DefaultPacketEvents)
	for {
		switch err := r.Read(p); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, err
		}
		all = append(all, p.Events...)
	}
}
