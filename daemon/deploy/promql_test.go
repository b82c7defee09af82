package deploy_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// The kinds of values of PromQL, but for strings.
const (
	scalar = "a number"
	vector = "an instant vector"
	ranged = "a range vector"
)

// value is what is known of an expression without computing it.
type value struct {
	kind string
	// labels are those that its series have, of a vector.
	labels map[string]bool
	// counts tells that it is a counter, or of a histogram: what only goes up.
	counts bool
}

// known is what can be asked for: metrics by name.
type known map[string]metric

// metric is what a page of metrics says of one.
type metric struct {
	kind dto.MetricType
	// values are those that each label was seen with.
	values map[string]map[string]bool
}

// query checks an expression of PromQL against the metrics that there are: their names, their types, and the labels
// that are matched, grouped by and joined on. It knows the part of the language that is in use here, and takes nothing
// else.
type query struct {
	tokens []token
	known  known
	used   map[string]bool // names of metrics
}

// check parses an expression and gives its value, and the metrics that it uses.
func check(k known, text string) (v value, used []string, err error) {
	q := &query{known: k, used: map[string]bool{}}
	defer func() {
		if r := recover(); r != nil {
			wrong, ok := r.(wrongQuery)
			if !ok {
				panic(r)
			}
			err = fmt.Errorf("%s: %s", text, string(wrong))
		}
	}()
	if q.tokens, err = lex(text); err != nil {
		return v, nil, err
	}
	v = q.binary(0)
	q.want(tokenEnd, "")
	return v, slices.Sorted(maps.Keys(q.used)), nil
}

// wrongQuery ends the parsing.
type wrongQuery string

func (q *query) fail(format string, args ...any) {
	panic(wrongQuery(fmt.Sprintf("at %d: ", q.tokens[0].at) + fmt.Sprintf(format, args...)))
}

// is tells whether a piece is next.
func (q *query) is(kind tokenKind, text string) bool {
	return q.tokens[0].kind == kind && (text == "" || q.tokens[0].text == text)
}

func (q *query) take(kind tokenKind, text string) bool {
	if q.is(kind, text) {
		q.want(kind, text)
		return true
	}
	return false
}

func (q *query) want(kind tokenKind, text string) string {
	if !q.is(kind, text) {
		q.fail("expected %s %s, found %s %q", kind, text, q.tokens[0].kind, q.tokens[0].text)
	}
	t := q.tokens[0].text
	if kind != tokenEnd {
		q.tokens = q.tokens[1:]
	}
	return t
}

// levels are the binary operators, those that bind less first.
var levels = [][]string{{"or"}, {"and", "unless"}, {"==", "!=", "<=", "<", ">=", ">"}, {"+", "-"}, {"*", "/", "%"}}

func (q *query) binary(level int) value {
	if level == len(levels) {
		return q.unary()
	}
	left := q.binary(level + 1)
	for slices.Contains(levels[level], q.tokens[0].text) && (q.is(tokenSign, "") || q.is(tokenName, "")) {
		sign := q.tokens[0].text
		q.tokens = q.tokens[1:]
		set := level < 2
		if level == 2 {
			q.take(tokenName, "bool")
		}
		on, many, brought := q.matching()
		left = q.combine(sign, set, left, q.binary(level+1), on, many, brought)
	}
	return left
}

func (q *query) unary() value {
	if q.take(tokenSign, "-") || q.take(tokenSign, "+") {
		v := q.unary()
		if v.kind == ranged {
			q.fail("expected a number or an instant vector behind a sign")
		}
		v.counts = false
		return v
	}
	return q.atom()
}

func (q *query) atom() value {
	switch {
	case q.take(tokenNumber, ""):
		return value{kind: scalar}
	case q.take(tokenSign, "("):
		v := q.binary(0)
		q.want(tokenSign, ")")
		return v
	case q.is(tokenName, ""):
		name := q.want(tokenName, "")
		if f, there := functions[name]; there && q.is(tokenSign, "(") {
			return q.call(name, f)
		}
		if slices.Contains(aggregations, name) {
			return q.aggregate(name)
		}
		return q.selector(name)
	}
	q.fail("expected an expression, found %s %q", q.tokens[0].kind, q.tokens[0].text)
	return value{}
}

// names reads labels in parentheses.
func (q *query) names() []string {
	out := []string{}
	q.want(tokenSign, "(")
	for !q.take(tokenSign, ")") {
		if len(out) > 0 {
			q.want(tokenSign, ",")
		}
		out = append(out, q.want(tokenName, ""))
	}
	return out
}

// selector reads a metric's matchers, and a range.
func (q *query) selector(name string) value {
	m, there := q.known[name]
	if !there {
		q.fail("expected a metric that is exported, found %s", name)
	}
	q.used[name] = true
	v := value{kind: vector, labels: map[string]bool{}, counts: m.kind == dto.MetricType_COUNTER || m.kind == dto.MetricType_HISTOGRAM}
	for l := range m.values {
		v.labels[l] = true
	}
	if q.take(tokenSign, "{") {
		for more := false; !q.take(tokenSign, "}"); more = true {
			if more {
				q.want(tokenSign, ",")
			}
			q.match(name, m)
		}
	}
	if q.take(tokenSign, "[") {
		q.want(tokenDuration, "")
		q.want(tokenSign, "]")
		v.kind = ranged
	}
	if q.take(tokenName, "offset") {
		q.want(tokenDuration, "")
	}
	return v
}

func names(labels map[string]bool) string {
	return strings.Join(slices.Sorted(maps.Keys(labels)), ", ")
}

func setOf(labels []string) map[string]bool {
	out := map[string]bool{}
	for _, l := range labels {
		out[l] = true
	}
	return out
}
