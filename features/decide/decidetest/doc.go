// Package decidetest makes deciding networks of random weights, for tests and benchmarks of what runs them.
package decidetest
