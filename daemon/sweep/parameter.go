package sweep

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/saccade-dev/saccade/features/feast"
)

// kind is what a parameter's values are.
type kind int

const (
	whole  kind = iota // whole numbers
	real               // numbers
	period             // times, in microseconds
	word               // one of some names
)

// value is a parameter's: a number, but for words.
type value struct {
	number float64
	word   string
}

// parameter is one of a layer's that may be searched over.
type parameter struct {
	name string // as in feast.Config's YAML
	kind kind
	get  func(feast.Config) value
	set  func(*feast.Config, value)
}

// parameters in the order in which they are listed and drawn. Draws depend on it.
var parameters = []parameter{
	{
		"neurons", whole,
		func(c feast.Config) value { return value{number: float64(c.Neurons)} },
		func(c *feast.Config, v value) { c.Neurons = int(v.number) },
	},
	{
		"radius", whole,
		func(c feast.Config) value { return value{number: float64(c.Radius)} },
		func(c *feast.Config, v value) { c.Radius = int(v.number) },
	},
	{
		"tau", period,
		func(c feast.Config) value { return value{number: float64(c.Tau.Microseconds())} },
		func(c *feast.Config, v value) { c.Tau = time.Duration(v.number) * time.Microsecond },
	},
	{
		"eta", real,
		func(c feast.Config) value { return value{number: c.Eta} },
		func(c *feast.Config, v value) { c.Eta = v.number },
	},
	{
		"delta_i", real,
		func(c feast.Config) value { return value{number: c.DeltaI} },
		func(c *feast.Config, v value) { c.DeltaI = v.number },
	},
	{
		"delta_e", real,
		func(c feast.Config) value { return value{number: c.DeltaE} },
		func(c *feast.Config, v value) { c.DeltaE = v.number },
	},
	{
		"threshold", real,
		func(c feast.Config) value { return value{number: c.InitialThreshold} },
		func(c *feast.Config, v value) { c.InitialThreshold = v.number },
	},
	{
		"mode", word,
		func(c feast.Config) value { return value{word: string(c.Mode)} },
		func(c *feast.Config, v value) { c.Mode = feast.Mode(v.word) },
	},
	{
		"border", word,
		func(c feast.Config) value { return value{word: string(c.Border)} },
		func(c *feast.Config, v value) { c.Border = feast.Border(v.word) },
	},
	{
		"last", whole,
		func(c feast.Config) value { return value{number: float64(c.Last)} },
		func(c *feast.Config, v value) { c.Last = int(v.number) },
	},
	{
		"min_recent", whole,
		func(c feast.Config) value { return value{number: float64(c.MinRecent)} },
		func(c *feast.Config, v value) { c.MinRecent = int(v.number) },
	},
}

// flag is the parameter's name as flags have it, which is what people are told.
func (p parameter) flag() string { return strings.ReplaceAll(p.name, "_", "-") }

// names of all parameters, as the flags.
func names() []string {
	var out []string
	for _, p := range parameters {
		out = append(out, p.flag())
	}
	return out
}

// find gives a parameter by its name, in which - may stand for _, as in flags.
func find(name string) (parameter, error) {
	i := slices.IndexFunc(parameters, func(p parameter) bool { return p.name == strings.ReplaceAll(name, "-", "_") })
	if i < 0 {
		return parameter{}, fmt.Errorf("%q: expected one of the parameters %s", name, strings.Join(names(), ", "))
	}
	return parameters[i], nil
}

// parse reads a value.
func (k kind) parse(text string) (value, error) {
	switch k {
	case word:
		if text == "" {
			return value{}, fmt.Errorf("expected a name, found nothing")
		}
		return value{word: text}, nil
	case whole:
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return value{}, fmt.Errorf("expected a whole number, found %q", text)
		}
		return value{number: float64(n)}, nil
	case period:
		d, err := time.ParseDuration(text)
		if err != nil || d%time.Microsecond != 0 {
			return value{}, fmt.Errorf("expected a time of whole microseconds, such as 20ms, found %q", text)
		}
		return value{number: float64(d.Microseconds())}, nil
	default:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return value{}, fmt.Errorf("expected a number, found %q", text)
		}
		return value{number: x}, nil
	}
}

// text writes a value so that parse reads the same.
func (k kind) text(v value) string {
	switch k {
	case word:
		return v.word
	case period:
		return (time.Duration(v.number) * time.Microsecond).String()
	default:
		return strconv.FormatFloat(v.number, 'g', -1, 64)
	}
}

// round takes a number that was drawn to one that people would write: a whole one, or
// one of two significant digits.
func (k kind) round(x float64) float64 {
	if k == whole {
		return math.Round(x)
	}
	short, err := strconv.ParseFloat(strconv.FormatFloat(x, 'e', 1, 64), 64)
	if err != nil {
		return x
	}
	if k == period {
		return math.Round(short)
	}
	return short
}
