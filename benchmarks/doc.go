// Package benchmarks measures saccade as a whole: what the path through NATS costs
// beside the bare layer, what a layer does beside a C program, how near its kernels
// come to what the machine can at most (package internal/roof), and how its cost
// grows with neurons, patch and length of the stream; what is compared, in the same
// run. Packages have benchmarks of their own parts. README.md has the results, each
// with the command that prints it.
package benchmarks
