package command

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/saccade-dev/saccade/daemon/control"
)

type ctlSensorsCmd struct{ ctlFlags }

// daemonSensor is a sensor with whose it is.
type daemonSensor struct {
	control.Sensor

	Instance string `json:"instance"`
	Daemon   string `json:"daemon,omitempty"`
}

func (c *ctlSensorsCmd) Run(e *env) error {
	var all []daemonSensor
	err := c.connected(e, func(ctx context.Context, nc *nats.Conn) (err error) {
		all, err = allSensors(ctx, nc, c.NATS.Prefix)
		return err
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.stdout, map[string]any{"sensors": all})
	}
	return table(e.stdout, "SENSOR\tDAEMON\tPIPELINE\tLEARNING\tEVENTS\tLABELS\tQUEUE\tLAG\tSTATE", len(all), func(i int) string {
		s := &all[i]
		learning, state, lag := "frozen", "works", "-"
		if s.Learning {
			learning = "on"
		}
		if s.Away && s.Events == 0 {
			learning = "-" // since the daemon began nobody has looked
		}
		switch {
		case s.Broken != "":
			state = "broken: " + printable(s.Broken)
		case s.Away:
			state = "away"
		case s.Settled:
			state = "works, settled"
		}
		if s.Stream != nil {
			lag = grouped(s.Stream.Lag)
		}
		return strings.Join([]string{
			printable(s.Sensor.Sensor), printable(cmp.Or(s.Daemon, s.Instance)), orNone(s.Pipeline), learning,
			grouped(s.Events), grouped(s.Labels), grouped(s.QueueDepth), lag, state,
		}, "\t")
	})
}

// maxPages bounds how often daemons are asked for more sensors.
const maxPages = 10_000

// allSensors asks all daemons for their sensors, a page after the other, and gives them in
// the order of their names.
func allSensors(ctx context.Context, nc *nats.Conn, prefix string) ([]daemonSensor, error) {
	out, after := []daemonSensor{}, map[string]string{} // the last name of each daemon that has more
	for page := range maxPages {
		request := control.SensorsRequest{}
		if page > 0 { // the least of the last names: what is heard again is left out
			request.After = slices.Min(slices.Collect(maps.Values(after)))
		}
		answers, err := control.AskAll(ctx, nc, control.Subject(prefix, control.EndpointSensors), request, 0)
		if err != nil {
			return nil, err
		}
		if err := refusals(answers); err != nil {
			return nil, err
		}
		next := map[string]string{}
		for _, a := range answers {
			var s control.Sensors
			if err := json.Unmarshal(a.Data, &s); err != nil {
				return nil, fmt.Errorf("a daemon's answer: %w", err)
			}
			last, asked := after[s.Instance]
			for _, one := range s.Sensors {
				if page == 0 || asked && one.Sensor > last {
					out, last = append(out, daemonSensor{one, s.Instance, s.Daemon}), one.Sensor
				}
			}
			if s.More && (page == 0 || asked) {
				next[s.Instance] = last
			}
		}
		if after = next; len(after) == 0 {
			break
		}
	}
	slices.SortFunc(out, func(a, b daemonSensor) int {
		return cmp.Or(cmp.Compare(a.Sensor.Sensor, b.Sensor.Sensor), cmp.Compare(a.Instance, b.Instance))
	})
	return out, nil
}

type ctlDaemonsCmd struct{ ctlFlags }

// daemonInfo is a daemon as NATS' micro services tell of it.
type daemonInfo struct {
	Instance string            `json:"instance"`
	Daemon   string            `json:"daemon,omitempty"`
	Version  string            `json:"version"`
	Metadata map[string]string `json:"metadata"`
}

func (c *ctlDaemonsCmd) Run(e *env) error {
	var all []daemonInfo
	err := c.connected(e, func(ctx context.Context, nc *nats.Conn) (err error) {
		all, err = allDaemons(ctx, nc, c.NATS.Prefix)
		return err
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.stdout, map[string]any{"daemons": all})
	}
	return table(e.stdout, "INSTANCE\tDAEMON\tVERSION\tDEVICE\tACCEPTS", len(all), func(i int) string {
		d := &all[i]
		return strings.Join([]string{
			printable(d.Instance), cmp.Or(printable(d.Daemon), "-"), printable(d.Version),
			printable(d.Metadata["device"]), printable(d.Metadata["sensors"]),
		}, "\t")
	})
}

// allDaemons finds the daemons of a prefix, in the order of their names.
func allDaemons(ctx context.Context, nc *nats.Conn, prefix string) ([]daemonInfo, error) {
	subject, err := micro.ControlSubject(micro.InfoVerb, control.Name, "")
	if err != nil {
		return nil, err
	}
	answers, err := control.AskAll(ctx, nc, subject, nil, 0)
	if err != nil && !errors.Is(err, control.ErrNobody) {
		return nil, err
	}
	var all []daemonInfo
	for _, a := range answers {
		var info micro.Info
		if err := json.Unmarshal(a.Data, &info); err != nil {
			return nil, fmt.Errorf("a daemon's answer: %w", err)
		}
		if info.Metadata["prefix"] == prefix {
			all = append(all, daemonInfo{info.ID, info.Metadata["daemon"], info.Version, info.Metadata})
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w under prefix %s", control.ErrNobody, prefix)
	}
	slices.SortFunc(all, func(a, b daemonInfo) int {
		return cmp.Or(cmp.Compare(a.Daemon, b.Daemon), cmp.Compare(a.Instance, b.Instance))
	})
	return all, nil
}

type ctlReloadCmd struct{ ctlFlags }

func (c *ctlReloadCmd) Run(e *env) error {
	var answers []control.Answer
	err := c.connected(e, func(ctx context.Context, nc *nats.Conn) (err error) {
		daemons, err := allDaemons(ctx, nc, c.NATS.Prefix)
		if err != nil {
			return err
		}
		answers, err = control.AskAll(ctx, nc, control.Subject(c.NATS.Prefix, control.EndpointReload), nil, len(daemons))
		return err
	})
	if err != nil {
		return err
	}
	all := []control.Reloaded{}
	for _, a := range answers {
		if a.Err != nil {
			continue
		}
		var r control.Reloaded
		if err := json.Unmarshal(a.Data, &r); err != nil {
			return fmt.Errorf("a daemon's answer: %w", err)
		}
		all = append(all, r)
	}
	if c.JSON {
		err = printJSON(e.stdout, map[string]any{"daemons": all})
	} else {
		for i := range all {
			if err = printf(e.stdout, "%s\n", reloaded(&all[i])); err != nil {
				break
			}
		}
	}
	if err == nil {
		err = refusals(answers)
	}
	for i := range all {
		if n := len(all[i].Failed); n > 0 && err == nil {
			err = fmt.Errorf("%s could not follow", plural(n, "sensor"))
		}
	}
	return err
}

func reloaded(r *control.Reloaded) string {
	who := printable(cmp.Or(r.Daemon, r.Instance))
	if len(r.Fields) == 0 && len(r.Sensors) == 0 {
		return who + ": nothing has changed"
	}
	lines := []string{fmt.Sprintf("%s: %s changed, and the pipelines of %s", who, plural(len(r.Fields), "field"), plural(len(r.Sensors), "sensor"))}
	for _, f := range r.Fields {
		lines = append(lines, "  "+printable(f.String()))
	}
	for _, f := range r.Failed {
		lines = append(lines, "  failed: "+printable(f))
	}
	return strings.Join(lines, "\n")
}

// table prints rows in columns below a head.
func table(w io.Writer, head string, rows int, row func(i int) string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if _, err := fmt.Fprintln(t, head); err != nil {
		return err
	}
	for i := range rows {
		if _, err := fmt.Fprintln(t, row(i)); err != nil {
			return err
		}
	}
	return t.Flush()
}
