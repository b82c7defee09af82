package deploy_test

import (
	"maps"
	"regexp"
	"slices"
)

// matching reads `on (...) group_left (...)`. The labels are nil where there is none.
func (q *query) matching() (on []string, many string, brought []string) {
	if !q.take(tokenName, "on") {
		return nil, "", nil
	}
	on = q.names()
	for _, side := range []string{"group_left", "group_right"} {
		if q.take(tokenName, side) {
			many = side
			if q.is(tokenSign, "(") {
				brought = q.names()
			}
		}
	}
	return on, many, brought
}

// combine is of two sides. Without `on` their labels must be the same, or they would never meet.
func (q *query) combine(sign string, set bool, a, b value, on []string, many string, brought []string) value {
	switch {
	case a.kind == ranged || b.kind == ranged:
		q.fail("expected numbers or instant vectors beside %s", sign)
	case a.kind == scalar && b.kind == scalar:
		return a
	case set && (a.kind == scalar || b.kind == scalar):
		q.fail("expected instant vectors beside %s", sign)
	case a.kind == scalar:
		return value{kind: vector, labels: b.labels}
	case b.kind == scalar:
		return value{kind: vector, labels: a.labels}
	}
	if sign == "or" {
		if !maps.Equal(a.labels, b.labels) {
			q.fail("expected the same labels beside or, found %v and %v", names(a.labels), names(b.labels))
		}
		return value{kind: vector, labels: a.labels}
	}
	if on == nil {
		if !maps.Equal(a.labels, b.labels) {
			q.fail("expected the same labels beside %s, found %v and %v: nothing would match", sign, names(a.labels), names(b.labels))
		}
		return value{kind: vector, labels: a.labels}
	}
	for _, l := range on {
		if !a.labels[l] || !b.labels[l] {
			q.fail("on (%s): expected a label of both sides, found %v and %v", l, names(a.labels), names(b.labels))
		}
	}
	out, one := a.labels, b.labels
	switch many {
	case "group_right":
		out, one = one, out
		fallthrough
	case "group_left":
		out = maps.Clone(out)
		for _, l := range brought {
			if !one[l] {
				q.fail("%s (%s): expected a label of the one side, found %v", many, l, names(one))
			}
			out[l] = true
		}
		if len(one) != len(on) {
			q.fail("%s: expected one series for %v, found the labels %v", many, on, names(one))
		}
	default:
		if !set {
			out = setOf(on)
		}
	}
	return value{kind: vector, labels: out}
}

// match reads a matcher. It must be of a label that the metric has and, where the label's values are a few that are
// known, match one of them.
func (q *query) match(name string, m metric) {
	label := q.want(tokenName, "")
	how := q.want(tokenSign, "")
	text := q.want(tokenString, "")
	values, there := m.values[label]
	if !there {
		q.fail("%s has no label %s, only %v", name, label, names(setOf(slices.Collect(maps.Keys(m.values)))))
	}
	if how == "=" || how == "!=" {
		text = regexp.QuoteMeta(text)
	}
	r, err := regexp.Compile("^(?:" + text + ")$")
	if err != nil {
		q.fail("%s: %v", label, err)
	}
	if (how == "=" || how == "=~") && !slices.ContainsFunc(slices.Collect(maps.Keys(values)), r.MatchString) {
		q.fail("%s of %s is never %q, only %v", label, name, text, slices.Sorted(maps.Keys(values)))
	}
	if !slices.Contains([]string{"=", "!=", "=~", "!~"}, how) {
		q.fail("expected a matcher, found %q", how)
	}
}
