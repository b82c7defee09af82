package command

import (
	"maps"
	"slices"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/features/monitor"
	"github.com/saccade-dev/saccade/features/stack"
)

// board is what a watch knows of the sensors that it shows on a terminal.
type board struct {
	sensors map[string]*watched
	others  int   // messages of sensors beyond maxWatched
	unread  int   // messages that say nothing that can be understood
	err     error // the last of these
}

// maxWatched bounds a board: names of sensors come from outside, as numbers of features
// and layers do.
const maxWatched = 64

func newBoard() *board { return &board{sensors: map[string]*watched{}} }

// watched is what is known of one sensor.
type watched struct {
	name string
	rates
	usage    usage
	featured bool // its features come, and are what is counted

	recording string
	status    *bus.Status
	layers    []watchedLayer // those of the status

	label         *bus.Label
	labelled      time.Time
	right, judged int
	reject        *bus.Reject
	rejects       int
}

// watchedLayer is what is known of a layer beside its latest status.
type watchedLayer struct {
	rates
	change time.Time // when the status began to tell of another change; zero for before this watch
}

// take takes a message in that came at a time.
func (b *board) take(now time.Time, subjects bus.Subjects, m *nats.Msg) {
	sensor, kind, err := origin(subjects, m)
	if err == nil {
		if w := b.sensor(sensor); w != nil {
			err = w.take(now, kind, m)
		}
	}
	if err != nil {
		b.unread++
		b.err = err
	}
}

func (b *board) sensor(name string) *watched {
	w := b.sensors[name]
	if w == nil {
		if len(b.sensors) == maxWatched {
			b.others++
			return nil
		}
		w = &watched{name: name, rates: newRates()}
		b.sensors[name] = w
	}
	return w
}

// list gives the sensors by name.
func (b *board) list() []*watched {
	out := make([]*watched, 0, len(b.sensors))
	for _, name := range slices.Sorted(maps.Keys(b.sensors)) {
		out = append(out, b.sensors[name])
	}
	return out
}

func (w *watched) take(now time.Time, kind bus.Kind, m *nats.Msg) error {
	switch kind {
	case bus.KindFeatures:
		return w.takeFeatures(now, m)
	case bus.KindLabels:
		l, err := bus.Decode[bus.Label](m.Data)
		if err != nil {
			return err
		}
		w.label, w.labelled = &l, now
		if l.Truth != "" && l.Kind != bus.LabelRunning { // of which the recording is to have others
			w.judged++
			if l.Truth == l.Label {
				w.right++
			}
		}
	case bus.KindRejects:
		r, err := bus.Decode[bus.Reject](m.Data)
		if err != nil {
			return err
		}
		w.reject = &r
		w.rejects++
	default:
		s, err := bus.Decode[bus.Status](m.Data)
		if err != nil {
			return err
		}
		w.takeStatus(now, s)
	}
	return nil
}

func (w *watched) takeFeatures(now time.Time, m *nats.Msg) error {
	h, err := bus.ParseFeaturesHeader(m.Header)
	if err != nil {
		return err
	}
	list, err := bus.AppendFeatureEvents(nil, m.Data)
	list = slices.DeleteFunc(list, func(f bus.FeatureEvent) bool { return f.Missed })
	if err != nil {
		return err
	}
	w.featured = true
	w.recording = h.Recording
	w.count(now, int64(h.Counts.Events), int64(len(list)), int64(h.Counts.Missed))
	w.usage.add(now, list)
	return nil
}

// takeStatus takes a status in. Where no features are published or watched, what
// its counters have risen by since the last one is what happened. What a layer counted
// is known from statuses alone, and so from the second on.
func (w *watched) takeStatus(now time.Time, s bus.Status) {
	s.Layers = layersOf(&s)
	if last := w.status; last == nil || len(last.Layers) != len(s.Layers) {
		w.layers = make([]watchedLayer, len(s.Layers))
		for i := range w.layers {
			w.layers[i].rates = newRates()
		}
	} else {
		for i := range s.Layers {
			w.layers[i].take(now, &last.Layers[i], &s.Layers[i])
		}
	}
	if last := w.status; last != nil && !w.featured && s.Events >= last.Events && s.Features >= last.Features && s.Missed >= last.Missed {
		w.count(now, s.Events-last.Events, s.Features-last.Features, s.Missed-last.Missed)
	}
	w.recording = s.Recording
	w.status = &s
}

// layersOf are the layers of a status, as many as a daemon can have. One that does not
// list them is from a daemon that told of the first alone, and not what it counted.
func layersOf(s *bus.Status) []bus.LayerStatus {
	if len(s.Layers) > 0 {
		return s.Layers[:min(len(s.Layers), stack.MaxLayers)]
	}
	return []bus.LayerStatus{{
		MissedRate: s.MissedRate, ThresholdMean: s.ThresholdMean, ThresholdMin: s.ThresholdMin, ThresholdMax: s.ThresholdMax,
		Settled: s.Settled, Change: s.Change, Interval: s.Interval, Balance: s.Balance,
	}}
}

// take takes in what a layer's counters have risen by since the last status.
func (l *watchedLayer) take(now time.Time, last, s *bus.LayerStatus) {
	if changeOf(last) != changeOf(s) {
		l.change = now
	}
	if s.Events >= last.Events && s.Features >= last.Features && s.Missed >= last.Missed {
		l.count(now, s.Events-last.Events, s.Features-last.Features, s.Missed-last.Missed)
	}
}

func changeOf(s *bus.LayerStatus) monitor.Finding {
	if s.Change == nil {
		return monitor.Finding{}
	}
	return *s.Change
}
