package command

import (
	"errors"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// arguments are the command line as kong is to read it.
func arguments(args []string) []string {
	if len(args) == 0 {
		return []string{"--help"}
	}
	if args[0] == "help" {
		return append(args[1:len(args):len(args)], "--help")
	}
	// Kong takes a negative number behind a flag for another flag, unless the two
	// are joined: --port -1.
	var out []string
	for i, a := range args {
		if a == "--" {
			return append(out, args[i:]...)
		}
		if n := len(out); n > 0 && negative(a) && strings.HasPrefix(out[n-1], "--") && !strings.Contains(out[n-1], "=") {
			out[n-1] += "=" + a
			continue
		}
		out = append(out, a)
	}
	return out
}

// negative tells whether an argument is a number below zero, or such a duration.
func negative(a string) bool {
	return len(a) > 1 && a[0] == '-' && (a[1] >= '0' && a[1] <= '9' || a[1] == '.')
}

// usage tells what was wrong with the use of a command.
func (e *env) usage(message, command string) int {
	_, _ = fmt.Fprintf(e.stderr, "saccade: %s\nRun '%s --help' for how to use it.\n", message, command)
	return exitUsage
}

// parseMessage puts kong's complaint into words for people who look for a command.
func parseMessage(err error) string {
	text := err.Error()
	if rest, ok := strings.CutPrefix(text, "unexpected argument "); ok && commandOf(err) == "saccade" {
		return "unknown command " + rest
	}
	if rest, ok := strings.CutPrefix(text, "missing flags: "); ok {
		return "expected " + rest
	}
	// A positional argument or a flag's value that is missing.
	text = strings.NewReplacer(`but got "EOL" (<EOL>)`, "but found nothing", `but got`, "but found").Replace(text)
	if strings.HasPrefix(text, `expected "<`) {
		text = strings.ReplaceAll(text, `"`, "")
	}
	return text
}

// commandOf names the command that was not understood, without its arguments.
func commandOf(err error) string {
	name := "saccade"
	if pe, ok := errors.AsType[*kong.ParseError](err); ok && pe.Context != nil {
		for _, p := range pe.Context.Path {
			if p.Command != nil {
				name += " " + p.Command.Name
			}
		}
	}
	return name
}

// flagHelp is the help of a flag or argument, with the values that it can have
// and the one that it has if nothing is said, where that is not shown otherwise.
func flagHelp(v *kong.Value) string {
	help := v.Help
	if v.Enum != "" && !v.IsSlice() {
		help += " One of " + strings.ReplaceAll(v.Enum, ",", ", ") + "."
	}
	if v.HasDefault && v.Tag.PlaceHolder != "" {
		help += " Default: " + strings.ReplaceAll(v.Default, ",", ", ") + "."
	}
	return help
}
