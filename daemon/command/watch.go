package command

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
)

type watchCmd struct {
	Sensor string    `help:"Watch this sensor only." placeholder:"NAME"`
	Kinds  []string  `help:"What to watch, of features, labels, rejects and status." enum:"features,labels,rejects,status" placeholder:"KIND" default:"features,labels,rejects,status"`
	JSON   bool      `name:"json" help:"Print one JSON object a message, a line each."`
	NATS   natsFlags `embed:""`
}

func (c *watchCmd) Run(e *env) error {
	if c.Sensor != "" {
		if err := bus.CheckSensor(c.Sensor); err != nil {
			return usageError{err}
		}
	}
	nc, subjects, err := c.NATS.connect(e, true)
	if err != nil {
		return err
	}
	defer nc.Close()
	messages := make(chan *nats.Msg, 4096)
	var watched []string
	for _, k := range []bus.Kind{bus.KindFeatures, bus.KindLabels, bus.KindRejects, bus.KindStatus} {
		if !slices.Contains(c.Kinds, k.String()) {
			continue
		}
		subject := subjects.All(k)
		if c.Sensor != "" {
			s, err := subjects.Sensor(c.Sensor)
			if err != nil {
				return err
			}
			subject = map[bus.Kind]string{
				bus.KindFeatures: s.Features, bus.KindLabels: s.Labels,
				bus.KindRejects: s.Rejects, bus.KindStatus: s.Status,
			}[k]
		}
		if _, err := nc.ChanSubscribe(subject, messages); err != nil {
			return err
		}
		watched = append(watched, subject)
	}
	if err := bus.Flush(e.ctx, nc); err != nil {
		if e.ctx.Err() != nil {
			return nil
		}
		return err
	}
	// Nothing may come for a long time: whoever waits is told what for.
	if err := printf(e.stderr, "watching %s at %s\n", strings.Join(watched, ", "), nc.ConnectedUrlRedacted()); err != nil {
		return err
	}
	for {
		select {
		case <-e.ctx.Done():
			return nil // that is how a watch ends
		case m := <-messages:
			if err := c.print(e, subjects, m); err != nil {
				return err
			}
		}
	}
}

func (c *watchCmd) print(e *env, subjects bus.Subjects, m *nats.Msg) error {
	// A reject of a message without an acceptable name has no sensor's subject.
	sensor, kind, err := subjects.Parse(m.Subject)
	if err != nil && m.Subject != subjects.Unnamed() {
		return printf(e.stderr, "saccade: %v\n", err)
	}
	if err != nil {
		sensor, kind = bus.NoSensor, bus.KindRejects
	}
	line, object, err := describe(kind, m)
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
	return printf(e.stdout, "%-12s %-8s %s\n", sensor, kind, printable(line))
}

// printable takes out of a line what a terminal would obey: names and errors come
// from whoever publishes.
func printable(line string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, line)
}

// featuresView is what is shown of a features message: its numbers, not its events.
type featuresView struct {
	Seq       *uint64     `json:"seq,omitempty"`
	Recording string      `json:"recording,omitempty"`
	Part      int         `json:"part"`
	Events    int         `json:"events"`
	Features  int         `json:"features"`
	Missed    int         `json:"missed"`
	Border    int         `json:"border"`
	Outside   int         `json:"outside"`
	ByFeature map[int]int `json:"by_feature"`
}

// describe gives a line for people and an object for programs.
func describe(k bus.Kind, m *nats.Msg) (line string, object any, err error) {
	switch k {
	case bus.KindFeatures:
		return describeFeatures(m)
	case bus.KindLabels:
		l, err := bus.Decode[bus.Label](m.Data)
		line = fmt.Sprintf("%s  confidence %.2f, %d events", l.Label, l.Confidence, l.Events)
		if l.Truth != "" {
			verdict := "right"
			if l.Truth != l.Label {
				verdict = "wrong: it is " + l.Truth
			}
			line += ", " + verdict
		}
		return line + "  " + l.Recording, json.RawMessage(m.Data), err
	case bus.KindRejects:
		r, err := bus.Decode[bus.Reject](m.Data)
		return fmt.Sprintf("%s: %s", r.Reason, r.Error), json.RawMessage(m.Data), err
	default:
		s, err := bus.Decode[bus.Status](m.Data)
		return fmt.Sprintf("%d events, %.2f %% missed, thresholds %.3f (%.3f to %.3f), queue %d, rejects %d, gaps %d",
			s.Events, 100*s.MissedRate, s.ThresholdMean, s.ThresholdMin, s.ThresholdMax,
			s.QueueDepth, s.Rejects, s.Gaps), json.RawMessage(m.Data), err
	}
}

func describeFeatures(m *nats.Msg) (string, any, error) {
	h, err := bus.ParseFeaturesHeader(m.Header)
	if err != nil {
		return "", nil, err
	}
	list, err := bus.AppendFeatureEvents(nil, m.Data)
	if err != nil {
		return "", nil, err
	}
	v := featuresView{
		Recording: h.Recording, Part: h.Part, Events: h.Counts.Events, Features: len(list),
		Missed: h.Counts.Missed, Border: h.Counts.Border, Outside: h.Counts.Outside, ByFeature: map[int]int{},
	}
	if h.HasSeq {
		v.Seq = &h.Seq
	}
	for _, f := range list {
		v.ByFeature[int(f.Feature)]++
	}
	return fmt.Sprintf("%5d of %5d events won  %s", v.Features, v.Events, histogram(v.ByFeature)), v, nil
}

// maxHistogram is how many features are drawn.
const maxHistogram = 128

// histogram draws how often each feature won, a character a feature.
func histogram(by map[int]int) string {
	const levels = " ▁▂▃▄▅▆▇█"
	steps := []rune(levels)
	last, most := -1, 0
	for f, n := range by {
		last, most = max(last, f), max(most, n)
	}
	var b strings.Builder
	for f := range min(last+1, maxHistogram) {
		b.WriteRune(steps[(by[f]*(len(steps)-1)+most-1)/max(most, 1)])
	}
	if last >= maxHistogram {
		b.WriteString("…")
	}
	return b.String()
}
