package command

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/inspect"
)

// externalTrigger is what readers count triggers as.
const externalTrigger = "external trigger"

// dropped is something of the recordings that is not in what was written.
type dropped struct {
	Kind  string `json:"kind"`
	Count int64  `json:"count"`
	Why   string `json:"why"`
	said  string // what of, in words
}

// tell says what was written, and what of the recordings was not.
func (r *conversion) tell() error {
	list := r.dropped()
	for _, d := range list {
		if err := printf(r.env.stderr, "dropped: %s: %s\n", d.said, d.Why); err != nil {
			return err
		}
	}
	for _, in := range r.inputs {
		if !r.cmd.Lenient {
			break // the command fails with it
		}
		if err := tellDamage(r.env.stderr, in.path, &in.damage); err != nil {
			return err
		}
	}
	if r.cmd.JSON {
		return printJSON(r.env.stdout, r.object(list))
	}
	size := "of no known geometry"
	if r.geometry.Known() {
		size = fmt.Sprintf("%dx%d", r.geometry.Width, r.geometry.Height)
	}
	triggers := ""
	if r.copied.Triggers > 0 {
		triggers = ", " + plural(r.copied.Triggers, "trigger")
	}
	return printf(r.env.stderr, "%s: %s, %s, %s%s\n", r.out, r.target.Name, size, plural(r.copied.Events, "event"), triggers)
}

// dropped lists what is not in what was written, but for what was asked to be left out.
func (r *conversion) dropped() []dropped {
	list := []dropped{}
	add := func(kind string, n int64, why string, args ...any) {
		if n > 0 {
			list = append(list, dropped{kind, n, fmt.Sprintf(why, args...), ofKind(n, kind)})
		}
	}
	c, name := &r.copied, r.target.Name
	add("trigger", c.Placeless, "%s has no place for them", name)
	add("trigger", c.Lost, "there were too many between two packets of events")
	add("trigger's channel", c.Channels, "%s does not tell channels apart", name)
	add("trigger", c.Channelless, "%s has no place for their channel", name)
	add("event", c.Unheld, "%s cannot hold them; the first: %v", name, c.FirstUnheld)
	add("trigger", c.UnheldTriggers, "%s cannot hold them; the first: %v", name, c.FirstUnheldTrigger)
	source := r.source()
	kept := held(r.target, events.Header{Geometry: r.geometry, Source: source})
	if g := r.geometry; g.Known() && kept.Geometry != g {
		add("geometry", 1, "%s has no place for it", name)
		list[len(list)-1].said = fmt.Sprintf("geometry %dx%d", g.Width, g.Height)
	}
	if lost := lostOf(source, kept.Source); len(lost) > 0 {
		add("source", int64(len(lost)), "%s has no place for it", name)
		list[len(list)-1].said = strings.Join(lost, ", ")
	}
	// Of several recordings only what is true of all is kept.
	for _, in := range r.inputs {
		if g := in.file.Header().Geometry; g.Known() && !r.geometry.Known() {
			add("geometry", 1, "not every recording says its own")
			list[len(list)-1].said = fmt.Sprintf("geometry %dx%d of %s", g.Width, g.Height, in.path)
		}
		if lost := lostOf(in.file.Source(), source); len(lost) > 0 {
			add("source", int64(len(lost)), "it is not that of all recordings")
			list[len(list)-1].said = strings.Join(lost, ", ") + " of " + in.path
		}
	}
	skipped := map[string]int64{}
	edgeless := int64(0)
	for _, in := range r.inputs {
		for kind, n := range in.file.Skipped() {
			if kind == externalTrigger {
				edgeless += max(n-in.triggers, 0) // the others are among those that were copied
			} else {
				skipped[kind] += n
			}
		}
	}
	add(externalTrigger, edgeless, "the recording does not tell their edge, their time or their place between events")
	for _, kind := range slices.Sorted(maps.Keys(skipped)) {
		add(kind, skipped[kind], "no events")
	}
	return list
}

// lostOf says what of a source was not kept.
func lostOf(s, kept events.Source) (lost []string) {
	if s.Camera != "" && s.Camera != kept.Camera {
		lost = append(lost, "camera "+s.Camera)
	}
	if s.Serial != "" && s.Serial != kept.Serial {
		lost = append(lost, "serial number "+s.Serial)
	}
	if !s.Start.IsZero() && !s.Start.Equal(kept.Start) {
		lost = append(lost, "start "+s.Start.Format(time.RFC3339))
	}
	return lost
}

// tellDamage tells of damage that was read on behind.
func tellDamage(w io.Writer, path string, d *inspect.Damage) error {
	for _, err := range d.First {
		if err := printf(w, "damage: %v\n", err); err != nil {
			return err
		}
	}
	if more := d.More(); more > 0 {
		return printf(w, "damage: %s: %s more\n", path, grouped(more))
	}
	return nil
}

// ofKind writes how many there are of a kind of what was skipped, which may be of several
// words: the noun is the first.
func ofKind(n int64, kind string) string {
	for _, behind := range []string{" of ", " without ", " lost", " too many"} {
		if noun, _, ok := strings.Cut(kind, behind); ok {
			return plural(n, noun) + kind[len(noun):]
		}
	}
	return plural(n, kind)
}

// object is what --json prints.
func (r *conversion) object(list []dropped) any {
	type input struct {
		File    string           `json:"file"`
		Format  string           `json:"format"`
		Events  int64            `json:"events"`
		Skipped map[string]int64 `json:"skipped"`
		Damage  []string         `json:"damage"`
		Damages int64            `json:"damages"`
	}
	ins := make([]input, 0, len(r.inputs))
	for _, in := range r.inputs {
		ins = append(ins, input{in.path, in.file.Format.Name, in.read, in.file.Skipped(), in.damage.Says(), in.damage.Count})
	}
	side := func(n int) json.RawMessage {
		if n == 0 {
			return json.RawMessage("null")
		}
		return json.RawMessage(fmt.Sprint(n))
	}
	return struct {
		In       []input         `json:"in"`
		Out      string          `json:"out"`
		Format   string          `json:"format"`
		Width    json.RawMessage `json:"width"`
		Height   json.RawMessage `json:"height"`
		Events   int64           `json:"events"`
		Triggers int64           `json:"triggers"`
		Dropped  []dropped       `json:"dropped"`
	}{ins, r.out, r.target.Name, side(r.geometry.Width), side(r.geometry.Height), r.copied.Events, r.copied.Triggers, list}
}
