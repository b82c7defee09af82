package survey

import (
	"path/filepath"
	"time"

	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/monitor"
	"github.com/saccade-dev/saccade/features/readout"
)

// Result is what a model was found to do.
type Result struct {
	Started    time.Time
	Device     string
	Learned    bool // on from the recordings, before it was looked at
	Recordings int
	Events     int64              // in these
	Seconds    float64            // that the frozen model took for them, on all cores
	Confusion  *readout.Confusion // nil where the model names nothing
	Unnamed    int                // recordings that it found nothing to name by
	Layers     []Layer

	survey *survey
}

// EventsPerSecond is how many events the frozen model and what looks at it took in a
// second, on all cores.
func (r *Result) EventsPerSecond() float64 { return float64(r.Events) / r.Seconds }

// Accuracy is the share of recordings that the model named right, 0 where it names
// nothing.
func (r *Result) Accuracy() float64 {
	if r.Confusion == nil {
		return 0
	}
	return float64(r.Confusion.Correct()) / float64(r.Recordings)
}

// Layer is what one layer was found to do, frozen.
type Layer struct {
	Mode     feast.Mode `json:"mode"`
	Features int        `json:"features"`
	Side     int        `json:"side"`
	Planes   int        `json:"planes,omitempty"`

	// What became of the events that came to the layer.
	Hits    uint64 `json:"hits"`
	Missed  uint64 `json:"missed"`
	Border  uint64 `json:"border"`
	Outside uint64 `json:"outside"`
	Noise   uint64 `json:"noise"`
	Ignored uint64 `json:"ignored"`

	// MissedRate and MissesPerHit are of the thresholds, whether the layer was asked to
	// obey them or not; with learning, of the second half of that pass. RuledHits and
	// RuledMissed are the counts that they rest on: those above are of a layer that may
	// have given every event to the nearest feature. See [PerHit] and [Balance].
	RuledHits    uint64   `json:"hits_by_thresholds"`
	RuledMissed  uint64   `json:"missed_by_thresholds"`
	MissedRate   float64  `json:"missed_rate"`
	MissesPerHit *float64 `json:"misses_per_hit,omitempty"`
	Balance      *float64 `json:"balance,omitempty"`

	Idle          int     `json:"idle_features"`          // that won nothing
	UsageRelative float64 `json:"usage_entropy_relative"` // see [monitor.Signals]

	// Turned is how far features turned while the layer learned on, the mean of
	// 1 - cosine, and Findings what package monitor found meanwhile.
	Turned   *float64          `json:"weight_change,omitempty"`
	Findings []monitor.Finding `json:"findings,omitempty"`
}

// describe fills in what was found of each layer.
func (r *Result) describe() {
	for i, l := range r.survey.levels {
		c := l.config
		out := Layer{
			Mode: c.Mode, Features: c.Features(), Side: c.Side(), Planes: c.Planes, Balance: Balance(c),
			Hits: l.now.Hits, Missed: l.now.Missed, Border: l.now.Border, Outside: l.now.Outside, Noise: l.now.Noise, Ignored: l.now.Ignored,
		}
		out.RuledHits, out.RuledMissed = l.ruled.Hits, l.ruled.Missed
		for _, n := range l.now.Wins {
			if n == 0 {
				out.Idle++
			}
		}
		out.UsageRelative = l.whole().UsageRelative
		if r.Learned {
			on := r.survey.learned[i]
			out.Turned, out.Findings = &on.turned, on.course.Findings
			out.RuledHits, out.RuledMissed = Settled(on.history.all())
		}
		out.MissedRate, _ = monitor.MissedRate(out.RuledHits, out.RuledMissed)
		out.MissesPerHit = PerHit(out.RuledHits, out.RuledMissed)
		r.Layers = append(r.Layers, out)
	}
}

// name is what a recording is called: its label and its file.
func name(r nmnist.Recording) string {
	return filepath.ToSlash(filepath.Join(filepath.Base(filepath.Dir(r.Path)), filepath.Base(r.Path)))
}
