package control

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// Sending is a model that is uploaded to a daemon: see [UploadRequest].
type Sending struct {
	Prefix string
	// Instance is the daemon's id, which [Inspected] and [Sensors] have.
	Instance string
	Name     string // of the object
	Data     []byte // the model file
	Replace  bool   // another model of this name
	// Patience is how long an answer is waited for before a part is sent again; 0 for [SendPatience].
	Patience time.Duration
	// Each is told how many bytes the daemon has; nil for nobody.
	Each func(received, size int64)
}

const (
	// SendPatience is how long an answer to a part is waited for as a rule: short enough that the daemon still has
	// what came before.
	SendPatience = uploadIdle / 3
	// sendings is how often a part is sent whose answer does not come. Together they wait for longer than the last
	// part may take.
	sendings = 4
)

// Send uploads the model in as many parts as the server's messages need, and gives the last answer: it is stored, and
// was parsed before. What is refused is an [*Error]; that nobody answers is [ErrNobody].
func (s *Sending) Send(ctx context.Context, nc *nats.Conn) (Uploaded, error) {
	if bus.CheckSensor(s.Instance) != nil { // of the same characters
		return Uploaded{}, fmt.Errorf("id of the daemon: expected 1 to %d of A-Z, a-z, 0-9, - and _, found %.64q", bus.MaxSensorName, s.Instance)
	}
	size := int64(len(s.Data))
	r := UploadRequest{Upload: nuid.Next(), Name: s.Name, Size: size, Digest: digestOf(s.Data), Replace: s.Replace}
	part, err := r.part(nc.MaxPayload())
	if err != nil {
		return Uploaded{}, err
	}
	for {
		r.Data = s.Data[r.Offset:min(size, r.Offset+part)]
		u, err := s.part(ctx, nc, &r)
		switch {
		case err != nil:
			return u, err
		case u.Stored && u.Digest == r.Digest:
			s.told(size)
			return u, nil
		case u.Stored || u.Received != r.Offset+int64(len(r.Data)) || u.Received == size:
			return u, fmt.Errorf("upload of %s: expected a daemon that has %d of %d bytes, found one that has %d, stored: %t",
				s.Name, r.Offset+int64(len(r.Data)), size, u.Received, u.Stored)
		}
		r.Offset = u.Received
		s.told(r.Offset)
	}
}

func (s *Sending) told(received int64) {
	if s.Each != nil {
		s.Each(received, int64(len(s.Data)))
	}
}

// part sends a part until it is answered.
func (s *Sending) part(ctx context.Context, nc *nats.Conn, r *UploadRequest) (u Uploaded, err error) {
	var data []byte
	for range sendings {
		asking, cancel := context.WithTimeout(ctx, cmp.Or(s.Patience, SendPatience))
		data, err = Ask(asking, nc, s.Prefix, EndpointUpload+"."+s.Instance, r)
		late := asking.Err() != nil
		cancel()
		if !errors.Is(err, ErrNobody) || !late || ctx.Err() != nil {
			break
		}
	}
	if err == nil {
		if err = json.Unmarshal(data, &u); err != nil {
			err = fmt.Errorf("the daemon's answer: %w", err)
		}
	}
	return u, err
}

// part is how many bytes go into a part, where the server takes messages of so many.
func (r *UploadRequest) part(most int64) (int64, error) {
	frame := *r
	frame.Offset = frame.Size
	text, err := json.Marshal(frame)
	if err != nil {
		return 0, err
	}
	n := min(MaxPart, int64(base64.StdEncoding.DecodedLen(int(most)-len(text))))
	if n < 1 {
		return 0, fmt.Errorf("upload of %s: the server takes messages of %d bytes, and one without any of the model has %d: raise its max_payload", r.Name, most, len(text))
	}
	return n, nil
}
