package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// MaxRequest bounds a request, in bytes: many times what one needs.
const MaxRequest = 1024

// maxMicros is the longest time of a request, in microseconds.
const maxMicros = math.MaxInt64 / int64(time.Microsecond)

// seekRequest is what the endpoint seek takes: one of the two.
type seekRequest struct {
	To *int64 `json:"to_us,omitempty"` // behind the recording's first event
	By *int64 `json:"by_us,omitempty"` // from where the replay is
}

// speedRequest is what the endpoint speed takes.
type speedRequest struct {
	Speed *float64 `json:"speed"` // 0 is as fast as messages are taken
}

// request is a command as an endpoint takes it; what needs none is nil.
func (c Command) request() any {
	us := c.To.Microseconds()
	switch {
	case c.Op == OpSeek && c.Relative:
		return seekRequest{By: &us}
	case c.Op == OpSeek:
		return seekRequest{To: &us}
	case c.Op == OpSpeed:
		return speedRequest{&c.Speed}
	default:
		return nil
	}
}

// parseCommand reads what an endpoint was sent: for most of them nothing at all, or an empty object. It is strict, as a
// misspelt field must not look as if it had done something.
func parseCommand(op Op, data []byte) (Command, error) {
	c := Command{Op: op}
	switch op {
	case OpSeek:
		var r seekRequest
		if err := parse(data, &r); err != nil {
			return c, err
		}
		if (r.To == nil) == (r.By == nil) {
			return c, errors.New("expected one of to_us and by_us")
		}
		us := r.To
		if c.Relative = us == nil; c.Relative {
			us = r.By
		}
		if *us > maxMicros || *us < -maxMicros {
			return c, fmt.Errorf("expected at most %d microseconds, found %d", maxMicros, *us)
		}
		c.To = micros(*us)
	case OpSpeed:
		var r speedRequest
		if err := parse(data, &r); err != nil {
			return c, err
		}
		if r.Speed == nil {
			return c, errors.New("speed: expected a number, found nothing")
		}
		c.Speed = *r.Speed
	default:
		if len(data) <= MaxRequest && len(bytes.TrimSpace(data)) == 0 {
			return c, nil
		}
		if err := parse(data, &struct{}{}); err != nil {
			return c, err
		}
	}
	return c, c.check()
}

// parse reads one JSON object of known fields, with nothing behind it.
func parse(data []byte, into any) error {
	if len(data) > MaxRequest {
		return fmt.Errorf("expected a request of at most %d bytes, found %d", MaxRequest, len(data))
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	switch err := d.Decode(into); {
	case errors.Is(err, io.EOF):
		return errors.New("expected a JSON object, found nothing")
	case err != nil:
		return fmt.Errorf("expected a JSON object: %w", err)
	}
	at := d.InputOffset()
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("at byte %d: expected the end of the request, found more", at)
	}
	return nil
}
