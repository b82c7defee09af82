package config

import (
	"reflect"
	"strings"
)

// hint is what was probably meant by an unknown field: a field of the same section
// whose name is close, or the place elsewhere that has one of this very name.
func hint(name string, section reflect.Type, path string) string {
	best, bestDistance := "", 1+len(name)/3
	for _, tag := range fields(section) {
		candidate := tag.Get("yaml")
		if d := distance(normal(name), normal(candidate), bestDistance+1); d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	if best != "" {
		return "did you mean " + best + "?"
	}
	if p := elsewhere(reflect.TypeFor[Config](), "", normal(name)); p != "" && p != join(path, name) {
		return "did you mean " + p + "?"
	}
	return "known are " + strings.Join(names(section), ", ")
}

// elsewhere is the path of the first field of a name, anywhere in a section.
func elsewhere(t reflect.Type, path, name string) string {
	for i, tag := range fields(t) {
		here := join(path, tag.Get("yaml"))
		if normal(tag.Get("yaml")) == name {
			return here
		}
		if f := t.Field(i).Type; f.Kind() == reflect.Struct {
			if p := elsewhere(f, here, name); p != "" {
				return p
			}
		}
	}
	return ""
}

func names(t reflect.Type) []string {
	var all []string
	for _, tag := range fields(t) {
		all = append(all, tag.Get("yaml"))
	}
	return all
}

// normal writes a name without what people write in different ways.
func normal(name string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))
}

// distance is the number of letters to insert, delete or change to turn a into b
// (Levenshtein), or limit if it is not below that.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, diagonal+1, row[j]+1)
		}
	}
	return min(row[len(b)], limit)
}
