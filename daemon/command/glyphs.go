package command

import (
	"runtime"
	"strings"
)

// glyphs are what small charts in text are made of.
type glyphs struct {
	levels []rune // from nothing to full height
	bar    []rune // the last cell of a bar, by how much of it is full; the last is a full one
	more   string // stands for what was cut
	times  string
	none   string // stands for what is not known
}

var (
	blocks = glyphs{levels: []rune(" ▁▂▃▄▅▆▇█"), bar: []rune(" ▏▎▍▌▋▊▉█"), more: "…", times: "×", none: "–"}
	ascii  = glyphs{levels: []rune(" .:-=+*#@"), bar: []rune(" #"), more: "...", times: "x", none: "-"}
)

// utf8Locale tells whether the user's locale, as POSIX finds it in the environment,
// writes UTF-8. Windows' terminals do.
func utf8Locale(getenv func(string) string) bool {
	if runtime.GOOS == "windows" {
		return true
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := getenv(name); v != "" {
			v = strings.ToLower(v)
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}

// level is the glyph of a value from 0 to most. A value above 0 is never nothing.
func (g glyphs) level(v, most float64) rune {
	steps := len(g.levels) - 1
	if !(v > 0) || most <= 0 {
		return g.levels[0]
	}
	i := 0
	for i < steps && float64(i)*most < v*float64(steps) {
		i++
	}
	return g.levels[max(i, 1)]
}

// sparkline draws values, gaps where they are below 0, on a scale from 0 to most.
// A value of 0 stands at the foot, as a gap does not.
func (g glyphs) sparkline(values []float64, most float64) string {
	var b strings.Builder
	for _, v := range values {
		switch {
		case v < 0:
			b.WriteRune(g.levels[0])
		case v == 0:
			b.WriteRune(g.levels[1])
		default:
			b.WriteRune(g.level(v, most))
		}
	}
	return b.String()
}

// barOf draws a share of a bar of so many cells, which it fills up with blanks.
func (g glyphs) barOf(share float64, cells int) string {
	parts := len(g.bar) - 1
	n := int(min(max(share, 0), 1)*float64(cells*parts) + 0.5)
	if n == 0 && share > 0 {
		n = 1
	}
	full := n / parts
	s := strings.Repeat(string(g.bar[parts]), full)
	if full < cells {
		s += string(g.bar[n%parts])
	}
	return s + strings.Repeat(" ", max(0, cells-full-1))
}

// maxHistogram is how many features are drawn.
const maxHistogram = 128

// histogram draws how often each feature won, a character a feature.
func (g glyphs) histogram(by map[int]int) string {
	last, most := -1, 0
	for f, n := range by {
		last, most = max(last, f), max(most, n)
	}
	var b strings.Builder
	for f := range min(last+1, maxHistogram) {
		b.WriteRune(g.level(float64(by[f]), float64(most)))
	}
	if last >= maxHistogram {
		b.WriteString(g.more)
	}
	return b.String()
}

// cutTo shortens a line to at most so many characters.
func (g glyphs) cutTo(line string, most int) string {
	runes := []rune(line)
	if len(runes) <= most {
		return line
	}
	more := []rune(g.more)
	if most <= len(more) {
		return string(runes[:max(most, 0)])
	}
	return string(runes[:most-len(more)]) + g.more
}
