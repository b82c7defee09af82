package command

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// grouped writes a count for people: 1,234,567.
func grouped[T int | int64 | uint64](n T) string {
	digits := strconv.FormatInt(int64(n), 10)
	sign := ""
	if rest, ok := strings.CutPrefix(digits, "-"); ok {
		sign, digits = "-", rest
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// rate writes how many of something there are in a second.
func rate(perSecond float64) string { return grouped(int64(perSecond + 0.5)) }

// percent writes a share.
func percent(share float64) string { return fmt.Sprintf("%.2f %%", 100*share) }

// milliseconds writes a short time.
func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}

// plural writes how many there are of something.
func plural[T int | int64 | uint64](n T, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + one + "s"
}

// ratio writes a number of which the size is not known beforehand in three significant
// digits or as many as stand before the point, and never as a power of ten: 0.0000814,
// 0.0208, 1.25, 1250.
func ratio(v float64) string {
	const digits = 3
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Sprintf("%g", v)
	}
	// As it is rounded, 0.09996 has one place before its first digit less than it seems.
	_, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', digits-1, 64), "e")
	power, err := strconv.Atoi(exponent)
	if err != nil {
		panic(err) // FormatFloat writes a whole number there
	}
	return strconv.FormatFloat(v, 'f', min(max(digits-1-power, 0), maxPlaces), 64)
}

// missesPerHit compares misses per hit with the balance, either of which may not be
// there: without a hit, and where thresholds only rise, only fall or stand still.
func missesPerHit(measured, balance *float64) string {
	text := "–"
	if measured != nil {
		text = ratio(*measured)
	}
	if balance == nil {
		return text + " misses per hit, and no balance as delta-i or delta-e is 0"
	}
	return text + " misses per hit, " + ratio(*balance) + " at balance"
}

// maxPlaces bounds what is written behind the point: whatever is smaller is nothing.
const maxPlaces = 12
