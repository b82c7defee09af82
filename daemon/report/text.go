package report

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// How numbers are written. A no-break space stands before each unit.
const nbsp = "\u00a0"

func special(v float64) (string, bool) {
	switch {
	case math.IsNaN(v):
		return "not a number", true
	case math.IsInf(v, 0):
		return "infinite", true
	}
	return "", false
}

// percent writes a share of one. Below a tenth it has two decimals: missed-event
// rates live there.
func percent(v float64) string {
	if s, ok := special(v); ok {
		return s
	}
	if math.Abs(v) > 1e6 {
		return strconv.FormatFloat(v*100, 'g', 3, 64) + nbsp + "%"
	}
	if v == 0 || v == 1 {
		return strconv.FormatFloat(v*100, 'f', 0, 64) + nbsp + "%"
	}
	decimals := 1
	if math.Abs(v) < 0.1 {
		decimals = 2
	}
	return strconv.FormatFloat(v*100, 'f', decimals, 64) + nbsp + "%"
}

func (v Value) percent() string {
	if !v.known {
		return ""
	}
	return percent(v.number)
}

// count writes a whole number with its thousands apart.
func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	var b strings.Builder
	b.WriteString(sign)
	for i := range len(s) {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// plural writes a count and its noun.
func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return count(n) + " " + noun + "s"
}

// short writes a number to three digits with k, M or G.
func short(v float64) string {
	if s, ok := special(v); ok {
		return s
	}
	for _, u := range []struct {
		size float64
		name string
	}{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if math.Abs(v) >= u.size*0.9995 {
			return digits3(v/u.size) + nbsp + u.name
		}
	}
	return digits3(v)
}

// seconds writes a length of time, given in seconds, to three digits.
func seconds(v float64) string {
	if s, ok := special(v); ok {
		return s
	}
	if v == 0 {
		return "0" + nbsp + "s"
	}
	for _, u := range []struct {
		size float64
		name string
	}{{1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}} {
		if math.Abs(v) >= u.size*0.9995 {
			return digits3(v/u.size) + nbsp + u.name
		}
	}
	return digits3(v/1e-9) + nbsp + "ns"
}

func duration(d time.Duration) string { return seconds(d.Seconds()) }

// digits3 writes a number to three significant digits, without an exponent where
// it is not huge.
func digits3(v float64) string {
	a := math.Abs(v)
	switch {
	case a >= 1e6:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case a >= 99.95:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	decimals := 2
	if a >= 9.995 {
		decimals = 1
	}
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}
