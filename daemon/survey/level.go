package survey

import (
	"slices"

	"github.com/saccade-dev/saccade/daemon/report"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/monitor"
)

// level is what a frozen layer did over the recordings.
type level struct {
	config  feast.Config
	weights feast.Weights
	counts  *Counts
	// now is what became of the events so far, ruled what would have with thresholds as
	// while learning; looks are both as they were on the way.
	now, ruled feast.Counters
	looks      curve[look]
}

type look struct{ now, ruled feast.Counters }

func newLevel(c feast.Config, w feast.Weights, counts *Counts) *level {
	l := &level{config: c, weights: w, counts: counts}
	for _, of := range []*feast.Counters{&l.now, &l.ruled} {
		of.Wins, of.BankMissed = make([]uint64, c.Features()), make([]uint64, c.Banks())
	}
	return l
}

// merge takes in what became of a recording's events.
func (l *level) merge(now, ruled feast.Counters) {
	l.now.Add(now)
	l.ruled.Add(ruled)
	l.looks.add(look{cloned(l.now), cloned(l.ruled)})
}

func cloned(c feast.Counters) feast.Counters {
	c.Wins, c.BankMissed = slices.Clone(c.Wins), slices.Clone(c.BankMissed)
	return c
}

// history has what features won, and beside it what thresholds would have let in. The
// thresholds themselves rest, and are left out.
func (l *level) history() []Moment {
	looks := l.looks.all()
	out := make([]Moment, len(looks))
	for i, k := range looks {
		out[i] = Moment{Hits: bankHits(l.config, k.ruled.Wins), Missed: k.ruled.BankMissed, Wins: k.now.Wins}
	}
	return out
}

// maxIntervals is how many intervals the signals of a run are given for.
const maxIntervals = 60

// course has the signals of the run, in intervals of as many recordings each, as far as
// the looks allow.
func (l *level) course() report.Course {
	var c report.Course
	before := monitor.Sample{Thresholds: l.weights.Thresholds}
	before.Counters.Wins, before.Counters.BankMissed = make([]uint64, l.config.Features()), make([]uint64, l.config.Banks())
	looks := l.looks.all()
	every := (len(looks) + maxIntervals - 1) / maxIntervals
	for i, k := range looks {
		if (i+1)%every != 0 && i != len(looks)-1 {
			continue
		}
		s := monitor.Sample{Counters: k.now, Thresholds: l.weights.Thresholds}
		c.Intervals = append(c.Intervals, monitor.Measure(l.config, []monitor.Sample{before, s}))
		before = s
	}
	return c
}

// whole has the signals of all of the run.
func (l *level) whole() monitor.Signals {
	none := newLevel(l.config, l.weights, nil).now
	return monitor.Measure(l.config, []monitor.Sample{{Counters: none, Thresholds: l.weights.Thresholds}, {Counters: l.now, Thresholds: l.weights.Thresholds}}).All
}
