package config

import (
	"fmt"
	"reflect"
	"strings"
)

// Reload says where else a configuration comes from while the daemon runs.
type Reload struct {
	KV bool `yaml:"kv" doc:"Take what can change while the daemon runs also from the key config of the key-value bucket PREFIX-config, as YAML: at the start, and whenever it is written. What it does not say is as here. SIGHUP, and saccade ctl reload, read this file again in any case."`
}

// reloadable are the fields that can change while a daemon runs, each with what is in it.
var reloadable = []string{"pipeline", "pipelines", "ingest.sensors.accept"}

// Reloadable tells whether a field can change while a daemon runs.
func Reloadable(path string) bool {
	for _, r := range reloadable {
		if rest, ok := strings.CutPrefix(path, r); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return true
		}
	}
	return false
}

// Difference is a field in which two configurations differ.
type Difference struct {
	Path   string `json:"field"`
	Before string `json:"before"` // as Print writes it, cut where it is long; none where there was no such field
	After  string `json:"after"`
}

func (d Difference) String() string { return d.Path + ": " + d.Before + " -> " + d.After }

// none stands for a value where there is no such field.
const none = "none"

// Diff gives the fields in which two configurations differ, in their order. What it says
// holds no secret, as configurations hold none: see [Print].
func Diff(before, after Config) []Difference {
	var out []Difference
	before.NATS.URL, after.NATS.URL = redact(before.NATS.URL), redact(after.NATS.URL)
	differences(reflect.ValueOf(before), reflect.ValueOf(after), "", &out)
	return out
}

func differences(a, b reflect.Value, path string, out *[]Difference) {
	switch {
	case a.Kind() == reflect.Struct:
		for i, tag := range fields(a.Type()) {
			differences(a.Field(i), b.Field(i), join(path, tag.Get("yaml")), out)
		}
	case a.Kind() == reflect.Slice && a.Type().Elem().Kind() == reflect.Struct:
		for i := range max(a.Len(), b.Len()) {
			here := index(path, i)
			switch {
			case i >= a.Len():
				*out = append(*out, Difference{here, none, entry(b.Index(i))})
			case i >= b.Len():
				*out = append(*out, Difference{here, entry(a.Index(i)), none})
			default:
				differences(a.Index(i), b.Index(i), here, out)
			}
		}
	default:
		if x, y := text(a), text(b); x != y {
			*out = append(*out, Difference{path, clip(x), clip(y)})
		}
	}
}

// entry says in a few words what an entry of a list is: its first field, which names it.
func entry(v reflect.Value) string {
	return fmt.Sprintf("{%s: %s, ...}", v.Type().Field(0).Tag.Get("yaml"), clip(text(v.Field(0))))
}

// maxValue is how much of a value a difference repeats: enough for a list of names.
const maxValue = 200

func clip(s string) string {
	if len(s) > maxValue {
		return strings.ToValidUTF8(s[:maxValue], "") + "..."
	}
	return s
}

// Over reads a configuration as [Parse] does, but fields that are not given are those of
// base: a list that is given takes the place of the whole list there.
func Over(base Config, data []byte, name string) (Config, error) { return parse(base, data, name) }
