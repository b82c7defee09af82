// Package benchmarks measures saccade as a whole: what the path through NATS costs
// beside the bare layer, on the same events in the same run. Packages have
// benchmarks of their own parts. README.md has the results, each with the command
// that prints it.
package benchmarks
