package command

import (
	"maps"
	"slices"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/features/monitor"
)

// board is what a watch knows of the sensors that it shows on a terminal.
type board struct {
	sensors map[string]*watched
	others  int   // messages of sensors beyond maxWatched
	unread  int   // messages that say nothing that can be understood
	err     error // the last of these
}

// Bounds of a board: names of sensors and numbers of features come from outside.
const (
	maxWatched  = 64
	watchWindow = 60 // seconds that rates are shown of
)

func newBoard() *board { return &board{sensors: map[string]*watched{}} }

// watched is what is known of one sensor.
type watched struct {
	name     string
	recent   [watchWindow]second // by the seconds of the clock
	first    int64               // the first second of any
	usage    usage
	featured bool // its features come, and are what is counted

	recording string
	status    *bus.Status
	change    time.Time // when the status began to tell of another change; zero for before this watch

	label         *bus.Label
	labelled      time.Time
	right, judged int
	reject        *bus.Reject
	rejects       int
}

// second counts what came of a sensor in one second.
type second struct {
	at                   int64 // seconds since 1970; what stands here of another second is old
	events, hits, missed int64
}

// take takes a message in that came at a time.
func (b *board) take(now time.Time, subjects bus.Subjects, m *nats.Msg) {
	sensor, kind, err := origin(subjects, m)
	if err == nil {
		if w := b.sensor(sensor, now); w != nil {
			err = w.take(now, kind, m)
		}
	}
	if err != nil {
		b.unread++
		b.err = err
	}
}

func (b *board) sensor(name string, now time.Time) *watched {
	w := b.sensors[name]
	if w == nil {
		if len(b.sensors) == maxWatched {
			b.others++
			return nil
		}
		w = &watched{name: name, first: now.Unix()}
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
// its counters have risen by since the last one is what happened.
func (w *watched) takeStatus(now time.Time, s bus.Status) {
	if last := w.status; last != nil {
		if changeOf(last) != changeOf(&s) {
			w.change = now
		}
		if !w.featured && s.Events >= last.Events && s.Features >= last.Features && s.Missed >= last.Missed {
			w.count(now, s.Events-last.Events, s.Features-last.Features, s.Missed-last.Missed)
		}
	}
	w.recording = s.Recording
	w.status = &s
}

func changeOf(s *bus.Status) monitor.Finding {
	if s.Change == nil {
		return monitor.Finding{}
	}
	return *s.Change
}

// count counts in the second of a time.
func (w *watched) count(now time.Time, events, hits, missed int64) {
	at := now.Unix()
	s := &w.recent[((at%watchWindow)+watchWindow)%watchWindow]
	if s.at != at {
		*s = second{at: at}
	}
	s.events += events
	s.hits += hits
	s.missed += missed
}

// last gives the last so many seconds that are over, the oldest first; those before
// the sensor was known are left out.
func (w *watched) last(now time.Time, seconds int) []second {
	var out []second
	for at := now.Unix() - int64(min(seconds, watchWindow-1)); at < now.Unix(); at++ {
		if at < w.first {
			continue
		}
		s := w.recent[((at%watchWindow)+watchWindow)%watchWindow]
		if s.at != at {
			s = second{at: at}
		}
		out = append(out, s)
	}
	return out
}

// rate is how many events came in a second, of late.
func (w *watched) rate(now time.Time) float64 {
	const late = 5
	seconds := w.last(now, late)
	if len(seconds) == 0 {
		return 0
	}
	var events int64
	for _, s := range seconds {
		events += s.events
	}
	return float64(events) / float64(len(seconds))
}

// missed gives the missed rate of each of the last seconds, -1 where nothing came,
// and of all of them, likewise.
func (w *watched) missed(now time.Time, seconds int) (each []float64, all float64) {
	var hits, missed int64
	for _, s := range w.last(now, seconds) {
		hits, missed = hits+s.hits, missed+s.missed
		each = append(each, shareOf(s.missed, s.hits+s.missed))
	}
	return each, shareOf(missed, hits+missed)
}

// shareOf is a share, -1 where there is nothing to share.
func shareOf(part, all int64) float64 {
	if all <= 0 {
		return -1
	}
	return float64(part) / float64(all)
}
