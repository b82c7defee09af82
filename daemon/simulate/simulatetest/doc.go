// Package simulatetest lets the tests of a package share simulated recordings, which
// are made once and are gone when the tests have run.
package simulatetest
