package deploy_test

import "maps"

// function is one of PromQL's: the kinds of what it is given, and what comes of it.
type function struct {
	takes []string
	gives string
	// of is what it must be given: what only goes up, what does not, or either.
	of string
}

const (
	ofCounters = "a counter"
	ofGauges   = "a gauge"
	ofEither   = ""
)

// functions are those that are in use or likely to be.
var functions = map[string]function{
	"rate":               {[]string{ranged}, vector, ofCounters},
	"irate":              {[]string{ranged}, vector, ofCounters},
	"increase":           {[]string{ranged}, vector, ofCounters},
	"delta":              {[]string{ranged}, vector, ofGauges},
	"deriv":              {[]string{ranged}, vector, ofGauges},
	"changes":            {[]string{ranged}, vector, ofGauges},
	"avg_over_time":      {[]string{ranged}, vector, ofGauges},
	"min_over_time":      {[]string{ranged}, vector, ofGauges},
	"max_over_time":      {[]string{ranged}, vector, ofGauges},
	"absent":             {[]string{vector}, vector, ofEither},
	"time":               {nil, scalar, ofEither},
	"histogram_quantile": {[]string{scalar, vector}, vector, ofEither},
}

// aggregations take series together.
var aggregations = []string{"sum", "min", "max", "avg", "count"}

func (q *query) call(name string, f function) value {
	q.want(tokenSign, "(")
	out := value{kind: f.gives}
	for i, kind := range f.takes {
		if i > 0 {
			q.want(tokenSign, ",")
		}
		v := q.binary(0)
		switch {
		case v.kind != kind:
			q.fail("%s: expected %s, found %s", name, kind, v.kind)
		case f.of == ofCounters && !v.counts, f.of == ofGauges && v.counts:
			q.fail("%s: expected %s", name, f.of)
		}
		out.labels = maps.Clone(v.labels)
	}
	q.want(tokenSign, ")")
	switch name {
	case "histogram_quantile":
		if !out.labels["le"] {
			q.fail("%s: expected the label le, found %s", name, names(out.labels))
		}
		delete(out.labels, "le")
	case "absent":
		out.labels = map[string]bool{} // those of the matchers that say =, which no text may rest on
	}
	return out
}

func (q *query) aggregate(name string) value {
	var by []string
	grouped := q.take(tokenName, "by")
	if grouped {
		by = q.names()
	}
	q.want(tokenSign, "(")
	v := q.binary(0)
	q.want(tokenSign, ")")
	if !grouped && q.take(tokenName, "by") {
		by = q.names()
	}
	if v.kind != vector {
		q.fail("%s: expected %s, found %s", name, vector, v.kind)
	}
	for _, l := range by {
		if !v.labels[l] {
			q.fail("%s by (%s): expected a label of what is summed, found %s", name, l, names(v.labels))
		}
	}
	return value{kind: vector, labels: setOf(by)}
}
