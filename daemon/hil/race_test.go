//go:build race

package hil_test

import "testing"

// raceEnabled says that everything takes ten times as long.
const raceEnabled = true

// slowWithRace skips tests of runs, which have no goroutines.
func slowWithRace(t *testing.T) {
	t.Helper()
	t.Skip("nothing here happens at the same time as anything else")
}
