package edit

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
)

// Time is a time in a recording: behind its first event, or absolute, by the recording's
// own clock. Where that begins differs from camera to camera (with the camera's power, or
// in 1970), so that nobody knows absolute times without having looked.
type Time struct {
	US       int64 // microseconds
	Absolute bool
}

// units are in nanoseconds. A longer name stands before one that it begins with.
var units = []struct {
	name string
	ns   int64
}{
	{"ns", 1},
	{"us", 1000},
	{"µs", 1000}, // U+00B5
	{"μs", 1000}, // U+03BC
	{"ms", 1_000_000},
	{"min", 60_000_000_000},
	{"s", 1_000_000_000},
	{"m", 60_000_000_000},
	{"h", 3600_000_000_000},
}

// maxTimeText bounds what is taken for a time.
const maxTimeText = 64

// ParseTime reads a time: numbers with units as 1.5s, 250ms or 1m30s, behind the first
// event; behind an @ by the recording's clock. It must be whole microseconds.
func ParseTime(s string) (Time, error) {
	const want = "expected a time such as 1.5s behind the first event, or @11718656us by the recording's clock"
	rest, absolute := strings.CutPrefix(s, "@")
	rest, negative := strings.CutPrefix(rest, "-")
	if rest == "" || len(s) > maxTimeText {
		return Time{}, fmt.Errorf("%s, found %.64q", want, s)
	}
	sum := new(big.Rat)
	for rest != "" {
		number, behind := digits(rest)
		v, ok := new(big.Rat).SetString(number)
		if !ok || number == "" {
			return Time{}, fmt.Errorf("%s, found %q", want, s)
		}
		ns, after, ok := unit(behind)
		if !ok {
			return Time{}, fmt.Errorf("%s: a unit of ns, us, ms, s, m or h behind %s, found %q", want, number, s)
		}
		sum.Add(sum, v.Mul(v, new(big.Rat).SetInt64(ns)))
		rest = after
	}
	sum.Quo(sum, big.NewRat(1000, 1))
	if negative {
		sum.Neg(sum)
	}
	switch {
	case !sum.IsInt():
		return Time{}, fmt.Errorf("expected whole microseconds, found %q", s)
	case !sum.Num().IsInt64():
		return Time{}, errTooFar
	}
	return Time{sum.Num().Int64(), absolute}, nil
}

var errTooFar = fmt.Errorf("expected a time within %d us of zero", int64(math.MaxInt64))

// digits cuts a number off, of digits and a point with digits on both sides.
func digits(s string) (number, rest string) {
	i := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if i < 0 {
		i = len(s)
	}
	number = s[:i]
	if strings.Count(number, ".") > 1 || strings.HasPrefix(number, ".") || strings.HasSuffix(number, ".") {
		return "", s
	}
	return number, s[i:]
}

func unit(s string) (ns int64, rest string, ok bool) {
	for _, u := range units {
		if rest, ok := strings.CutPrefix(s, u.name); ok {
			return u.ns, rest, true
		}
	}
	return 0, s, false
}

// UnmarshalText reads a time as ParseTime does.
func (t *Time) UnmarshalText(text []byte) (err error) {
	*t, err = ParseTime(string(text))
	return err
}

// String writes a time as ParseTime reads it.
func (t Time) String() string {
	at := ""
	if t.Absolute {
		at = "@"
	}
	return fmt.Sprintf("%s%dus", at, t.US)
}

// By is the time by the clock of a recording whose first event is at first.
func (t Time) By(first int64) (int64, error) {
	if t.Absolute {
		return t.US, nil
	}
	sum := first + t.US
	if t.US > 0 && sum < first || t.US < 0 && sum > first {
		return 0, errors.New("a time behind the recording's clock: expected one that 64 bits of microseconds hold")
	}
	return sum, nil
}
