package replay

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// ServiceName is the name by which NATS' tools find replays that can be steered.
const ServiceName = "saccade-replay"

// serviceVersion is that of the endpoints.
const serviceVersion = "1.0.0"

// waits is how long a request may wait for what is under way to be acknowledged, or for a
// place to be found.
const waits = 10 * time.Second

// endpoints are the commands that can come over NATS, what they take and what they do.
var endpoints = []struct {
	op                   Op
	request, description string
}{
	{OpStatus, "nothing", "How far the replay is."},
	{OpPause, "nothing", "Sends nothing more. Answered when all that was sent is acknowledged."},
	{OpResume, "nothing", "Goes on from there."},
	{OpToggle, "nothing", "Pauses, or resumes."},
	{OpSeek, `{"to_us": NUMBER} or {"by_us": NUMBER}`, "Goes on from another place of the recording, in its own time."},
	{OpSpeed, `{"speed": NUMBER}`, "Changes how many times faster than recorded it is played; 0 is as fast as messages are taken."},
	{OpNext, "nothing", "Goes on with the next recording."},
	{OpPrevious, "nothing", "Goes on with the recording before."},
}

// Service lets a replay be steered over NATS: a micro service (ADR-32) whose endpoints are subjects below
// PREFIX.SENSOR.replay. Requests and answers are JSON; an answer is a [Status], an error has the codes 400 (the request
// cannot be read), 500, 503 (the replay has ended) or 504 (not in time). Of several replays that publish as one
// sensor all obey, and all answer.
type Service struct {
	subjects bus.Subjects
	control  *Control
	service  micro.Service
	stop     context.CancelFunc
	running  sync.WaitGroup

	mu     sync.Mutex
	closed bool
}

// Serve offers a replay's control on a connection, which stays the caller's and is nobody else's: a server that
// refuses its subjects says so there. The service ends with [Service.Close].
func Serve(ctx context.Context, nc *nats.Conn, prefix, sensor string, c *Control) (*Service, error) {
	subjects, err := bus.NewSubjects(prefix)
	if err == nil {
		err = bus.CheckSensor(sensor)
	}
	if err != nil {
		return nil, err
	}
	s := &Service{subjects: subjects, control: c}
	s.service, err = micro.AddService(nc, micro.Config{
		Name: ServiceName, Version: serviceVersion, QueueGroupDisabled: true,
		Description:  "A replay of recordings that can be paused, moved and played at other speeds.",
		Metadata:     map[string]string{"sensor": sensor},
		ErrorHandler: func(micro.Service, *micro.NATSError) {}, // the connection's own is told as well
	})
	if err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	group := s.service.AddGroup(subjects.Replay(sensor))
	for _, e := range endpoints {
		err := group.AddEndpoint(
			e.op.String(), micro.HandlerFunc(func(r micro.Request) { s.receive(running, e.op, r) }),
			micro.WithEndpointMetadata(map[string]string{"description": e.description, "request": e.request, "answer": "the replay's status"}),
		)
		if err != nil {
			stop()
			return nil, errors.Join(err, s.service.Stop())
		}
	}
	if err := bus.Subscribed(ctx, nc); err != nil && !onlyUnfound(err) {
		stop()
		return nil, errors.Join(err, s.service.Stop())
	}
	return s, nil
}

// onlyUnfound tells whether a server refuses no more than to have the service found: the endpoints are subscribed to
// last, so that their refusal would be the connection's last error.
func onlyUnfound(err error) bool {
	return bus.Refused(err) != nil && strings.Contains(err.Error(), `"`+micro.APIPrefix+".")
}

// receive is called by a goroutine an endpoint.
func (s *Service) receive(ctx context.Context, op Op, r micro.Request) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.running.Add(1)
	s.mu.Unlock()
	defer s.running.Done()
	if reply := r.Reply(); reply != "" && !s.subjects.IsInbox(reply) {
		return // whoever asks must not have the replay publish where he may not himself
	}
	command, err := parseCommand(op, r.Data())
	if err != nil {
		refuse(r, "400", err)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, waits)
	defer cancel()
	status, err := s.control.Do(ctx, command)
	switch {
	case errors.Is(err, ErrEnded), errors.Is(err, context.Canceled):
		refuse(r, "503", ErrEnded)
	case errors.Is(err, context.DeadlineExceeded):
		refuse(r, "504", errors.New("what is under way was not acknowledged in time, or the place not found"))
	case err != nil:
		refuse(r, "500", err)
	default:
		_ = r.RespondJSON(status) // whoever has gone, or lost the connection, asks again
	}
}

// refuse answers with an error.
func refuse(r micro.Request, code string, err error) {
	line := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(err.Error(), "?"))
	_ = r.Error(code, strings.TrimSpace(line[:min(len(line), 512)]), nil)
}

// Close ends the service and returns when no request is being answered any more. The replay goes on.
func (s *Service) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	err := s.service.Stop()
	s.running.Wait()
	if errors.Is(err, nats.ErrConnectionClosed) {
		return nil
	}
	return err
}
