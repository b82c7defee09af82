package command

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
)

type watchCmd struct {
	Sensor string    `help:"Watch this sensor only." placeholder:"NAME"`
	Kinds  []string  `help:"What to watch, of features, labels, rejects and status." enum:"features,labels,rejects,status" placeholder:"KIND" default:"features,labels,rejects,status"`
	JSON   bool      `name:"json" help:"Print one JSON object a message, a line each."`
	Lines  bool      `help:"Print a line a message on a terminal too, as elsewhere, in place of the view that is drawn over and over."`
	ASCII  bool      `name:"ascii" help:"Draw with ASCII characters only. The view on a terminal does so by itself where the locale is not UTF-8."`
	NATS   natsFlags `embed:""`
}

func (c *watchCmd) Run(e *env) error {
	if err := c.check(); err != nil {
		return usageError{err}
	}
	if c.Sensor != "" {
		if err := bus.CheckSensor(c.Sensor); err != nil {
			return usageError{err}
		}
	}
	said := new(notices)
	logged := *e
	logged.log = slog.New(said.handler(e.log.Handler()))
	nc, subjects, err := c.NATS.connect(&logged, bus.ConnectOptions{Reconnect: true, Wait: watchWait})
	if err != nil {
		return err
	}
	defer nc.Close()
	results, err := c.subscribe(nc, subjects)
	if err != nil {
		return err
	}
	if err := bus.Subscribed(e.ctx, nc); err != nil {
		if e.ctx.Err() != nil {
			return nil
		}
		return err
	}
	// Nothing may come for a long time: whoever waits is told what for.
	if err := printf(e.stderr, "watching %s at %s\n", strings.Join(results.subjects, ", "), nc.ConnectedUrlRedacted()); err != nil {
		return err
	}
	if c.view(e) {
		said.draw(terminal(e.stderr))
		return c.draw(e, nc, subjects, results, said)
	}
	for {
		select {
		case <-e.ctx.Done():
			return nil // that is how a watch ends
		case m := <-results.messages:
			if err := c.print(e, subjects, m); err != nil {
				return err
			}
		}
	}
}

// watchWait is how long a watch waits from one try to reconnect to the next. It is short, so that a watch is back before
// senders send again what was not acknowledged: see package replay.
const watchWait = 20 * time.Millisecond

// check refuses flags that exclude each other, and a watch of nothing.
func (c *watchCmd) check() error {
	switch {
	case c.JSON && c.Lines:
		return errors.New("--json and --lines: expected one of them")
	case c.JSON && c.ASCII:
		return errors.New("--ascii: expected without --json, which draws nothing")
	case len(c.Kinds) == 0:
		return errors.New("--kinds: expected one or several of features, labels, rejects, status, found none")
	}
	if name, found := twice(c.Kinds); found {
		return fmt.Errorf("--kinds: expected each once, found %s twice", name)
	}
	return nil
}

// view tells whether to draw a view in place of lines: on a terminal that can move
// its cursor, unless something else was asked for.
func (c *watchCmd) view(e *env) bool {
	return !c.JSON && !c.Lines && terminal(e.stdout) && os.Getenv("TERM") != "dumb"
}

// results is what comes of the subjects that are watched.
type results struct {
	messages chan *nats.Msg
	subjects []string
	all      []*nats.Subscription
}

// dropped is how many messages came faster than they were looked at.
func (r *results) dropped() int {
	n := 0
	for _, s := range r.all {
		if d, err := s.Dropped(); err == nil {
			n += d
		}
	}
	return n
}

func (c *watchCmd) subscribe(nc *nats.Conn, subjects bus.Subjects) (*results, error) {
	r := &results{messages: make(chan *nats.Msg, 4096)}
	for _, k := range []bus.Kind{bus.KindFeatures, bus.KindLabels, bus.KindRejects, bus.KindStatus} {
		if !slices.Contains(c.Kinds, k.String()) {
			continue
		}
		subject := subjects.All(k)
		if c.Sensor != "" {
			s, err := subjects.Sensor(c.Sensor)
			if err != nil {
				return nil, err
			}
			subject = map[bus.Kind]string{
				bus.KindFeatures: s.Features, bus.KindLabels: s.Labels,
				bus.KindRejects: s.Rejects, bus.KindStatus: s.Status,
			}[k]
		}
		s, err := nc.ChanSubscribe(subject, r.messages)
		if err != nil {
			return nil, err
		}
		r.subjects, r.all = append(r.subjects, subject), append(r.all, s)
	}
	return r, nil
}

// origin tells whose message it is, and of what kind.
func origin(subjects bus.Subjects, m *nats.Msg) (sensor string, kind bus.Kind, err error) {
	// A reject of a message without an acceptable name has no sensor's subject.
	sensor, kind, err = subjects.Parse(m.Subject)
	if err != nil && m.Subject == subjects.Unnamed() {
		return bus.NoSensor, bus.KindRejects, nil
	}
	return sensor, kind, err
}

// print prints a message on a line.
func (c *watchCmd) print(e *env, subjects bus.Subjects, m *nats.Msg) error {
	sensor, kind, err := origin(subjects, m)
	if err != nil {
		return printf(e.stderr, "saccade: %v\n", err)
	}
	g := blocks
	if c.ASCII {
		g = ascii
	}
	line, object, err := describe(kind, m, g)
	if err != nil {
		return printf(e.stderr, "saccade: %s: %v\n", m.Subject, err)
	}
	if c.JSON {
		return printJSON(e.stdout, struct {
			Sensor  string `json:"sensor"`
			Kind    string `json:"kind"`
			Message any    `json:"message"`
		}{sensor, kind.String(), object})
	}
	return printf(e.stdout, "%s\n", c.plain(fmt.Sprintf("%-12s %-8s %s", sensor, kind, printable(line))))
}

// plain takes out of a line what is not ASCII, where that was asked for.
func (c *watchCmd) plain(line string) string {
	if !c.ASCII {
		return line
	}
	return asciiOnly(line)
}
