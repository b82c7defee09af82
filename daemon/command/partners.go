package command

import (
	"fmt"
	"slices"

	"github.com/alecthomas/kong"
)

// given are the names of the flags that stand on a command line, as against those that
// have their default: whoever gives a flag believes that it changes something.
type given map[string]bool

// givenOf gives the flags of a command line that was understood.
func givenOf(k *kong.Context) given {
	g := given{}
	for _, p := range k.Path {
		if p.Flag != nil && !p.Resolved {
			g[p.Flag.Name] = true
		}
	}
	return g
}

// unused refuses flags that would change nothing, and says what is expected of them, such
// as "--method elm with it".
func (g given) unused(expected string, flags ...string) error {
	if i := slices.IndexFunc(flags, func(name string) bool { return g[name] }); i >= 0 {
		return usageError{fmt.Errorf("--%s: expected %s", flags[i], expected)}
	}
	return nil
}

// firstOf gives the first error of several checks.
func firstOf(checks ...error) error {
	if i := slices.IndexFunc(checks, func(err error) bool { return err != nil }); i >= 0 {
		return checks[i]
	}
	return nil
}

// twice gives the first name that stands twice in a list.
func twice(names []string) (name string, found bool) {
	for i, n := range names {
		if slices.Contains(names[:i], n) {
			return n, true
		}
	}
	return "", false
}
