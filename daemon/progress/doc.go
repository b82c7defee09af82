// Package progress shows how far the stages of a command have come: bars on a
// terminal, a line at the end of each stage elsewhere, or nothing.
//
// It draws on one writer and owns it from New to Close.
package progress
