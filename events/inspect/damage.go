package inspect

import "encoding/json"

// MaxDamage is how much of the damage of a recording is kept; the rest is counted. A damaged
// recording may have as much of it as it has events.
const MaxDamage = 5

// Damage is what a recording was read on behind.
type Damage struct {
	First []error // the first of it
	Count int64   // all of it
}

// Add takes note of damage.
func (d *Damage) Add(err error) {
	if d.Count++; len(d.First) < MaxDamage {
		d.First = append(d.First, err)
	}
}

// More is how much of it is counted only.
func (d *Damage) More() int64 { return d.Count - int64(len(d.First)) }

// Says is what was kept of it in words, never nil.
func (d *Damage) Says() []string {
	says := make([]string, 0, len(d.First))
	for _, err := range d.First {
		says = append(says, err.Error())
	}
	return says
}

// fields are those of a JSON object that has damage; a nil one has none of them.
func (d *Damage) fields() (says json.RawMessage, count *int64, err error) {
	if d == nil {
		return nil, nil, nil
	}
	says, err = json.Marshal(d.Says())
	return says, &d.Count, err
}
