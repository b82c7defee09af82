// Package command is saccade's command line: one file a command, each of which
// reads flags, calls the package that does the work and prints the result.
//
// Exit codes are 0 for done, 1 for failed and 2 for wrong use. With --json a
// command prints one JSON object on standard output; everything that is not its
// result goes to standard error.
package command
