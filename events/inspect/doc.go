// Package inspect tells what a recording holds: how many events, from when to
// when, how many of each polarity, where time runs backwards, and digests by
// which two recordings can be compared whatever their formats.
package inspect
