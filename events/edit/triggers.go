package edit

import (
	"maps"

	"github.com/saccade-dev/saccade/events"
)

// MaxTriggers is how many triggers are kept that a source meets while it reads one packet:
// words of some bytes each, of which a hostile file may hold nothing else.
const MaxTriggers = 1 << 18

// tooMany is what triggers are counted as that were left out.
const tooMany = "trigger too many"

// triggers are those that a source has met and its reader has not handed on.
type triggers struct {
	waiting []events.Trigger
	to      func(events.Trigger)
	lost    int64
}

// listen has the triggers of a source wait here, where it has some.
func (g *triggers) listen(src events.Reader) {
	if s, ok := src.(events.TriggerSource); ok {
		s.OnTrigger(g.take)
	}
}

func (g *triggers) take(t events.Trigger) {
	if len(g.waiting) == MaxTriggers {
		g.lost++
		return
	}
	g.waiting = append(g.waiting, t)
}

// OnTrigger has f called for each trigger from now on; nil for none.
func (g *triggers) OnTrigger(f func(events.Trigger)) { g.to = f }

// give hands a trigger on, behind so many events.
func (g *triggers) give(t events.Trigger, after int64) {
	if g.to != nil {
		t.After = after
		g.to(t)
	}
}

// skipped is what a source skipped, and the triggers that were left out here.
func (g *triggers) skipped(src map[string]int64) map[string]int64 {
	if g.lost == 0 {
		return src
	}
	m := maps.Clone(src)
	m[tooMany] += g.lost
	return m
}
