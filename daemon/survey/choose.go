package survey

import (
	"maps"
	"slices"
)

// Evenly gives at most so many recordings, in their order and as many of each label as
// of any other, as far as there are; all of them if most is 0.
func Evenly[T any](in []T, label func(T) string, most int) []T {
	if most == 0 || len(in) <= most {
		return in
	}
	type place struct{ round, at int } // the how many'th of its label, and where it stands
	seen := map[string]int{}
	places := make([]place, len(in))
	for i, r := range in {
		places[i] = place{seen[label(r)], i}
		seen[label(r)]++
	}
	slices.SortStableFunc(places, func(a, b place) int { return a.round - b.round })
	places = places[:most]
	slices.SortFunc(places, func(a, b place) int { return a.at - b.at })
	out := make([]T, most)
	for i, p := range places {
		out[i] = in[p.at]
	}
	return out
}

// Firsts gives the first recording of each label, in their order, as far as there is
// room.
func Firsts[T any](in []T, label func(T) string, most int) []T {
	seen := map[string]bool{}
	var out []T
	for _, r := range in {
		if !seen[label(r)] && len(out) < most {
			seen[label(r)] = true
			out = append(out, r)
		}
	}
	return out
}

// Labels are those of recordings, in order.
func Labels[T any](in []T, label func(T) string) []string {
	seen := map[string]bool{}
	for _, r := range in {
		seen[label(r)] = true
	}
	return slices.Sorted(maps.Keys(seen))
}
