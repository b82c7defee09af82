package report

import (
	"fmt"
	"strings"
)

// names gives every file of a report a name of its own.
type names struct{ taken map[string]bool }

func newNames() names { return names{map[string]bool{}} }

// take gives stem+ext, or with a number behind the stem where that is taken.
func (n names) take(stem, ext string) string {
	name := stem + ext
	for i := 2; n.taken[name]; i++ {
		name = fmt.Sprintf("%s-%d%s", stem, i, ext)
	}
	n.taken[name] = true
	return name
}

// slug makes a name fit to stand in a file's name on any system: lower-case
// letters of ASCII, digits and single hyphens.
func slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 40 {
			break
		}
	}
	if s := strings.TrimSuffix(b.String(), "-"); s != "" {
		return s
	}
	return "bank"
}

// seriesClass gives the class of a bank's colour: the polarities have those of
// their events everywhere in the report.
func seriesClass(index int, name string) string {
	switch strings.ToLower(name) {
	case "on":
		return "on"
	case "off":
		return "off"
	}
	return fmt.Sprintf("other%d", index%3)
}
